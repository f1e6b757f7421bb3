#ifndef BWC_COMMON_JSON_STRING_H
#define BWC_COMMON_JSON_STRING_H

#include <bwcallback/buf.h>

/* Append the value as a JSON string, with its quotes. */
void json_string(struct bw_buf *, struct bw_str);

#endif
