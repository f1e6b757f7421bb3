#include "worker_pool.h"

#include <sched.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

/* With one processor, one that waits and one that works. */
#define MIN_PLACES 2

/* Looks without anything to do until the main thread stops looking. */
#define CALM_LOOKS 50

static int
processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
							    : MIN_PLACES;
}

void
worker_pool_init(struct worker_pool *c, unsigned workers)
{
	c->workers = (int)workers;
	c->processors = processors();
	if (c->processors < MIN_PLACES)
		c->processors = MIN_PLACES;
	if (c->processors > c->workers)
		c->processors = c->workers;
	atomic_store(&c->places, c->processors);
	atomic_store(&c->active, c->workers);
	sem_init(&c->rest, 0, 0);
}

void
worker_pool_free(struct worker_pool *c)
{
	sem_destroy(&c->rest);
}

/* One too many who are not stuck: this one stops taking part. */
static bool
resign(struct worker_pool *c)
{
	int n = atomic_load(&c->active);

	while (n - atomic_load(&c->stuck) > atomic_load(&c->places)) {
		if (atomic_compare_exchange_weak(&c->active, &n, n - 1))
			return true;
	}
	return false;
}

bool
worker_pool_watch(struct worker_pool *c, unsigned i)
{
	if (atomic_load(&c->member[i].turn) % 2 == 1)
		atomic_fetch_add(&c->member[i].turn, 1);
	while (!atomic_load(&c->dismissed) && resign(c)) {
		/* Who ends this has counted us in again. */
		while (sem_wait(&c->rest) != 0)
			;
	}
	atomic_fetch_add(&c->watching, 1);
	return !atomic_load(&c->dismissed);
}

bool
worker_pool_leave(struct worker_pool *c, unsigned i)
{
	atomic_fetch_add(&c->member[i].turn, 1);
	return atomic_fetch_sub(&c->watching, 1) == 1 &&
	       !atomic_exchange(&c->looked_after, true);
}

/* Busy now as at the last look, and with the same. */
static int
count_stuck(struct worker_pool *c)
{
	int stuck = 0;

	for (int i = 0; i < c->workers; i++) {
		unsigned turn = atomic_load(&c->member[i].turn);

		if (turn % 2 == 1 && turn == c->member[i].seen)
			stuck++;
		c->member[i].seen = turn;
	}
	return stuck;
}

static void
call_in(struct worker_pool *c, int stuck)
{
	int n = atomic_load(&c->active);

	while (n < c->workers && n - stuck < atomic_load(&c->places)) {
		if (atomic_compare_exchange_weak(&c->active, &n, n + 1)) {
			sem_post(&c->rest);
			n++;
		}
	}
}

static int64_t
cpu_used(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Did we use less than half of the processors since the last look? */
static bool
leaves_idle(struct worker_pool *c)
{
	int64_t cpu = cpu_used();
	int64_t time = bw_monotonic_ns();
	int64_t used = cpu - c->cpu_seen;
	int64_t had = (time - c->time_seen) * c->processors;

	c->cpu_seen = cpu;
	c->time_seen = time;
	return used < had / 2;
}

/* One place more or less than before, as long as it helps. */
static void
adjust_places(struct worker_pool *c, bool waited_for)
{
	int places = atomic_load(&c->places);
	bool idle = leaves_idle(c);

	if (waited_for && idle && places < c->workers)
		atomic_store(&c->places, places + 1);
	else if (!waited_for && places > c->processors)
		atomic_store(&c->places, places - 1);
}

bool
worker_pool_look(struct worker_pool *c)
{
	bool waited_for;
	int stuck;

	if (!atomic_load(&c->looked_after))
		return false;
	waited_for = atomic_load(&c->watching) == 0;
	stuck = count_stuck(c);
	atomic_store(&c->stuck, stuck);
	adjust_places(c, waited_for);
	call_in(c, stuck);
	c->calm = waited_for ? 0 : c->calm + 1;
	if (c->calm < CALM_LOOKS)
		return true;
	c->calm = 0;
	atomic_store(&c->looked_after, false);
	/* The last one may have left just now. */
	return atomic_load(&c->watching) == 0 &&
	       !atomic_exchange(&c->looked_after, true);
}

void
worker_pool_dismiss(struct worker_pool *c)
{
	atomic_store(&c->dismissed, true);
	for (int i = 0; i < c->workers; i++)
		sem_post(&c->rest);
}
