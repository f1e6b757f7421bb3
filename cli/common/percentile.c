#include "cli/common/percentile.h"

#define LAST (PERCENTILE_SIZE - 1)

/* Below 2 * STEPS, each value has its own step. */
static unsigned
step_of(uint64_t v)
{
	unsigned shift = 0;
	uint64_t step;

	while (v >> shift >= 2 * PERCENTILE_STEPS)
		shift++;
	step = (uint64_t)shift * PERCENTILE_STEPS + (v >> shift);
	return step < LAST ? (unsigned)step : LAST;
}

/* The largest value that falls into a step. */
static int64_t
top_of(unsigned step)
{
	unsigned shift =
	    step < 2 * PERCENTILE_STEPS ? 0 : step / PERCENTILE_STEPS - 1;

	step -= shift * PERCENTILE_STEPS;
	return (((int64_t)step + 1) << shift) - 1;
}

void
percentile_add(struct percentile *p, int64_t microseconds)
{
	p->counts[step_of(microseconds > 0 ? (uint64_t)microseconds : 0)]++;
	p->n++;
	if (microseconds > p->most)
		p->most = microseconds;
}

void
percentile_merge(struct percentile *p, const struct percentile *more)
{
	for (unsigned i = 0; i < PERCENTILE_SIZE; i++)
		p->counts[i] += more->counts[i];
	p->n += more->n;
	if (more->most > p->most)
		p->most = more->most;
}

int64_t
percentile_of(const struct percentile *p, double percent)
{
	double wanted = (double)p->n * percent / 100;
	uint64_t sum = 0;

	for (unsigned i = 0; i < PERCENTILE_SIZE && p->n > 0; i++) {
		sum += p->counts[i];
		if (sum > 0 && (double)sum >= wanted)
			return top_of(i) < p->most ? top_of(i) : p->most;
	}
	return p->most;
}
