#ifndef BWC_COMMON_EVENT_JSON_H
#define BWC_COMMON_EVENT_JSON_H

#include <bwcallback/store.h>
#include <bwcallback/tools/mask.h>

/* How much of a body an object of JSON has. */
enum events_bodies {
	EVENTS_NO_BODIES,
	EVENTS_BODIES, /* without passwords */
	EVENTS_EXACT   /* of the event, as it came: for programs */
};
/* Append the event as one line of JSON; everything masked without bodies. */
void
events_json(struct bw_buf *, const struct bw_store_row *, enum events_bodies);

/* Append a value as a string of JSON, masked by its kind. */
void
events_json_text(struct bw_buf *, enum bw_mask, struct bw_str, bool reveal);

#endif
