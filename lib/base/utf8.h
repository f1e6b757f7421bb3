#ifndef BWI_BASE_UTF8_H
#define BWI_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

/*
 * Length (1 to 4) of the well-formed UTF-8 sequence (RFC 3629) that begins at
 * p, of which n > 0 bytes are there; 0 when it is not well-formed. *cp gets
 * the code point.
 */
size_t bwi_utf8_next(const char *p, size_t n, uint32_t *cp);

/* Length of the byte-order mark at the front of a text: 3 or 0. */
static inline size_t
bwi_utf8_mark(struct bw_str s)
{
	return s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* Length of the character at p, of which n > 0 bytes are there, in valid text.
 */
static inline size_t
bwi_utf8_length(const char *p, size_t n)
{
	size_t length = 1;

	while (length < n && ((unsigned char)p[length] & 0xc0) == 0x80)
		length++;
	return length;
}

/* Number of leading bytes of p that are well-formed; n if all are. */
size_t bwi_utf8_valid(const char *p, size_t n);

/* Write cp, which must be a scalar value, to out[4]; returns its length. */
size_t bwi_utf8_put(char *out, uint32_t cp);

#endif
