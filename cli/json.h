#ifndef BWC_JSON_H
#define BWC_JSON_H

#include <bwcallback/buf.h>

/* Append it as a JSON string, quotes and all. */
void json_string(struct bw_buf *, struct bw_str);

#endif
