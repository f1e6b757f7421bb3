#ifndef BWI_BASE_JSON_QUOTE_H
#define BWI_BASE_JSON_QUOTE_H

#include <bwcallback/buf.h>

/*
 * Append text as the content of a JSON string, without the quotes. Bytes that
 * are not UTF-8 become U+FFFD.
 */
void bwi_json_quote(struct bw_buf *, struct bw_str);

#endif
