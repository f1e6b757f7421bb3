#ifndef BWI_BASE_STR_H
#define BWI_BASE_STR_H

#include <bwcallback/tools/str.h>

/*
 * Remove c from the front of the text. False when the text does not begin with
 * it.
 */
static inline bool
bwi_str_take(struct bw_str *s, char c)
{
	if (s->n == 0 || *s->p != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* Does the text have a template placeholder? "{{" is an escaped brace. */
static inline bool
bwi_str_has_placeholder(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '{')
			continue;
		if (i + 1 == s.n || s.p[i + 1] != '{')
			return true;
		i++;
	}
	return false;
}

#endif
