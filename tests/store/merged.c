/* Several stores that are read as one. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "fixture.h"
#include "tests/tap/tap.h"

#define STORES 3
#define EVENTS 500 /* more than are read ahead */

static const struct bw_store_filter all;
static struct bw_error e;
static struct bw_error away;
static int naways;

static void
be_away(void *arg, const char *id, const struct bw_error *why)
{
	(void)arg;
	(void)id;
	away = *why;
	naways++;
}

static void
append(struct bw_store *s, int n)
{
	struct bw_store_event event = fixture_event("message", NULL);
	struct bw_store_result result;
	char text[32];

	(void)snprintf(text, sizeof(text), "m-%d", n);
	event.message = (struct bw_str){text, strlen(text)};
	event.received = 1000 + n;
	if (bw_store_append(s, &event, 1,
		bw_monotonic_ns() + INT64_C(60000000000), &result, &e) != BW_OK)
		tap_diag("%s", e.msg);
}

/* Event n is in this store. */
static size_t
store_of(int n)
{
	return (size_t)(n * 7 + n / 100) % STORES;
}

static enum bw_err
merge(struct bw_store **stores, struct bw_store **merged)
{
	const struct bw_str ids[STORES] = {
	    BW_STR("east"), {NULL, 0}, BW_STR("west")};
	enum bw_err err;

	err =
	    bw_store_merge_take(stores, ids, STORES, be_away, NULL, merged, &e);
	for (size_t i = 0; i < STORES; i++)
		bw_store_free(stores[i]);
	return err;
}

/* part: the stores that it consists of, until it is freed. */
static struct bw_store *
start(int events, struct bw_store *part[STORES])
{
	struct bw_store *stores[STORES], *merged = NULL;

	for (size_t i = 0; i < STORES; i++) {
		if (bw_store_open("mem:", &part[i], &e) != BW_OK)
			tap_diag("%s", e.msg);
		stores[i] = part[i];
	}
	for (int i = 0; i < events; i++)
		append(part[store_of(i)], i);
	is_int(merge(stores, &merged), BW_OK, "several as one");
	return merged;
}

/* Takes events in order and counts the wrong ones. */
struct expected {
	int next, step;
	int wrong, n;
	int most; /* then end the reading */
};

static bool
take(void *arg, const struct bw_store_row *r)
{
	static const char *const ids[STORES] = {"east", "", "west"};
	struct expected *x = arg;
	char text[32];

	(void)snprintf(text, sizeof(text), "m-%d", x->next);
	x->wrong += !bw_str_is(r->event.message, text) ||
		    !bw_str_is(r->store, ids[store_of(x->next)]) ||
		    r->event.received != 1000 + x->next;
	x->next += x->step;
	return ++x->n != x->most;
}

static uint64_t
read_some(struct bw_store *s, bool newest_first, size_t max, uint64_t cursor,
    int first, int n, const char *what)
{
	struct expected x = {.next = first, .step = newest_first ? -1 : 1};

	is_int(bw_store_read(s, &all, newest_first, max, &cursor, take, &x, &e),
	    BW_OK, "%s", what);
	ok(x.n == n && x.wrong == 0, "%s: %d, %d wrong", what, x.n, x.wrong);
	return cursor;
}

static void
test_order(void)
{
	struct bw_store *part[STORES], *s = start(EVENTS, part);
	uint64_t cursor = read_some(s, false, SIZE_MAX, 0, 0, EVENTS, "all");

	cursor = read_some(s, false, SIZE_MAX, cursor, 0, 0, "no more");
	is_int(
	    bw_store_follow(s, cursor, 0, &e), BW_ERR_DEADLINE, "none comes");
	append(part[store_of(EVENTS)], EVENTS);
	is_int(bw_store_follow(s, cursor, 0, &e), BW_OK, "one comes");
	read_some(s, false, SIZE_MAX, cursor, EVENTS, 1, "and is read");
	cursor = read_some(s, false, 100, 0, 0, 100, "from the beginning");
	cursor = read_some(s, false, 1, cursor, 100, 1, "one more");
	read_some(s, false, SIZE_MAX, cursor, 101, EVENTS - 100, "the rest");
	bw_store_free(s);
}

static void
test_backward(void)
{
	struct bw_store *part[STORES], *s = start(EVENTS, part);
	uint64_t cursor =
	    read_some(s, true, 100, 0, EVENTS - 1, 100, "the newest");

	read_some(s, false, SIZE_MAX, cursor - 1, EVENTS - 100, 100,
	    "forward, with the last one");
	cursor = read_some(s, true, 100, 0, EVENTS - 1, 100, "again");
	read_some(
	    s, false, SIZE_MAX, cursor, EVENTS - 99, 99, "forward, without it");
	read_some(s, true, SIZE_MAX, 0, EVENTS - 1, EVENTS, "all");
	cursor = read_some(s, true, 1, 0, EVENTS - 1, 1, "one");
	append(part[0], EVENTS);
	cursor = 7;
	is_int(bw_store_read(s, &all, false, 1, &cursor, take, NULL, &e),
	    BW_ERR_USAGE, "a number of one of them is no cursor");
	bw_store_free(s);
}

