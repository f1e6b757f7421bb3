#ifndef BWC_COMMON_EVENT_TRACE_H
#define BWC_COMMON_EVENT_TRACE_H

#include <bwcallback/store.h>

/* How an answer was made, as <bwcallback/tools/trace.h> reads it. */

/*
 * Append " fallback" or " failed", and the name of the error; nothing for any
 * other answer.
 */
void events_put_outcome(struct bw_buf *, const struct bw_store_answer *);
/* Append lines "name  value"; none if nothing is known of it. */
void
events_put_trace(struct bw_buf *, const struct bw_store_answer *, bool reveal);

#endif
