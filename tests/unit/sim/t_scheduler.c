/* The scheduler runs tasks in order and cancels them. */
#include <stdlib.h>

#include "sim/world/scheduler.h"

#include "tests/tap/tap.h"

struct seen {
	struct sim_scheduler *scheduler;
	int64_t at[400];
	size_t n;
	bool again;
};

static void
see(void *arg)
{
	struct seen *s = arg;

	s->at[s->n++] = sim_scheduler_now(s->scheduler);
	if (s->again) {
		s->again = false;
		(void)sim_scheduler_add(s->scheduler, 0, see, s);
	}
}

static void
test_order(void)
{
	struct seen s = {.scheduler = sim_scheduler_new(1000)};
	bool sorted = true;
	int64_t when;

	for (int64_t i = 0; i < 300; i++) {
		(void)sim_scheduler_add(
		    s.scheduler, 2000 + i * 7919 % 301, see, &s);
	}
	is_int(sim_scheduler_now(s.scheduler), 1000, "the clock stands still");
	ok(sim_scheduler_next(s.scheduler, &when) && when == 2000,
	    "what is next");
	while (sim_scheduler_step(s.scheduler))
		;
	is_int((long long)s.n, 300, "all of it happened");
	for (size_t i = 1; i < s.n; i++)
		sorted = sorted && s.at[i - 1] <= s.at[i];
	ok(sorted, "in order");
	ok(!sim_scheduler_next(s.scheduler, &when), "nothing is left");
	sim_scheduler_free(s.scheduler);
}

static void
entry(void *arg)
{
	int *n = arg;

	n[1] = n[1] * 10 + n[0];
}

static void
test_same_time(void)
{
	struct sim_scheduler *a = sim_scheduler_new(5);
	int arg[5][2] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}};

	for (int i = 0; i < 5; i++)
		(void)sim_scheduler_add(a, 9, entry, arg[i]);
	for (int i = 0; i < 5; i++) {
		ok(sim_scheduler_step(a) && arg[i][1] == i + 1,
		    "what was entered as number %d happens as such", i + 1);
	}
	sim_scheduler_free(a);
}

static void
test_cancel(void)
{
	struct seen s = {.scheduler = sim_scheduler_new(0)};
	uint64_t first = sim_scheduler_add(s.scheduler, 10, see, &s);
	uint64_t second = sim_scheduler_add(s.scheduler, 20, see, &s);
	uint64_t third = sim_scheduler_add(s.scheduler, 30, see, &s);
	int64_t when;

	ok(sim_scheduler_cancel(s.scheduler, second), "taken back");
	ok(!sim_scheduler_cancel(s.scheduler, second), "once only");
	ok(!sim_scheduler_cancel(s.scheduler, 0), "0 is nothing");
	ok(sim_scheduler_step(s.scheduler), "the first happens");
	ok(!sim_scheduler_cancel(s.scheduler, first),
	    "and can no longer be undone");
	ok(sim_scheduler_next(s.scheduler, &when) && when == 30,
	    "the third is next");
	ok(sim_scheduler_cancel(s.scheduler, third), "taken back, too");
	ok(!sim_scheduler_step(s.scheduler), "and nothing is left");
	is_int((long long)s.n, 1, "one happened");
	sim_scheduler_free(s.scheduler);
}

/* Tasks cancelled in random order; slots are reused. */
static void
test_many(void)
{
	struct seen s = {.scheduler = sim_scheduler_new(0)};
	uint64_t numbers[300];
	bool good = true;

	for (int64_t i = 0; i < 300; i++)
		numbers[i] =
		    sim_scheduler_add(s.scheduler, 1 + i * 7919 % 301, see, &s);
	for (int64_t i = 0; i < 300; i += 3)
		good = good && sim_scheduler_cancel(s.scheduler, numbers[i]);
	ok(good, "a third is taken back");
	for (int64_t i = 0; i < 50; i++)
		(void)sim_scheduler_add(
		    s.scheduler, 1 + i * 6007 % 301, see, &s);
	for (int64_t i = 0; i < 300; i += 3)
		good = good && !sim_scheduler_cancel(s.scheduler, numbers[i]);
	ok(good, "tasks in reused slots are not cancelled");
	while (sim_scheduler_step(s.scheduler))
		;
	is_int((long long)s.n, 250, "the others happen");
	for (size_t i = 1; i < s.n; i++)
		good = good && s.at[i - 1] <= s.at[i];
	ok(good, "in order");
	sim_scheduler_free(s.scheduler);
}

static void
test_past(void)
{
	struct seen s = {.scheduler = sim_scheduler_new(50), .again = true};

	(void)sim_scheduler_add(s.scheduler, 70, see, &s);
	while (sim_scheduler_step(s.scheduler))
		;
	is_int((long long)s.n, 2, "what is entered meanwhile happens");
	is_int(s.at[1], 70, "and the clock never goes back");
	sim_scheduler_free(s.scheduler);
}

int
main(void)
{
	test_order();
	test_same_time();
	test_cancel();
	test_many();
	test_past();
	return tap_done();
}
