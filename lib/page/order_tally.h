#ifndef BWI_PAGE_ORDER_TALLY_H
#define BWI_PAGE_ORDER_TALLY_H

#include <bwcallback/store.h>

/* Which side an order that is not done waits for. */
enum bwi_order_wait {
	BWI_ORDER_BANDWIDTH,
	BWI_ORDER_US,
	BWI_ORDER_WAIT__MAX
};

/* The orders of a store that are not done. */
struct bwi_order_tally {
	uint64_t n[BWI_ORDER_WAIT__MAX];
	int64_t oldest[BWI_ORDER_WAIT__MAX]; /* waits since; 0: none does */
};

/*
 * Count them. The process remembers the orders of a store, by its URL, so that
 * only notifications since the last time are read. BW_ERR_BUSY: not all are
 * read at the deadline, CLOCK_MONOTONIC in nanoseconds; the next time goes on.
 * BW_ERR_NOMEM: no memory, or more orders are open than are remembered, 16,384.
 * first: when the oldest stored event came.
 */
enum bw_err bwi_order_tally_read(struct bw_store *, const char *url,
    int64_t first, int64_t deadline, struct bwi_order_tally *) BW_CHECK;

#endif
