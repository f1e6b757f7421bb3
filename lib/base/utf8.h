#ifndef BWI_BASE_UTF8_H
#define BWI_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

/*
 * Length (1 to 4) of the well-formed UTF-8 sequence (RFC 3629) at p, which has
 * n > 0 bytes; 0 when the sequence is not well-formed. *cp gets the code point.
 */
size_t bwi_utf8_next(const char *p, size_t n, uint32_t *cp);

/* Length of the byte-order mark at the start of a text: 3 or 0. */
static inline size_t
bwi_utf8_mark(struct bw_str s)
{
	return s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* The text after its byte-order mark. An empty text may have p NULL. */
static inline struct bw_str
bwi_utf8_without_mark(struct bw_str s)
{
	if (bwi_utf8_mark(s) == 0)
		return s;
	return (struct bw_str){s.p + 3, s.n - 3};
}

/* Length of the character at p, in valid text of n > 0 bytes. */
static inline size_t
bwi_utf8_length(const char *p, size_t n)
{
	size_t length = 1;

	while (length < n && ((unsigned char)p[length] & 0xc0) == 0x80)
		length++;
	return length;
}

/* Number of leading bytes of p that are well-formed UTF-8. */
size_t bwi_utf8_valid(const char *p, size_t n);

/*
 * Write cp, which must be a Unicode scalar value, to out[4]. Returns the
 * length.
 */
size_t bwi_utf8_put(char *out, uint32_t cp);

/*
 * Length of a text for "%.*s" in a message: at most max bytes, and no
 * incomplete character at the end.
 */
int bwi_utf8_shown(struct bw_str, size_t most);

#endif
