#ifndef BWI_BASE_JSON_QUOTE_H
#define BWI_BASE_JSON_QUOTE_H

#include <bwcallback/buf.h>

/* Append text as the inside of a JSON string: valid UTF-8 whatever comes. */
void bwi_json_quote(struct bw_buf *, struct bw_str);

#endif
