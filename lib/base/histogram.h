#ifndef BWI_BASE_HISTOGRAM_H
#define BWI_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum bwi_histogram {
#define HISTOGRAM(name, text, scale, help) BWI_HISTOGRAM_##name,
#define BOUND(name, value)
#include "base/histograms.def"
#undef HISTOGRAM
#undef BOUND
	BWI_HISTOGRAM__MAX
};

struct bwi_histogram_kind {
	const char *name;
	const char *help;
	int64_t scale;
};

/* A row of the table. */
const struct bwi_histogram_kind *bwi_histogram_kind(enum bwi_histogram);
/* Any thread may call these at any time. They never wait. */
void bwi_observe(enum bwi_histogram, int64_t value);
int64_t bwi_observed_sum(enum bwi_histogram);
/*
 * How many values are in part i, and its upper bound: INT64_MAX for the last
 * part, *bound 0 after it.
 */
uint64_t bwi_observed(enum bwi_histogram, size_t i, int64_t *bound);

#endif
