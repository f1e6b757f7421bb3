#ifndef BWI_BXML_UNKNOWN_NAMES_H
#define BWI_BXML_UNKNOWN_NAMES_H

#include "bxml/checker.h"

/* Report a name that is not in the table, with the most similar one. */
void bwi_bxml_unknown_element(
    struct bwi_bxml_checker *, const xmlNode *, const char *parent);
/*
 * The same for an attribute. Returns the attribute that it should be, the row's
 * content if it should be in the element, or NULL.
 */
const struct bwi_bxml_attr *
bwi_bxml_unknown_attr(struct bwi_bxml_checker *, const xmlNode *,
    const char *name, struct bw_str value, const struct bwi_bxml_element *);
/* The most similar word of the list, or NULL. */
const char *bwi_bxml_near_word(const struct bwi_bxml_words *, struct bw_str);

#endif
