#ifndef BWI_PORTOUT_HISTORY_LOAD_H
#define BWI_PORTOUT_HISTORY_LOAD_H

#include <bwcallback/store.h>

#include "portout/history.h"

/*
 * Add the requests of the last hour from the store: those before a restart of
 * this process and those of other processes. Returns at the deadline,
 * CLOCK_MONOTONIC in nanoseconds; requests not read by then are not counted.
 * Requests for more than max_numbers numbers are not counted either, since they
 * were refused without judging.
 */
void bwi_history_load(struct bwi_history *, struct bw_store *,
    struct bw_str section, int64_t max_numbers, int64_t deadline);

#endif
