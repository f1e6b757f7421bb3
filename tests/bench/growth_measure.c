/* Fills a store, and measures appending and looking up. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "growth.h"

#define CALLERS 64
#define FILLERS 4

/* Append single events and wait for each, until the time is over. */
static void *
append_ones(void *arg)
{
	struct grown *g = arg;
	struct made m;

	while (now_ns() < g->deadline) {
		struct bw_store_result r;
		struct bw_error e = {0};
		uint64_t n = atomic_fetch_add(&g->next, 1);

		make(&m, n);
		if (bw_store_append(g->store, &m.event, 1,
			now_ns() + INT64_C(60000000000), &r, &e) != BW_OK)
			die(&e);
		answer(g, &r, is_call(n));
	}
	return NULL;
}

/* Append lists of events, until there are enough or the time is over. */
void *
append_lists(void *arg)
{
	struct grown *g = arg;
	uint64_t first, length = g->length;

	while (now_ns() < g->deadline &&
	       (first = atomic_fetch_add(&g->next, length)) < g->until)
		append_list(g, first, length);
	return NULL;
}

void
in_threads(struct grown *g, int n, void *(*fn)(void *))
{
	pthread_t threads[CALLERS];

	for (int i = 0; i < n; i++) {
		if (pthread_create(&threads[i], NULL, fn, g) != 0)
			exit(1);
	}
	for (int i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
}

void
grow(struct grown *g, uint64_t to)
{
	g->until = to;
	g->length = LIST;
	g->deadline = INT64_MAX;
	in_threads(g, FILLERS, append_lists);
}

double
append_rate(struct grown *g)
{
	uint64_t before = atomic_load(&g->next);
	int64_t start = now_ns();

	g->deadline = start + MEASURING;
	in_threads(g, CALLERS, append_ones);
	return (double)(atomic_load(&g->next) - before) * 1e9 /
	       (double)(now_ns() - start);
}

static bool
count_row(void *arg, const struct bw_store_row *r)
{
	*(size_t *)arg += r->event.body.n > 0;
	return true;
}

const char *const looks[LOOK__MAX] = {"of a call", "of a message",
    "of a person", "of an office", "the newest", "type of a call"};

/*
 * The newest events, up to 512, are scanned by a look-up until their terms are
 * written, which pruning does: what remains to be seen is the size.
 */
void
write_terms(struct grown *g)
{
	struct bw_error e = {0};
	uint64_t n;

	if (bw_store_prune(g->store, 0, 0, &n, &e) != BW_OK)
		die(&e);
}

double
look_up(struct grown *g, enum look what)
{
	uint64_t all = atomic_load(&g->next);
	int64_t start = now_ns();
	size_t rows = 0;

	for (uint64_t i = 0; i < LOOKS; i++) {
		uint64_t n = scatter(i + all) % (all - all / 10) / 8 * 8 +
			     (what == LOOK_MESSAGE ? 4 : 0);
		struct bw_store_filter f = {.since = 0};
		struct bw_store *s = NULL;
		struct bw_error e = {0};
		uint64_t cursor = 0;
		struct made m;

		make(&m, n);
		if (g->stays_open)
			s = g->store;
		else
			open_grown(g, &s);
		if (what == LOOK_CALL || what == LOOK_REPEATED)
			f.call = m.event.call;
		if (what == LOOK_MESSAGE)
			f.message = m.event.message;
		if (what == LOOK_PERSON)
			f.number = m.event.from;
		if (what == LOOK_OFFICE)
			f.number = m.event.to;
		if (what == LOOK_REPEATED) {
			f.family = m.event.family;
			f.type = m.event.type;
		}
		if (bw_store_read(s, &f, true, 50, &cursor, count_row, &rows,
			&e) != BW_OK)
			die(&e);
		if (!g->stays_open)
			bw_store_free(s);
	}
	if (rows == 0)
		exit(1);
	return (double)(now_ns() - start) / 1e3 / LOOKS;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void
print_row(const char *what, double small[ROUNDS], double large[ROUNDS])
{
	qsort(small, ROUNDS, sizeof(*small), compare);
	qsort(large, ROUNDS, sizeof(*large), compare);
	printf("  %-34s %10.1f %10.1f %8.2f\n", what, small[ROUNDS / 2],
	    large[ROUNDS / 2], large[ROUNDS / 2] / small[ROUNDS / 2]);
}
