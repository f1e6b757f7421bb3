#ifndef BWI_BXML_VALUE_H
#define BWI_BXML_VALUE_H

#include <bwcallback/tools/url.h>

#include "bxml/language.h"

/*
 * Is this a valid value of the attribute? For the text of an element, white
 * space at both ends has been removed. Accepts any bytes; takes linear time.
 */
bool bwi_bxml_value_ok(const struct bwi_bxml_attr *, struct bw_str);

/*
 * The same, but without checking the parts of a URL, which the schema cannot
 * express (see bwi_bxml_url_kind).
 */
bool bwi_bxml_form_ok(const struct bwi_bxml_attr *, struct bw_str);

/*
 * The kind of URL of a value. False: not a URL, such as a telephone number
 * where SIP URIs are also allowed.
 */
bool bwi_bxml_url_kind(
    const struct bwi_bxml_attr *, struct bw_str, enum bw_url_kind *);

/* Large enough for every description of values. */
#define BWI_BXML_ALLOWED_SIZE 360

/*
 * Describe the valid values: "a number from 1 to 50". Of a long list, the first
 * words and where the others are.
 */
void bwi_bxml_value_allowed(
    const struct bwi_bxml_attr *, char text[BWI_BXML_ALLOWED_SIZE]);

/* The type as a pattern of XML Schema; NULL if it has none. */
const char *bwi_bxml_type_pattern(enum bwi_bxml_type);

/* Is it empty, or only white space of XML? */
bool bwi_bxml_is_blank(struct bw_str);

/* Is it one of the four words that stand for a hidden number? */
bool bwi_bxml_hides_number(struct bw_str);

/* Is it an absolute http URL? Neither https nor relative URLs are. */
bool bwi_bxml_is_plain_http(struct bw_str url);

/* The number in a value that bwi_bxml_value_ok has accepted. */
double bwi_bxml_number(struct bw_str);

#endif
