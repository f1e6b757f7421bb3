#ifndef BWCALLBACK_TOOLS_STR_H
#define BWCALLBACK_TOOLS_STR_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* White space of XML and JSON. */
static inline bool
bw_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Of the decimal digits, in every locale. */
static inline bool
bw_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Without white space at either end. */
static inline struct bw_str
bw_str_trim(struct bw_str s)
{
	while (s.n > 0 && bw_is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && bw_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static inline bool
bw_str_begins(struct bw_str s, struct bw_str with)
{
	return s.n >= with.n &&
	       (with.n == 0 || memcmp(s.p, with.p, with.n) == 0);
}

/* The same, whatever the case of the letters in s; with is lower case. */
static inline bool
bw_str_begins_lower(struct bw_str s, const char *with)
{
	size_t i = 0;

	for (; with[i] != '\0' && i < s.n; i++) {
		char c = s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != with[i])
			return false;
	}
	return with[i] == '\0';
}

/* By bytes, a prefix first: below 0, 0 or above 0. */
static inline int
bw_str_compare(struct bw_str a, struct bw_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n != 0 ? memcmp(a.p, b.p, n) : 0;

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

#ifdef __cplusplus
}
#endif

#endif
