#ifndef BWI_BXML_UNKNOWN_NAMES_H
#define BWI_BXML_UNKNOWN_NAMES_H

#include "bxml/checker.h"

/* Names that are not in the table, and what was meant. */
void bwi_bxml_unknown_element(
    struct bwi_bxml_checker *, const xmlNode *, const char *parent);
void bwi_bxml_unknown_attr(struct bwi_bxml_checker *, const xmlNode *,
    const char *name, const struct bwi_bxml_element *);
/* The word that was meant, or NULL. */
const char *bwi_bxml_near_word(const struct bwi_bxml_words *, struct bw_str);

#endif
