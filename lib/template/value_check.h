#ifndef BWI_TEMPLATE_VALUE_CHECK_H
#define BWI_TEMPLATE_VALUE_CHECK_H

#include "bxml/language.h"
#include "template/template.h"

/*
 * How to check a value that contains placeholders at each rendering, so that no
 * text from a caller can produce an answer that Bandwidth rejects.
 */
struct bwi_value_check {
	struct bwi_bxml_attr kind;
	bool text;  /* text of an element: trim white space */
	bool https; /* credentials beside it: plain http is wrong */
};

/*
 * The check, in the arena. fn is NULL if any text is valid; arg is NULL if out
 * of memory. attr: an attribute of the row, or its content.
 */
struct bwi_template_check bwi_value_check_check(struct bwi_arena *,
    const struct bwi_bxml_element *, const struct bwi_value_check *);

#endif
