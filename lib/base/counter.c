#include "base/counter.h"

#include <stdatomic.h>

/* The counters are independent of each other, so relaxed order suffices. */
static _Atomic uint64_t counters[BWI_COUNT__MAX];
static _Atomic int64_t gauges[BWI_GAUGE__MAX];

void
bwi_count(enum bwi_counter c, uint64_t n)
{
	atomic_fetch_add_explicit(&counters[c], n, memory_order_relaxed);
}

uint64_t
bwi_counted(enum bwi_counter c)
{
	return atomic_load_explicit(&counters[c], memory_order_relaxed);
}

void
bwi_gauge_set(enum bwi_gauge g, int64_t value)
{
	atomic_store_explicit(&gauges[g], value, memory_order_relaxed);
}

int64_t
bwi_gauge(enum bwi_gauge g)
{
	return atomic_load_explicit(&gauges[g], memory_order_relaxed);
}
