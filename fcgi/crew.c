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
	c->places = processors();
	if (c->places < MIN_PLACES)
		c->places = MIN_PLACES;
	if (c->places > (int)workers)
		c->places = (int)workers;
	sem_init(&c->reserve, 0, 0);
}

void
crew_free(struct crew *c)
{
	sem_destroy(&c->reserve);
}

static bool
take_place(struct crew *c)
{
	int n = atomic_load(&c->watching);

	while (n < c->places) {
		if (atomic_compare_exchange_weak(&c->watching, &n, n + 1))
			return true;
	}
	return false;
}

bool
crew_watch(struct crew *c)
{
	atomic_fetch_add(&c->turns, 1);
	while (!take_place(c)) {
		atomic_fetch_add(&c->resting, 1);
		while (sem_wait(&c->reserve) != 0)
			;
		atomic_fetch_sub(&c->resting, 1);
		if (atomic_load(&c->dismissed))
			return false;
	}
	return true;
}

bool
crew_leave(struct crew *c)
{
	return atomic_fetch_sub(&c->watching, 1) == 1 &&
	       !atomic_exchange(&c->looked_after, true);
}

bool
crew_look(struct crew *c)
{
	unsigned turns = atomic_load(&c->turns);

	if (!atomic_load(&c->looked_after))
		return false;
	if (atomic_load(&c->watching) > 0) {
		if (++c->calm < CALM_LOOKS)
			return true;
		c->calm = 0;
		atomic_store(&c->looked_after, false);
		/* The last one may have left just now. */
		return atomic_load(&c->watching) == 0 &&
		       !atomic_exchange(&c->looked_after, true);
	}
	c->calm = 0;
	if (turns == c->turns_seen && atomic_load(&c->resting) > 0)
		sem_post(&c->reserve);
	c->turns_seen = turns;
	return true;
}

void
crew_dismiss(struct crew *c, unsigned workers)
{
	atomic_store(&c->dismissed, true);
	for (unsigned i = 0; i < workers; i++)
		sem_post(&c->reserve);
}
