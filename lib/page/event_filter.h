#ifndef BWI_PAGE_EVENT_FILTER_H
#define BWI_PAGE_EVENT_FILTER_H

#include "page/view.h"

/* What the parameters of a list of events select. */
struct bwi_event_filter {
	struct bw_store_filter store;
	struct bw_str section;
	struct bw_str digits; /* the last four of a number; p NULL: any */
	struct bw_str node;   /* "callbacks.xml:42", a rule; p NULL: any */
	int64_t status;	      /* 0: any */
	struct bw_str state;  /* one of bwi_event_states; p NULL: any */
	uint64_t before;      /* number of an event; 0: from the last */
	struct bw_buf number; /* what store.number refers to */
};

/* "fallback", ...; NULL after the last */
extern const char *const bwi_event_states[];

/*
 * Read the parameters; states are the ones that there are. NULL, or what is
 * wrong with one, as a sentence. Free the filter in any case.
 */
const char *bwi_event_filter_init(struct bwi_event_filter *,
    const struct bwi_view *, const char *const *states) BW_CHECK;
void bwi_event_filter_free(struct bwi_event_filter *);

/* Does it select an event that store.filter selects? */
bool bwi_event_filter_takes(
    const struct bwi_event_filter *, const struct bw_store_row *);

#endif
