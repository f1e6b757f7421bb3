#ifndef BWI_PAGE_LIVE_TEXT_H
#define BWI_PAGE_LIVE_TEXT_H

#include "page/live_rows.h"

/* What readers of live pages are sent. */

/* A server-sent event with one line of JSON. */
void
bwi_live_event(struct bw_buf *, const char *name, const struct bw_buf *data);
/*
 * The rows that have a serial number above one: the newest that fit, and first,
 * if any is left out, how many.
 */
void bwi_live_rows_events(
    const struct bwi_live_rows *, uint64_t after, struct bw_buf *);
/* The rows of the past; say_more: say that some are left out. */
void bwi_live_past_events(
    const struct bwi_live_past *, bool say_more, struct bw_buf *);
/* The same as members of a JSON object. */
void bwi_live_past_members(
    const struct bwi_live_past *, bool say_more, struct bw_buf *);

#endif
