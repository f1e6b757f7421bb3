#ifndef BWI_BASE_STR_H
#define BWI_BASE_STR_H

#include <bwcallback/buf.h>
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

/* Stands for a placeholder in the outline of a template. */
#define BWI_OUTLINE_VALUE '\x01'

/*
 * Append a template with BWI_OUTLINE_VALUE in place of each placeholder and
 * with single braces in place of double ones.
 */
void bwi_str_outline(struct bw_str, struct bw_buf *);

#endif
