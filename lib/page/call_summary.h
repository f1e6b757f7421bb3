#ifndef BWI_PAGE_CALL_SUMMARY_H
#define BWI_PAGE_CALL_SUMMARY_H

#include "flow/active_calls.h"
#include "page/row_event.h"
#include "page/view.h"

/* Events of a call that are read, and steps of its way that are shown. */
#define BWI_CALL_EVENTS 200
#define BWI_CALL_STEPS	16

/* What a list says about a call. Add its events in their order. */
struct bwi_call_summary {
	struct bw_buf text; /* what the strings below are parts of */
	size_t from, to;    /* lengths at the start of the text, one by one */
	uint64_t first, last;
	int64_t began, ended; /* when the first and the last event happened */
	int64_t came;	      /* when the last one came */
	size_t n;
	unsigned fallbacks, failures, slow, again;
	bool over;	     /* a disconnect came */
	struct bw_buf cause; /* its cause */
	struct bw_buf steps; /* the way, each step ends with a NUL */
	unsigned nsteps;
};

void bwi_call_summary_init(struct bwi_call_summary *);
void bwi_call_summary_free(struct bwi_call_summary *);
/* event: the row decoded, or NULL. */
void bwi_call_summary_add(struct bwi_call_summary *,
    const struct bw_store_row *, const struct bw_event *);
struct bw_str bwi_call_summary_from(const struct bwi_call_summary *);
struct bw_str bwi_call_summary_to(const struct bwi_call_summary *);

/* Is it in progress at that time? */
bool bwi_call_is_active(const struct bwi_call_summary *, int64_t now);
/* Is it in a state of the filter: fallback, failed, slow, again, active? */
bool
bwi_call_is_in(const struct bwi_call_summary *, struct bw_str, int64_t now);
/* Put its state. */
void bwi_call_put_state(struct bwi_view *, const struct bwi_call_summary *);
/* Put its way: "key 5 > /voice > key 4". */
void bwi_call_put_way(struct bwi_view *, const struct bwi_call_summary *);
/* "22.8 s", "1:58" */
void bwi_call_put_duration(struct bwi_view *, int64_t ms);

#endif
