#ifndef BWI_TEMPLATE_VALUE_CHECK_H
#define BWI_TEMPLATE_VALUE_CHECK_H

#include "bxml/language.h"
#include "template/template.h"

/*
 * A place of an answer that a placeholder fills: what it becomes is looked at
 * each time, so that no caller's words make an answer that Bandwidth rejects.
 */
struct bwi_value_check {
	struct bwi_bxml_attr kind;
	bool text;  /* an element's: white space at both ends is dropped */
	bool https; /* plain http is wrong, as credentials stand beside it */
};

/*
 * What looks at it, both in the arena; a fn of NULL when any text will do, and
 * an arg of NULL when there is no memory. attr is one of the row's, or its
 * content.
 */
struct bwi_template_check bwi_value_check_check(struct bwi_arena *,
    const struct bwi_bxml_element *, const struct bwi_value_check *);

#endif
