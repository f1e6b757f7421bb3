#ifndef BWC_COMMON_CONSUMER_ROW_H
#define BWC_COMMON_CONSUMER_ROW_H

#include <bwcallback/buf.h>
#include <bwcallback/tools/store.h>

/* Append the heading of a table of consumers. */
void consumer_heading(struct bw_buf *);
/* Append a consumer as a line of it; now: the time of day. */
void consumer_row(
    struct bw_buf *, const struct bw_store_consumer_state *, int64_t now);
/* Append a consumer as an object of JSON. */
void consumer_json(struct bw_buf *, const struct bw_store_consumer_state *);

#endif
