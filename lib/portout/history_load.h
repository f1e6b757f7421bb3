#ifndef BWI_PORTOUT_HISTORY_LOAD_H
#define BWI_PORTOUT_HISTORY_LOAD_H

#include <bwcallback/store.h>

#include "portout/history.h"

/*
 * Read from the store what was asked within the hour: of this process before it
 * was started again, and of other processes. Returns at the deadline,
 * CLOCK_MONOTONIC in nanoseconds; what was not read by then does not count,
 * and neither does a request about more than max_numbers, which was refused
 * without a look at them.
 */
void bwi_history_load(struct bwi_history *, struct bw_store *,
    struct bw_str section, int64_t max_numbers, int64_t deadline);

#endif
