#ifndef BWI_BASE_STR_H
#define BWI_BASE_STR_H

#include <bwcallback/tools/str.h>

/* Removes c from the front of the text; false when it is not there. */
static inline bool
bwi_str_take(struct bw_str *s, char c)
{
	if (s->n == 0 || *s->p != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* Is there a placeholder of a template in it? A doubled brace is text. */
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
