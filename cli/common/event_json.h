#ifndef BWC_COMMON_EVENT_JSON_H
#define BWC_COMMON_EVENT_JSON_H

#include <bwcallback/store.h>
#include <bwcallback/tools/mask.h>

/* How much of the bodies the JSON contains. */
enum events_bodies {
	EVENTS_NO_BODIES,
	EVENTS_BODIES, /* without passwords */
	EVENTS_EXACT   /* the event's exact body: for programs */
};
/*
 * Append the event as one line of JSON. Without bodies, all values are masked.
 */
void
events_json(struct bw_buf *, const struct bw_store_row *, enum events_bodies);

/* Append a value as a JSON string, masked by its kind. */
void
events_json_text(struct bw_buf *, enum bw_mask, struct bw_str, bool reveal);

#endif
