#include "flow/answer_time.h"

#include <stdatomic.h>

#define MS INT64_C(1000000)
#define S  (1000 * MS)

/*
 * 450 ms is the limit of an emergency call, 10 s of a message, 15 s of a call,
 * and 8 s our own deadline.
 */
static const int64_t bounds[] = {1 * MS, 2500000, 5 * MS, 10 * MS, 25 * MS,
    50 * MS, 100 * MS, 250 * MS, 450 * MS, 1 * S, 2500 * MS, 5 * S, 8 * S,
    10 * S, 15 * S, INT64_MAX};
_Static_assert(sizeof(bounds) / sizeof(bounds[0]) == BWI_TIMES, "as many");

static struct {
	_Atomic uint64_t counts[BWI_TIMES];
	_Atomic int64_t sum;
} times[BW_FAMILY__MAX];

void
bwi_answer_time_add(enum bw_family family, int64_t ns)
{
	size_t i = 0;

	while (ns > bounds[i])
		i++;
	atomic_fetch_add_explicit(
	    &times[family].counts[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&times[family].sum, ns, memory_order_relaxed);
}

uint64_t
bwi_answer_time_count(enum bw_family family, size_t i, int64_t *bound)
{
	*bound = bounds[i];
	return atomic_load_explicit(
	    &times[family].counts[i], memory_order_relaxed);
}

int64_t
bwi_answer_time_sum(enum bw_family family)
{
	return atomic_load_explicit(&times[family].sum, memory_order_relaxed);
}
