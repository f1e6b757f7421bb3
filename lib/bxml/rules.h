#ifndef BWI_BXML_RULES_H
#define BWI_BXML_RULES_H

#include <stdint.h>

#include "bxml/language.h"

/* The values of an element's attributes, one for each of its row's. */
struct bwi_bxml_values {
	struct bw_str v[BWI_BXML_MAX_ATTRS]; /* p NULL: not there */
	uint32_t open; /* bit i: value i holds a placeholder */
};

/* An absent string when it is not there. */
struct bw_str bwi_bxml_value(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, const char *attr);
/* Does its value hold a placeholder, whose value is not known yet? */
bool bwi_bxml_is_open(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, const char *attr);

/* Gets what is wrong, and with which attribute (NULL: with the element). */
typedef void bwi_bxml_fault_fn(void *arg, const char *attr, const char *text);

/*
 * What holds between attributes of one element and the number
 * of its children, beyond what each may be by itself.
 */
void bwi_bxml_check_rules(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, size_t children, bwi_bxml_fault_fn *,
    void *arg);

#endif
