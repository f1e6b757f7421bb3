#ifndef BWI_BXML_RULES_H
#define BWI_BXML_RULES_H

#include <stdint.h>

#include "bxml/language.h"

/* Values of an element's attributes, in the order of its row. */
struct bwi_bxml_values {
	struct bw_str v[BWI_BXML_MAX_ATTRS]; /* p NULL: absent */
	uint32_t open; /* bit i: value i holds a placeholder */
};

/* p NULL if the attribute is absent. */
struct bw_str bwi_bxml_value(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, const char *attr);
/* Does its value hold a placeholder, so that it is not known yet? */
bool bwi_bxml_is_open(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, const char *attr);

/* Receives a fault and the attribute at fault (NULL: the element itself). */
typedef void bwi_bxml_fault_fn(void *arg, const char *attr, const char *text);

/*
 * Check the rules that involve several attributes of an element, or the number
 * of its children.
 */
void bwi_bxml_check_rules(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, size_t children, bwi_bxml_fault_fn *,
    void *arg);

#endif
