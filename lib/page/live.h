#ifndef BWI_PAGE_LIVE_H
#define BWI_PAGE_LIVE_H

#include "page/view.h"

/*
 * Pages that follow what comes in. Their script reads
 *
 *   stream  server-sent events, a request that is parked for minutes:
 *           "row" (a row of a table of events, as a tree), "state" (what "Now"
 *           has besides rows), "gap" (rows were left out)
 *   poll    the same as JSON, at the next change or after some seconds
 *
 * with the filters of the page "events", after=N (the newest event that the
 * page has) and state=1. No reader looks into the store by itself: one of them
 * does for all.
 */
struct bwi_live;

/*
 * Answer a reader, from the memory of its page. false: the request is parked,
 * perhaps with a part of the answer; call this again.
 */
bool bwi_live_answer(struct bwi_live *, struct bwi_page *,
    const struct bwi_page_request *, struct bwi_parking *,
    struct bw_response *) BW_CHECK;
/* The reader has its answer, or has gone. */
void bwi_live_leave(struct bwi_live *);

/* The process ends: no reader waits any longer. Any thread may call this. */
void bwi_live_end(void);

/*
 * Say in the page that its script may follow what comes in after this: "now",
 * or "rows" (its table of events). Call it before the events are read.
 */
void bwi_live_put(struct bwi_view *, struct bw_store *, const char *how);
/* The page is loaded again when an event of the call comes after the last one.
 */
void bwi_live_put_call(struct bwi_view *, struct bw_str call, uint64_t last);

#endif
