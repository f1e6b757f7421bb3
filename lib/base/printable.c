/* Makes untrusted text harmless to a terminal. */
#include "base/printable.h"

#include "base/utf8.h"

static bool
is_harmful(uint32_t c)
{
	/*
	 * Control characters; soft hyphen, joiners, marks of direction and
	 * other invisible characters; line and paragraph separator; tags.
	 */
	static const uint32_t ranges[][2] = {{0, 0x1f}, {0x7f, 0x9f},
	    {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200f},
	    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
	    {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	}
	return false;
}

size_t
bw_printable_next(struct bw_str s, uint32_t *c, bool *plain)
{
	size_t n;

	*c = (unsigned char)s.p[0];
	if (*c < 0x80) {
		*plain = !is_harmful(*c);
		return 1;
	}
	n = bwi_utf8_next(s.p, s.n, c);
	if (n == 0)
		*c = (unsigned char)s.p[0];
	*plain = n > 0 && !is_harmful(*c);
	return n > 0 ? n : 1;
}

/* Append the escaped form of a character of n bytes. */
static void
put_escaped(struct bw_buf *b, uint32_t c, size_t n)
{
	if (c == '\n' || c == '\t' || c == '\r')
		bw_buf_putc(b, ' ');
	else if (n == 1 && c >= 0x80)
		bw_buf_printf(b, "\\x%02x", (unsigned)c);
	else
		bw_buf_printf(b, "\\u{%x}", (unsigned)c);
}

static void
put_json(struct bw_buf *b, uint32_t c, size_t n)
{
	if (n == 1 && c >= 0x80) {
		bw_buf_puts(b, "\\ufffd");
	} else if (c < 0x10000) {
		bw_buf_printf(b, "\\u%04x", (unsigned)c);
	} else {
		c -= 0x10000;
		bw_buf_printf(b, "\\u%04x\\u%04x", 0xd800 + (unsigned)(c >> 10),
		    0xdc00 + (unsigned)(c & 0x3ff));
	}
}

typedef void put_fn(struct bw_buf *, uint32_t c, size_t n);

/* verbatim: control characters that are appended as they are. */
static void
add(struct bw_buf *b, struct bw_str s, const char *verbatim, put_fn *put)
{
	for (size_t done = 0, n; done < s.n; done += n) {
		struct bw_str rest = {s.p + done, s.n - done};
		uint32_t c;
		bool plain;

		n = bw_printable_next(rest, &c, &plain);
		if (plain || (c != 0 && c < 0x20 && strchr(verbatim, (int)c)))
			bw_buf_add(b, rest.p, n);
		else
			put(b, c, n);
	}
}

void
bw_printable_add(struct bw_buf *b, struct bw_str s)
{
	add(b, s, "", put_escaped);
}

void
bw_printable_lines(struct bw_buf *b, struct bw_str s)
{
	add(b, s, "\n\t", put_escaped);
}

void
bw_printable_json(struct bw_buf *b, struct bw_str s)
{
	add(b, s, "\n\t", put_json);
}

/* Is it the beginning of a character whose end was cut off? */
static bool
is_cut(struct bw_str s)
{
	unsigned char first = (unsigned char)s.p[0];

	for (size_t i = 1; i < s.n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return false;
	}
	return first >= 0xc2 && first < 0xf5 && s.n < 4;
}

void
bwi_printable_message(char *message)
{
	struct bw_str s = {message, strlen(message)};
	size_t to = 0;

	for (size_t i = 0, n; i < s.n; i += n) {
		struct bw_str rest = {s.p + i, s.n - i};
		uint32_t c;
		bool plain;

		n = bw_printable_next(rest, &c, &plain);
		if (!plain && c >= 0x80 && n == 1 && is_cut(rest))
			break;
		if (plain)
			memmove(message + to, rest.p, n);
		else
			message[to] = '?';
		to += plain ? n : 1;
	}
	message[to] = '\0';
}
