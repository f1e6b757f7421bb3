#include "worker_pool.h"

#include <sched.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

/* At least one that waits and one that works, even with one processor. */
#define MIN_SLOTS 2

/* Idle checks before the main thread stops checking. */
#define MAX_IDLE_CHECKS 50

static int
processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
							    : MIN_SLOTS;
}

void
worker_pool_init(struct worker_pool *pool, unsigned workers)
{
	pool->workers = (int)workers;
	pool->processors = processors();
	if (pool->processors < MIN_SLOTS)
		pool->processors = MIN_SLOTS;
	if (pool->processors > pool->workers)
		pool->processors = pool->workers;
	atomic_store(&pool->slots, pool->processors);
	atomic_store(&pool->active, pool->workers);
	sem_init(&pool->wakeup, 0, 0);
}

void
worker_pool_free(struct worker_pool *pool)
{
	sem_destroy(&pool->wakeup);
}

/* Deactivate the calling worker if too many active ones are not stuck. */
static bool
deactivate(struct worker_pool *pool)
{
	int n = atomic_load(&pool->active);

	while (n - atomic_load(&pool->stuck) > atomic_load(&pool->slots)) {
		if (atomic_compare_exchange_weak(&pool->active, &n, n - 1))
			return true;
	}
	return false;
}

bool
worker_pool_watch(struct worker_pool *pool, unsigned i)
{
	if (atomic_load(&pool->member[i].changes) % 2 == 1)
		atomic_fetch_add(&pool->member[i].changes, 1);
	while (!atomic_load(&pool->ending) && deactivate(pool)) {
		/*
		 * The thread that posts has already counted this worker as
		 * active.
		 */
		while (sem_wait(&pool->wakeup) != 0)
			;
	}
	atomic_fetch_add(&pool->watching, 1);
	return !atomic_load(&pool->ending);
}

bool
worker_pool_leave(struct worker_pool *pool, unsigned i)
{
	atomic_fetch_add(&pool->member[i].changes, 1);
	return atomic_fetch_sub(&pool->watching, 1) == 1 &&
	       !atomic_exchange(&pool->monitored, true);
}

/* Count the workers that are busy with the same event as at the last check. */
static int
count_stuck(struct worker_pool *pool)
{
	int stuck = 0;

	for (int i = 0; i < pool->workers; i++) {
		unsigned changes = atomic_load(&pool->member[i].changes);

		if (changes % 2 == 1 && changes == pool->member[i].seen)
			stuck++;
		pool->member[i].seen = changes;
	}
	return stuck;
}

static void
activate(struct worker_pool *pool, int stuck)
{
	int n = atomic_load(&pool->active);

	while (n < pool->workers && n - stuck < atomic_load(&pool->slots)) {
		if (atomic_compare_exchange_weak(&pool->active, &n, n + 1)) {
			sem_post(&pool->wakeup);
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

/* Did the process use less than half of the processors since the last check? */
static bool
leaves_idle(struct worker_pool *pool)
{
	int64_t cpu = cpu_used();
	int64_t time = bw_monotonic_ns();
	int64_t used = cpu - pool->cpu_seen;
	int64_t had = (time - pool->time_seen) * pool->processors;

	pool->cpu_seen = cpu;
	pool->time_seen = time;
	return used < had / 2;
}

/* Add or remove one slot, as long as it helps. */
static void
adjust_slots(struct worker_pool *pool, bool waited_for)
{
	int slots = atomic_load(&pool->slots);
	bool idle = leaves_idle(pool);

	if (waited_for && idle && slots < pool->workers)
		atomic_store(&pool->slots, slots + 1);
	else if (!waited_for && slots > pool->processors)
		atomic_store(&pool->slots, slots - 1);
}

bool
worker_pool_check(struct worker_pool *pool)
{
	bool waited_for;
	int stuck;

	if (!atomic_load(&pool->monitored))
		return false;
	waited_for = atomic_load(&pool->watching) == 0;
	stuck = count_stuck(pool);
	atomic_store(&pool->stuck, stuck);
	adjust_slots(pool, waited_for);
	activate(pool, stuck);
	pool->idle_checks = waited_for ? 0 : pool->idle_checks + 1;
	if (pool->idle_checks < MAX_IDLE_CHECKS)
		return true;
	pool->idle_checks = 0;
	atomic_store(&pool->monitored, false);
	/* The last waiting worker may have left just now. */
	return atomic_load(&pool->watching) == 0 &&
	       !atomic_exchange(&pool->monitored, true);
}

void
worker_pool_end(struct worker_pool *pool)
{
	atomic_store(&pool->ending, true);
	for (int i = 0; i < pool->workers; i++)
		sem_post(&pool->wakeup);
}
