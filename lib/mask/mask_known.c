/* What has many digits and is no telephone number. */
#include <bwcallback/tools/str.h>

#include "base/hex.h"
#include "mask/mask.h"

#define UUID 36 /* "8684b1c8-7d41-4877-bfc2-6bd8ea4dc89f" */

/* The character at i; 0 before the first and after the last one. */
static char
at(struct bw_str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

static bool
has_text(struct bw_str s, size_t i, const char *text)
{
	size_t n = strlen(text);

	return i <= s.n && n <= s.n - i && memcmp(s.p + i, text, n) == 0;
}

/* Two digits with a value from least to most. */
static bool
is_pair(struct bw_str s, size_t i, int least, int most)
{
	int v = bw_is_digit(at(s, i)) && bw_is_digit(at(s, i + 1))
		    ? (at(s, i) - '0') * 10 + (at(s, i + 1) - '0')
		    : -1;

	return v >= least && v <= most;
}

/*
 * The length of a date, "2026-03-01". 0 also when adjacent characters could
 * make it part of a number.
 */
static size_t
date_length(struct bw_str s, size_t i)
{
	char before = at(s, i - 1), after = at(s, i + 10);

	return before != '+' && before != '-' && has_text(s, i, "20") &&
		       is_pair(s, i + 2, 0, 99) && at(s, i + 4) == '-' &&
		       is_pair(s, i + 5, 1, 12) && at(s, i + 7) == '-' &&
		       is_pair(s, i + 8, 1, 31) && !bw_is_digit(after) &&
		       after != '-'
		   ? 10
		   : 0;
}

/* The length of a time, "14:23:02.265", down to nanoseconds. */
static size_t
time_length(struct bw_str s, size_t i)
{
	size_t n = 8;

	if (!is_pair(s, i, 0, 23) || at(s, i + 2) != ':' ||
	    !is_pair(s, i + 3, 0, 59) || at(s, i + 5) != ':' ||
	    !is_pair(s, i + 6, 0, 60))
		return 0;
	if (at(s, i + n) == '.' && bw_is_digit(at(s, i + n + 1))) {
		for (n++; n < 18 && bw_is_digit(at(s, i + n));)
			n++;
	}
	return bw_is_digit(at(s, i + n)) ? 0 : n;
}

/* The end of a number of an address, from 0 to 255; i: there is none. */
static size_t
octet_end(struct bw_str s, size_t i)
{
	size_t end = i;
	int v = 0;

	while (end < i + 3 && bw_is_digit(at(s, end)))
		v = v * 10 + (at(s, end++) - '0');
	return v > 255 || (end > i + 1 && s.p[i] == '0') ? i : end;
}

/* Does what is around show that it is an address? */
static bool
is_at_host(struct bw_str s, size_t i, size_t end)
{
	char before = at(s, i - 1);

	return before == '@' || before == '[' ||
	       (before == '/' && at(s, i - 2) == '/') ||
	       (at(s, end) == ':' && bw_is_digit(at(s, end + 1))) ||
	       has_text(s, end + 1, ", port ");
}

/* Can nothing before i belong to the same telephone number? */
static bool
is_begin(struct bw_str s, size_t i)
{
	char before = at(s, i - 1);

	return before == ' ' || before == '(' ||
	       (before != '+' && bwi_mask_separator(s, i - 1) == 0);
}

/*
 * The length of an IPv4 address. Telephone numbers are written with dots too:
 * some as four pairs.
 */
static size_t
address_length(struct bw_str s, size_t i, bool inside)
{
	size_t end = i, pairs = 0;

	if (!is_begin(s, i))
		return 0;
	for (int k = 0; k < 4; k++) {
		size_t begin = k == 0 ? i : end + 1;

		if (k > 0 && at(s, end) != '.')
			return 0;
		end = octet_end(s, begin);
		if (end == begin)
			return 0;
		pairs += end - begin == 2;
	}
	if (bw_is_digit(at(s, end)) ||
	    (bwi_mask_separator(s, end) > 0 && bw_is_digit(at(s, end + 1))))
		return 0;
	return (pairs < 4 && !inside) || is_at_host(s, i, end) ? end - i : 0;
}

static bool
is_uuid(struct bw_str s, size_t i)
{
	if (i > s.n || s.n - i < UUID)
		return false;
	for (size_t k = 0; k < UUID; k++) {
		bool dash = k == 8 || k == 13 || k == 18 || k == 23;

		if (dash ? s.p[i + k] != '-' : bwi_hex_digit(s.p[i + k]) < 0)
			return false;
	}
	return true;
}

/* How much of a UUID follows from i, which may be anywhere in it. */
static size_t
uuid_length(struct bw_str s, size_t i)
{
	for (size_t back = 0; back <= i && back < UUID; back++) {
		char c = s.p[i - back];

		if (c != '-' && bwi_hex_digit(c) < 0)
			return 0;
		if (is_uuid(s, i - back))
			return UUID - back;
	}
	return 0;
}

/* The length of an amount of bytes, "1073741824 bytes". */
static size_t
amount_length(struct bw_str s, size_t i)
{
	size_t end = i;

	while (bw_is_digit(at(s, end)))
		end++;
	return is_begin(s, i) && has_text(s, end, " bytes") ? end - i : 0;
}

size_t
bwi_mask_known(struct bw_str s, size_t i, bool inside)
{
	size_t n = inside && at(s, i - 1) != ' ' ? 0 : date_length(s, i);

	if (n == 0)
		n = time_length(s, i);
	if (n == 0)
		n = address_length(s, i, inside);
	if (n == 0)
		n = uuid_length(s, i);
	return n > 0 || inside ? n : amount_length(s, i);
}
