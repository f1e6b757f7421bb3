#ifndef BWI_BXML_VALUE_H
#define BWI_BXML_VALUE_H

#include "bxml/language.h"

/*
 * Is this a value of that attribute (or, for an element's content, that text,
 * white space at both ends already dropped)? Any bytes; linear in them.
 */
bool bwi_bxml_value_ok(const struct bwi_bxml_attr *, struct bw_str);

/* What is allowed instead: "a number from 1 to 50", cut at size. */
void
bwi_bxml_value_allowed(const struct bwi_bxml_attr *, char *text, size_t size);

/* The pattern of a type in XML Schema's language; NULL when it has none. */
const char *bwi_bxml_type_pattern(enum bwi_bxml_type);

/* White space of XML and nothing else? */
bool bwi_bxml_is_blank(struct bw_str);

/* One of the four words that stand for a number that is not shown. */
bool bwi_bxml_hides_number(struct bw_str);

/* http, not https; a relative URL is neither. */
bool bwi_bxml_is_plain_http(struct bw_str url);

/* A number that bwi_bxml_value_ok has accepted. */
double bwi_bxml_number(struct bw_str);

#endif
