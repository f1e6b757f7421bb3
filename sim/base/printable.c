/* Escapes untrusted text. */
#include "sim/base/printable.h"

#include <stdbool.h>
#include <stdint.h>

#define BROKEN 0xfffd

/* Decode one UTF-8 character; false if the bytes are not valid UTF-8. */
static bool
decode(const unsigned char *p, size_t n, uint32_t *c, size_t *length)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	size_t more = p[0] < 0x80   ? 0
		      : p[0] < 0xc2 ? 4
		      : p[0] < 0xe0 ? 1
		      : p[0] < 0xf0 ? 2
		      : p[0] < 0xf5 ? 3
				    : 4;

	*length = 1;
	if (more > 3 || more >= n)
		return false;
	*c = more == 0 ? p[0] : p[0] & (0x3fU >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		*c = *c << 6 | (p[i] & 0x3fU);
	}
	if (*c < least[more] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return false;
	*length = more + 1;
	return true;
}

static bool
is_harmful(uint32_t c)
{
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

void
sim_printable(FILE *f, struct bw_str s)
{
	for (size_t i = 0, length; i < s.n; i += length) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		uint32_t c;

		if (!decode(p, s.n - i, &c, &length))
			fprintf(f, "\\x%02x", *p);
		else if (c == '\n' || c == '\t' || c == '\r')
			putc(' ', f);
		else if (is_harmful(c))
			fprintf(f, "\\u{%x}", (unsigned)c);
		else
			fwrite(p, 1, length, f);
	}
}

void
sim_printable_text(FILE *f, const char *s)
{
	if (s != NULL)
		sim_printable(f, (struct bw_str){s, strlen(s)});
}

static void
put_json(FILE *f, uint32_t c)
{
	if (c == '"' || c == '\\') {
		putc('\\', f);
		putc((int)c, f);
	} else if (c >= 0x20 && c < 0x7f) {
		putc((int)c, f);
	} else if (c < 0x10000) {
		fprintf(f, "\\u%04x", (unsigned)c);
	} else {
		c -= 0x10000;
		fprintf(f, "\\u%04x\\u%04x", 0xd800 + (unsigned)(c >> 10),
		    0xdc00 + (unsigned)(c & 0x3ff));
	}
}

void
sim_printable_json(FILE *f, struct bw_str s)
{
	if (s.p == NULL) {
		fputs("null", f);
		return;
	}
	putc('"', f);
	for (size_t i = 0, length; i < s.n; i += length) {
		uint32_t c;

		if (!decode(
			(const unsigned char *)s.p + i, s.n - i, &c, &length))
			c = BROKEN;
		put_json(f, c);
	}
	putc('"', f);
}

void
sim_printable_json_text(FILE *f, const char *s)
{
	sim_printable_json(f, (struct bw_str){s, s != NULL ? strlen(s) : 0});
}
