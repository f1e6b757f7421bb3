#ifndef BWC_COMMON_JSON_STRING_H
#define BWC_COMMON_JSON_STRING_H

#include <bwcallback/buf.h>

/* Append it as a JSON string, quotes and all. */
void json_string(struct bw_buf *, struct bw_str);

#endif
