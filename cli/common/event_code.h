#ifndef BWC_COMMON_EVENT_CODE_H
#define BWC_COMMON_EVENT_CODE_H

#include <bwcallback/tools/row.h>

/* Append why a message failed: "4720 invalid-destination (by Bandwidth)". */
void events_put_code(struct bw_buf *, const struct bw_row_code *);

#endif
