#include <bwcallback/buf.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/utf8.h"

void
bw_buf_init(struct bw_buf *b, size_t max)
{
	*b = (struct bw_buf){.max = max};
}

void
bw_buf_free(struct bw_buf *b)
{
	bwi_free(b->p);
	bw_buf_init(b, b->max);
}

void
bw_buf_reset(struct bw_buf *b)
{
	b->n = 0;
	b->err = BW_OK;
}

/* Grow the memory so that n more bytes fit. */
static bool
grow(struct bw_buf *b, size_t n)
{
	size_t first = b->max < 256 ? b->max : 256;
	size_t cap = b->cap != 0 ? b->cap : first;
	char *p;

	if (n > b->max - b->n) {
		b->err = BW_ERR_LIMIT;
		return false;
	}
	while (cap - b->n < n)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	p = bwi_realloc(b->p, cap);
	if (p == NULL) {
		b->err = BW_ERR_NOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

static inline bool
make_room(struct bw_buf *b, size_t n)
{
	return b->err == BW_OK && (n <= b->cap - b->n || grow(b, n));
}

void
bw_buf_reserve(struct bw_buf *b, size_t n)
{
	if (n > b->n)
		(void)make_room(b, n - b->n);
}

void
bw_buf_add(struct bw_buf *b, const char *p, size_t n)
{
	if (n == 0 || !make_room(b, n))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
bw_buf_str(struct bw_buf *b, struct bw_str s)
{
	bw_buf_add(b, s.p, s.n);
}

void
bw_buf_puts(struct bw_buf *b, const char *s)
{
	bw_buf_add(b, s, strlen(s));
}

void
bw_buf_putc(struct bw_buf *b, char c)
{
	if (make_room(b, 1))
		b->p[b->n++] = c;
}

void
bw_buf_int(struct bw_buf *b, long long v)
{
	char tmp[24];
	size_t i = sizeof(tmp);
	unsigned long long u =
	    v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v;

	do {
		tmp[--i] = (char)('0' + u % 10);
		u /= 10;
	} while (u != 0);
	if (v < 0)
		tmp[--i] = '-';
	bw_buf_add(b, tmp + i, sizeof(tmp) - i);
}

void
bw_buf_printf(struct bw_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->err = b->err != BW_OK ? b->err : BW_ERR_INTERNAL;
		return;
	}
	/* vsnprintf writes a NUL: reserve room for it, but do not count it. */
	if (!make_room(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

/* The reference that replaces a byte in XML, or NULL when none does. */
static const char *
xml_reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>' &&
	       c != '"' && c != '\'';
}

/* XML 1.0 §2.2 Char, less the noncharacters that parsers differ on. */
static bool
is_xml_char(uint32_t cp)
{
	return cp >= 0x20 && cp != 0x7f && cp != 0xfffe && cp != 0xffff;
}

void
bw_buf_xml(struct bw_buf *b, struct bw_str s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t start = i;
		const char *ref;
		uint32_t cp;
		size_t len;

		while (i < s.n && is_plain((unsigned char)s.p[i]))
			i++;
		bw_buf_add(b, s.p + start, i - start);
		if (i == s.n)
			break;
		ref = xml_reference(s.p[i]);
		if (ref != NULL) {
			bw_buf_puts(b, ref);
			i++;
			continue;
		}
		len = bwi_utf8_next(s.p + i, s.n - i, &cp);
		if (len != 0 && is_xml_char(cp))
			bw_buf_add(b, s.p + i, len);
		else
			bw_buf_puts(b, "\xef\xbf\xbd");
		i += len != 0 ? len : 1;
	}
}

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void
bw_buf_url(struct bw_buf *b, struct bw_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(c)) {
			bw_buf_putc(b, (char)c);
		} else {
			char esc[3] = {'%', hex[c >> 4], hex[c & 15]};

			bw_buf_add(b, esc, sizeof(esc));
		}
	}
}
