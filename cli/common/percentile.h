#ifndef BWC_COMMON_PERCENTILE_H
#define BWC_COMMON_PERCENTILE_H

#include <stdint.h>

/*
 * Percentiles of durations in microseconds, to within 3 %: values are counted
 * in 32 steps for each power of two. Initialize to all zero.
 */
#define PERCENTILE_STEPS 32
#define PERCENTILE_SIZE	 (PERCENTILE_STEPS * 32)

struct percentile {
	uint64_t counts[PERCENTILE_SIZE];
	uint64_t n;
	int64_t most;
};

void percentile_add(struct percentile *, int64_t microseconds);
void percentile_merge(struct percentile *, const struct percentile *);
/*
 * The duration that this percentage of the values does not exceed; 0 if there
 * are no values.
 */
int64_t percentile_of(const struct percentile *, double percent);

#endif
