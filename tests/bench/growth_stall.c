/*
 * What keeps a growing store from appending: closing a segment, removing old
 * events, opening. Each is compared with the same time without it, or with an
 * empty store.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "growth.h"

/* Waits that are shorter are not kept. */
#define SHORT INT64_C(1000000)

/* Time around the moment in which the next segment appears. */
#define BEFORE INT64_C(200000000)
#define AFTER  INT64_C(1000000000)

#define MOST_WAITS  1000000
#define MOST_CLOSED 1000

/* Stores opened in a round. */
#define OPENED 20

/* Events that are appended one list after the other, while some are removed. */
#define FEW 8

static struct {
	pthread_mutex_t mutex;
	const struct grown *of;
	pthread_t thread;
	atomic_bool on;
	struct {
		int64_t ended;
		int64_t took;
	} waits[MOST_WAITS];
	size_t n;
	int64_t closed[MOST_CLOSED];
	size_t nclosed;
} seen = {.mutex = PTHREAD_MUTEX_INITIALIZER};

void
stall_add(int64_t ended, int64_t took)
{
	if (took < SHORT)
		return;
	(void)pthread_mutex_lock(&seen.mutex);
	if (seen.n < MOST_WAITS) {
		seen.waits[seen.n].ended = ended;
		seen.waits[seen.n++].took = took;
	}
	(void)pthread_mutex_unlock(&seen.mutex);
}

static bool
has_segment(unsigned number)
{
	char name[300];

	(void)snprintf(name, sizeof(name), "%s.%06u", seen.of->path, number);
	return access(name, F_OK) == 0;
}

static void *
watch(void *arg)
{
	unsigned next = 2;

	(void)arg;
	while (has_segment(next))
		next++;
	while (atomic_load(&seen.on)) {
		if (has_segment(next) && seen.nclosed < MOST_CLOSED) {
			seen.closed[seen.nclosed++] = now_ns();
			next++;
		}
		(void)usleep(1000);
	}
	return NULL;
}

void
stall_watch(struct grown *g)
{
	seen.of = g;
	seen.n = seen.nclosed = 0;
	atomic_store(&seen.on, true);
	if (pthread_create(&seen.thread, NULL, watch, NULL) != 0)
		exit(1);
}

static bool
was_closing(size_t i)
{
	for (size_t k = 0; k < seen.nclosed; k++) {
		if (seen.waits[i].ended > seen.closed[k] - BEFORE &&
		    seen.waits[i].ended - seen.waits[i].took <
			seen.closed[k] + AFTER)
			return true;
	}
	return false;
}

void
stall_print(void)
{
	int64_t longest[2] = {0, 0};

	atomic_store(&seen.on, false);
	(void)pthread_join(seen.thread, NULL);
	for (size_t i = 0; i < seen.n; i++) {
		int64_t *to = &longest[was_closing(i)];

		if (seen.waits[i].took > *to)
			*to = seen.waits[i].took;
	}
	printf(
	    "  the longest append of a list of %d: %.0f ms while %zu segments "
	    "were closed, %.0f ms otherwise\n",
	    LIST, (double)longest[1] / 1e6, seen.nclosed,
	    (double)longest[0] / 1e6);
}

/* Appends until it is stopped; the longest wait in milliseconds. */
struct appending {
	struct grown *store;
	atomic_bool stop;
	double longest;
};

static void *
append(void *arg)
{
	struct appending *a = arg;

	while (!atomic_load(&a->stop)) {
		int64_t start = now_ns();
		double took;

		append_list(
		    a->store, atomic_fetch_add(&a->store->next, FEW), FEW);
		took = (double)(now_ns() - start) / 1e6;
		if (took > a->longest)
			a->longest = took;
	}
	return NULL;
}

/* Remove the events before number n; returns how many. */
static uint64_t
remove_before(struct grown *g, uint64_t n, const char *how)
{
	struct appending a = {.store = g};
	double room = room_of(g->path);
	struct bw_error e = {0};
	pthread_t thread;
	int64_t start;
	uint64_t removed;

	if (pthread_create(&thread, NULL, append, &a) != 0)
		exit(1);
	start = now_ns();
	if (bw_store_prune(g->store, RECEIVED + (int64_t)n, 0, &removed, &e) !=
	    BW_OK)
		die(&e);
	printf("  %llu events removed, %s, in %.0f ms",
	    (unsigned long long)removed, how, (double)(now_ns() - start) / 1e6);
	atomic_store(&a.stop, true);
	(void)pthread_join(thread, NULL);
	(void)sleep(2); /* until all threads have given up the files */
	printf("; the longest append meanwhile: %.0f ms; %.0f bytes for each "
	       "are free\n",
	    a.longest,
	    removed > 0 ? (room - room_of(g->path)) / (double)removed : 0);
	return removed;
}

/*
 * The first file's events go one by one, once in the life of a store. Then all
 * closed segments go that have none of the newest quarter.
 */
void
stall_drop(struct grown *g, struct bare *b)
{
	uint64_t n, all = atomic_load(&g->next);
	double ms;

	n = remove_before(g, all / 4, "one by one");
	n = remove_before(g, all / 4 * 3, "whole segments and one by one");
	ms = bare_delete(b, n);
	printf("  %llu events deleted by bare SQLite in %.0f ms, in which it "
	       "cannot append\n",
	    (unsigned long long)n, ms);
}

static double
open_and_store(struct grown *g)
{
	int64_t start = now_ns();

	for (int i = 0; i < OPENED; i++) {
		struct grown one = *g;

		open_grown(g, &one.store);
		append_list(&one, atomic_fetch_add(&g->next, 1), 1);
		bw_store_free(one.store);
	}
	return (double)(now_ns() - start) / 1e3 / OPENED;
}

void
stall_open(struct grown *g, const char *folder)
{
	double empty[ROUNDS], large[ROUNDS];
	struct bw_error e = {0};
	struct grown small;
	uint64_t n;

	create_grown(&small, folder, "empty");
	/* What a program reads first: the newest events, as many in both. */
	append_list(&small, atomic_fetch_add(&small.next, LIST), LIST);
	if (bw_store_prune(small.store, 0, 0, &n, &e) != BW_OK ||
	    bw_store_prune(g->store, 0, 0, &n, &e) != BW_OK)
		die(&e);
	for (int i = 0; i < ROUNDS; i++) {
		empty[i] = open_and_store(&small);
		large[i] = open_and_store(g);
	}
	print_row("us, opened to store one event", empty, large);
	remove_grown(&small);
}
