#ifndef BWI_BXML_ADVICE_H
#define BWI_BXML_ADVICE_H

#include <libxml/tree.h>

#include "bxml/language.h"

/* What to write instead, ", write ..." or "" if nothing is known. */
struct bwi_advice {
	char text[200];
	/*
	 * The attribute that it names, which then is not reported as missing;
	 * the row's content for the text or an element inside; or NULL.
	 */
	const struct bwi_bxml_attr *attr;
};

/* About text in an element that has none. */
struct bwi_advice
bwi_bxml_advise_text(const struct bwi_bxml_element *, struct bw_str text);

/* About an invalid value of an attribute, or of the text of the element. */
struct bwi_advice bwi_bxml_advise_value(const struct bwi_bxml_element *,
    const xmlNode *, const struct bwi_bxml_attr *, struct bw_str value);

/*
 * About an attribute that the element does not have. near: the most similar
 * name of its attributes, or NULL.
 */
struct bwi_advice bwi_bxml_advise_attr(const struct bwi_bxml_element *,
    const xmlNode *, const char *name, struct bw_str value, const char *near);
/* The first piece of text in an element that is not blank, trimmed; or n 0. */
struct bw_str bwi_bxml_text_of(const xmlNode *);

#endif
