#ifndef BWC_EVENT_JSON_H
#define BWC_EVENT_JSON_H

#include <bwcallback/store.h>

/* Append the event as one line of JSON; bodies only with reveal. */
void events_json(struct bw_buf *, const struct bw_store_row *, bool reveal);

#endif
