#ifndef BWI_FLOW_EVENT_COUNTS_H
#define BWI_FLOW_EVENT_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include <bwcallback/event.h>

/*
 * What new events say, counted over the process. Labels come from tables; what
 * is in none is "other". Any thread may call these at any time.
 */

/* Count a call, its end, a message that failed, an unknown type. */
void bwi_event_counts_add(const struct bw_event *);
/* Count how a port-out was answered; fallback: no rule decided it. */
void bwi_event_counts_portout(struct bw_str answer, bool fallback);

/* What is counted. */
enum bwi_event_count {
	BWI_EVENT_ENDED,   /* calls, by cause */
	BWI_EVENT_FAILED,  /* messages, by code */
	BWI_EVENT_REFUSED, /* port-outs, by code */
	BWI_EVENT_UNKNOWN  /* types, by family */
};
/* The i-th counter, and the value of its label; NULL: there are no more. */
const char *bwi_event_counted(enum bwi_event_count, size_t i, uint64_t *n);
/* Port-outs that were allowed, and those that no rule decided. */
uint64_t bwi_event_counts_portable(void);
uint64_t bwi_event_counts_undecided(void);

#endif
