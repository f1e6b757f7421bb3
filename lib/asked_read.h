#ifndef BWI_ASKED_READ_H
#define BWI_ASKED_READ_H

#include <bwcallback/store.h>

#include "portout.h"

/*
 * Read from the store what was asked within the hour: of this process before it
 * was started again, and of other processes. Returns at the deadline,
 * CLOCK_MONOTONIC in nanoseconds; what was not read by then does not count.
 */
void bwi_asked_read(const struct bwi_portout *, struct bw_store *,
    struct bw_str section, int64_t deadline);

#endif
