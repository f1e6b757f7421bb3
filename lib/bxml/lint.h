#ifndef BWI_BXML_LINT_H
#define BWI_BXML_LINT_H

#include "bxml/checker.h"
#include "bxml/rules.h"

/* Warnings about documents that are valid but probably a mistake. */
void bwi_bxml_lint_element(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *, const struct bwi_bxml_values *);
void bwi_bxml_lint_text(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *, struct bw_str text);
/* For an element directly below the root. */
void bwi_bxml_lint_verb(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *, const struct bwi_bxml_values *);
void bwi_bxml_lint_end(struct bwi_bxml_checker *);

#endif
