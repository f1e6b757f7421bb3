#include "crew.h"

#include <sched.h>

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
crew_init(struct crew *c, unsigned workers)
{
	c->workers = (int)workers;
	c->places = processors();
	if (c->places < MIN_PLACES)
		c->places = MIN_PLACES;
	if (c->places > c->workers)
		c->places = c->workers;
	atomic_store(&c->active, c->workers);
	sem_init(&c->rest, 0, 0);
}

void
crew_free(struct crew *c)
{
	sem_destroy(&c->rest);
}

/* One too many who are not stuck: this one stops taking part. */
static bool
resign(struct crew *c)
{
	int n = atomic_load(&c->active);

	while (n - atomic_load(&c->stuck) > c->places) {
		if (atomic_compare_exchange_weak(&c->active, &n, n - 1))
			return true;
	}
	return false;
}

bool
crew_watch(struct crew *c, unsigned i)
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
crew_leave(struct crew *c, unsigned i)
{
	atomic_fetch_add(&c->member[i].turn, 1);
	return atomic_fetch_sub(&c->watching, 1) == 1 &&
	       !atomic_exchange(&c->looked_after, true);
}

/* Busy now as at the last look, and with the same. */
static int
count_stuck(struct crew *c)
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
call_in(struct crew *c, int stuck)
{
	int n = atomic_load(&c->active);

	while (n < c->workers && n - stuck < c->places) {
		if (atomic_compare_exchange_weak(&c->active, &n, n + 1)) {
			sem_post(&c->rest);
			n++;
		}
	}
}

bool
crew_look(struct crew *c)
{
	int stuck;

	if (!atomic_load(&c->looked_after))
		return false;
	stuck = count_stuck(c);
	atomic_store(&c->stuck, stuck);
	call_in(c, stuck);
	if (atomic_load(&c->watching) == 0) {
		c->calm = 0;
		return true;
	}
	if (++c->calm < CALM_LOOKS)
		return true;
	c->calm = 0;
	atomic_store(&c->looked_after, false);
	/* The last one may have left just now. */
	return atomic_load(&c->watching) == 0 &&
	       !atomic_exchange(&c->looked_after, true);
}

void
crew_dismiss(struct crew *c)
{
	atomic_store(&c->dismissed, true);
	for (int i = 0; i < c->workers; i++)
		sem_post(&c->rest);
}