/* The reader ends the reading; the next goes on there. */
static void
test_end(void)
{
	struct bw_store *part[STORES], *s = start(EVENTS, part);
	struct expected x = {.step = 1, .most = 10};
	uint64_t cursor = 0;

	is_int(bw_store_read(s, &all, false, SIZE_MAX, &cursor, take, &x, &e),
	    BW_OK, "until the reader ends it");
	ok(x.n == 10 && x.wrong == 0, "after ten");
	read_some(s, false, SIZE_MAX, cursor, 10, EVENTS - 10, "the rest");
	bw_store_free(s);
}

static bool
take_count(void *arg, const struct bw_store_count *c)
{
	uint64_t *n = arg;

	ok(bw_str_is(c->type, "message"), "the type once");
	*n += c->events;
	return true;
}

static void
test_numbers(void)
{
	struct bw_store *part[STORES], *s = start(EVENTS, part);
	struct bw_store_stats stats;
	uint64_t n = 0;

	is_int(bw_store_count(s, &all, take_count, &n, &e), BW_OK, "counted");
	ok(n == EVENTS, "all are counted");
	is_int(bw_store_stats(s, &stats, &e), BW_OK, "statistics");
	ok(stats.events == EVENTS && stats.oldest == 1000 &&
		stats.newest == 1000 + EVENTS - 1,
	    "of all");
	bw_store_free(s);
}

/* Each allocation fails once; nothing is lost but what is reported. */
static void
test_memory(void)
{
	struct bw_store *part[STORES], *s = NULL;
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long nth;

	for (nth = 1; err == BW_ERR_NOMEM && nth < 100; nth++) {
		struct bw_store *stores[STORES];

		for (size_t i = 0; i < STORES; i++) {
			if (bw_store_open("mem:", &stores[i], &e) != BW_OK)
				tap_diag("%s", e.msg);
		}
		tap_fail_alloc(nth);
		err = merge(stores, &s);
		tap_fail_alloc(0);
	}
	ok(err == BW_OK && nth > 3, "merged after %lu failures", nth - 2);
	bw_store_free(s);
	s = start(EVENTS, part);
	err = BW_ERR_NOMEM;
	for (nth = 1; err == BW_ERR_NOMEM && nth < 1000; nth++) {
		struct expected x = {.step = 1};
		uint64_t cursor = 0;

		tap_fail_alloc(nth);
		err = bw_store_read(
		    s, &all, false, SIZE_MAX, &cursor, take, &x, &e);
		tap_fail_alloc(0);
		if (err == BW_OK)
			ok(x.n == EVENTS && x.wrong == 0, "all are read");
	}
	ok(err == BW_OK && nth > 3, "read after %lu failures", nth - 2);
	bw_store_free(s);
}

/* One of the stores cannot be read any more; the others can. */
static void
test_away(void)
{
	const struct bw_str ids[2] = {BW_STR("east"), BW_STR("west")};
	struct bw_store *stores[2], *s = NULL;
	struct bw_store_stats stats;
	char dir[64], url[128], file[128];
	uint64_t cursor = 0;
	struct expected x = {.step = 1};

	fixture_make_dir(dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s/x.db", dir);
	(void)snprintf(file, sizeof(file), "%s/x.db", dir);
	is_int(bw_store_create(url, NULL, &e), BW_OK, "a file");
	is_int(bw_store_open(url, &stores[0], &e), BW_OK, "is open");
	is_int(bw_store_open("mem:", &stores[1], &e), BW_OK, "and another");
	append(stores[0], 1);
	append(stores[1], 2);
	is_int(bw_store_merge_take(stores, ids, 2, be_away, NULL, &s, &e),
	    BW_OK, "as one");
	ok(remove(file) == 0, "the file is removed");
	naways = 0;
	is_int(bw_store_read(s, &all, false, SIZE_MAX, &cursor, take, &x, &e),
	    BW_OK, "the other is read");
	is_int(x.n, 1, "its event");
	ok(naways == 1 && away.code == BW_ERR_NOFILE, "one is away: %s",
	    away.msg);
	is_int(bw_store_stats(s, &stats, &e), BW_OK, "statistics");
	ok(stats.events == 1 && naways == 1, "of the other");
	bw_store_free(s);
	fixture_remove_dir(dir);
}

int
main(void)
{
	test_order();
	test_backward();
	test_end();
	test_numbers();
	test_memory();
	test_away();
	return tap_done();
}
