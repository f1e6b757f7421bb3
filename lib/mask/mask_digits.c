/* Finds telephone numbers in text. */
#include "mask/mask.h"

#include <bwcallback/tools/str.h>

/* A local number has seven digits; the last four of a number are shown. */
#define NUMBER_MIN  7
#define NUMBER_SHOW 4

/* Most separators between two digits of a number: " - ". */
#define MAX_GAP 3

/* Is there a percent-encoded separator or plus sign at i, as "%20"? */
static bool
is_escape(struct bw_str s, size_t i)
{
	static const char escaped[] = "089BbDdEe"; /* " ()+-." */

	return i + 2 < s.n && s.p[i] == '%' && s.p[i + 1] == '2' &&
	       memchr(escaped, s.p[i + 2], sizeof(escaped) - 1) != NULL;
}

/* No-break space, and spaces and dashes from U+2000 to U+2015. */
static size_t
wide_separator(const unsigned char *p, size_t n)
{
	if (n >= 2 && p[0] == 0xc2 && p[1] == 0xa0)
		return 2;
	if (n >= 3 && p[0] == 0xe2 && p[1] == 0x80 &&
	    ((p[2] >= 0x80 && p[2] <= 0x95) || p[2] == 0xaf))
		return 3;
	return 0;
}

size_t
bwi_mask_separator(struct bw_str s, size_t i)
{
	static const char plain[] = " \t-.()";

	if (i >= s.n)
		return 0;
	if (memchr(plain, s.p[i], sizeof(plain) - 1) != NULL)
		return 1;
	if (is_escape(s, i))
		return 3;
	return wide_separator((const unsigned char *)s.p + i, s.n - i);
}

/*
 * The end of the number at i, after at most so many digits; *digits is their
 * count.
 */
static size_t
number_end(struct bw_str s, size_t i, size_t most, size_t *digits)
{
	size_t end = i, gap = 0;

	*digits = 0;
	while (i < s.n && gap <= MAX_GAP && *digits < most) {
		size_t n = bwi_mask_separator(s, i);

		if (n == 0 && (!bw_is_digit(s.p[i]) ||
				  (gap > 0 && bwi_mask_known(s, i, true) > 0)))
			break;
		if (n > 0) {
			gap++;
			i += n;
			continue;
		}
		++*digits;
		gap = 0;
		end = ++i;
	}
	return end;
}

size_t
bw_mask_digits(struct bw_str s, size_t at, size_t *hidden)
{
	size_t digits, end;

	*hidden = 0;
	/* A digit of a percent escape is not part of a number. */
	if (at >= 1 && is_escape(s, at - 1))
		return 2;
	if (at >= 2 && is_escape(s, at - 2))
		return 1;
	end = bwi_mask_known(s, at, false);
	if (end > 0)
		return end;
	end = number_end(s, at, SIZE_MAX, &digits);
	if (digits >= NUMBER_MIN) {
		*hidden = number_end(s, at, digits - NUMBER_SHOW, &digits) - at;
		return end - at;
	}
	for (end = at; end < s.n && bw_is_digit(s.p[end]);)
		end++;
	return end > at ? end - at : 1;
}
