#include "base/histogram.h"

#include <stdatomic.h>

static const struct bwi_histogram_kind kinds[] = {
#define HISTOGRAM(name, text, scale, help) {text, help, scale},
#define BOUND(name, value)
#include "base/histograms.def"
#undef HISTOGRAM
#undef BOUND
};

/* All bounds, in the order of the histograms. */
static const struct {
	enum bwi_histogram of;
	int64_t value;
} bounds[] = {
#define HISTOGRAM(name, text, scale, help)
#define BOUND(name, value) {BWI_HISTOGRAM_##name, value},
#include "base/histograms.def"
#undef HISTOGRAM
#undef BOUND
};

#define NBOUNDS (sizeof(bounds) / sizeof(bounds[0]))

/* Values up to each bound and above the one before it. */
static _Atomic uint64_t counts[NBOUNDS];
static struct {
	_Atomic uint64_t above; /* all bounds */
	_Atomic int64_t sum;
} rest[BWI_HISTOGRAM__MAX];

const struct bwi_histogram_kind *
bwi_histogram_kind(enum bwi_histogram h)
{
	return &kinds[h];
}

static size_t
first_bound(enum bwi_histogram h)
{
	size_t i = 0;

	while (i < NBOUNDS && bounds[i].of != h)
		i++;
	return i;
}

void
bwi_observe(enum bwi_histogram h, int64_t value)
{
	size_t i = first_bound(h);
	_Atomic uint64_t *to;

	while (i < NBOUNDS && bounds[i].of == h && value > bounds[i].value)
		i++;
	to = i < NBOUNDS && bounds[i].of == h ? &counts[i] : &rest[h].above;
	atomic_fetch_add_explicit(to, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&rest[h].sum, value, memory_order_relaxed);
}

int64_t
bwi_observed_sum(enum bwi_histogram h)
{
	return atomic_load_explicit(&rest[h].sum, memory_order_relaxed);
}

/* Count the bounds of h. first: the index of its first bound. */
static size_t
count_bounds(enum bwi_histogram h, size_t first)
{
	size_t i = first;

	while (i < NBOUNDS && bounds[i].of == h)
		i++;
	return i - first;
}

uint64_t
bwi_observed(enum bwi_histogram h, size_t i, int64_t *bound)
{
	size_t first = first_bound(h), n = count_bounds(h, first);

	if (i < n) {
		*bound = bounds[first + i].value;
		return atomic_load_explicit(
		    &counts[first + i], memory_order_relaxed);
	}
	if (i > n) {
		*bound = 0;
		return 0;
	}
	*bound = INT64_MAX;
	return atomic_load_explicit(&rest[h].above, memory_order_relaxed);
}
