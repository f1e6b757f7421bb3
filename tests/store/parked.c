/* Writes that no thread waits for: wakers, and workers that commit. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/parked.h>

#include "fixture.h"
#include "store/store.h"
#include "tests/tap/tap.h"

#define REQUESTS 20

/* A parked request, and how it was woken. */
struct request {
	struct bw_store_write *write;
	int woken;
	int elsewhere;
	pthread_t thread; /* that woke it */
};

static void
wake(void *arg, bool elsewhere)
{
	struct request *r = arg;

	r->woken++;
	r->elsewhere += elsewhere;
	r->thread = pthread_self();
}

static char dir[64];

static struct bw_store *
open_store(void)
{
	struct bw_store *s = NULL;
	struct bw_error e = {0};
	char url[128];

	(void)snprintf(url, sizeof(url), "sqlite:%s/events.db", dir);
	if (bw_store_create(url, NULL, &e) != BW_OK ||
	    bw_store_open(url, &s, &e) != BW_OK)
		printf("Bail out! %s\n", e.msg);
	return s;
}

static void
begin(struct bw_store *s, struct request *r, const char *key, int64_t deadline)
{
	struct bw_store_event event = fixture_event("message-received", key);
	struct bw_error e = {0};

	*r = (struct request){0};
	if (bw_store_write_begin(s, &event, 1, deadline, &r->write, &e) !=
	    BW_OK)
		printf("Bail out! %s\n", e.msg);
}

/* BW_ERR_DEADLINE: the stage is not reached. */
static enum bw_err
look(struct request *r, enum bw_store_stage until)
{
	const struct bw_waker waker = {.wake = wake, .arg = r};
	const struct bw_store_result *results;
	struct bw_error e = {0};
	enum bw_err err;

	return bwi_job_poll(r->write, until, &waker, &results, &err, &e)
		   ? err
		   : BW_ERR_DEADLINE;
}

static void
finish(struct request *r)
{
	bw_store_write_free(r->write, false);
	r->write = NULL;
}

/* One call commits what many requests wait for, on the calling thread. */
static void
test_commit(struct bw_store *s)
{
	struct request r[REQUESTS];
	char key[16];
	int woken = 0, elsewhere = 0, durable = 0;
	size_t before = fixture_count(s, NULL);

	ok(!bw_store_commit_waiting(), "there is nothing to commit");
	for (int i = 0; i < REQUESTS; i++) {
		(void)snprintf(key, sizeof(key), "c%d", i);
		begin(s, &r[i], key, fixture_in(LONG));
		is_int(look(&r[i], BW_STORE_DURABLE), BW_ERR_DEADLINE,
		    "write %d waits", i);
	}
	ok(bw_store_commit_waiting(), "a batch is committed");
	for (int i = 0; i < REQUESTS; i++) {
		woken += r[i].woken;
		elsewhere += r[i].elsewhere;
		durable += look(&r[i], BW_STORE_DURABLE) == BW_OK;
		finish(&r[i]);
	}
	is_int(woken, REQUESTS, "each request was woken once");
	is_int(elsewhere, 0, "for the thread that committed");
	is_int(durable, REQUESTS, "each event is durable");
	ok(!bw_store_commit_waiting(), "nothing is left");
	is_int((long long)(fixture_count(s, NULL) - before), REQUESTS,
	    "events stored");
}

/* A request that waits for its fate only goes on while the disk works. */
static void
test_decided(struct bw_store *s)
{
	struct request r;

	begin(s, &r, "d", fixture_in(LONG));
	is_int(look(&r, BW_STORE_DECIDED), BW_ERR_DEADLINE, "it waits");
	ok(bw_store_commit_waiting(), "decided: committed");
	is_int(r.woken, 1, "decided: woken");
	is_int(r.elsewhere, 1, "decided: for another thread");
	finish(&r);
}

/* A request that does not wait any more is not woken. */
static void
test_not_woken(struct bw_store *s)
{
	const struct bw_store_result *results;
	struct request gone, freed;
	enum bw_err err;

	begin(s, &gone, "g", fixture_in(LONG));
	begin(s, &freed, "f", fixture_in(LONG));
	(void)look(&gone, BW_STORE_DURABLE);
	(void)look(&freed, BW_STORE_DURABLE);
	ok(!bwi_job_poll(
	       gone.write, BW_STORE_DURABLE, NULL, &results, &err, NULL),
	    "the waker is removed");
	finish(&freed);
	for (unsigned turn = 0;
	     look(&gone, BW_STORE_DURABLE) == BW_ERR_DEADLINE &&
	     tap_poll(&turn);)
		(void)bw_store_commit_waiting();
	is_int(freed.woken, 0, "a freed write wakes nobody");
	finish(&gone);
}

/* A waiting caller needs no worker: the store's own thread commits. */
static void
test_waiting(struct bw_store *s)
{
	const struct bw_store_result *results;
	struct bw_error e = {0};
	struct request r;

	begin(s, &r, "w", fixture_in(LONG));
	is_int(bw_store_write_wait(
		   r.write, BW_STORE_DURABLE, fixture_in(LONG), &results, &e),
	    BW_OK, "a caller that waits: %s", e.msg);
	finish(&r);
}

static sqlite3 *
lock_file(void)
{
	sqlite3 *db = NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		printf("Bail out! cannot lock the file\n");
	return db;
}

/*
 * Another process has the file locked: the worker goes back to its requests,
 * and the store's thread commits once the file is free.
 */
static void
test_locked(struct bw_store *s)
{
	sqlite3 *db = lock_file();
	struct request r, late;
	unsigned turn = 0;

	begin(s, &r, "l", fixture_in(LONG));
	begin(s, &late, "m", bw_monotonic_ns() + 1);
	is_int(look(&r, BW_STORE_DURABLE), BW_ERR_DEADLINE, "locked: it waits");
	ok(!bw_store_commit_waiting(), "locked: the worker commits nothing");
	ok(!bw_store_commit_waiting(), "locked: nor when it asks again");
	while (s->ops->busy(s) == 0 && tap_poll(&turn))
		;
	ok(s->ops->busy(s) > 0, "locked: the thread tries");
	while (
	    look(&late, BW_STORE_DURABLE) == BW_ERR_DEADLINE && tap_poll(&turn))
		;
	is_int(look(&late, BW_STORE_DURABLE), BW_ERR_BUSY,
	    "locked: a write past its deadline fails");
	(void)sqlite3_close(db);
	while (look(&r, BW_STORE_DURABLE) == BW_ERR_DEADLINE && tap_poll(&turn))
		;
	is_int(look(&r, BW_STORE_DURABLE), BW_OK, "unlocked: it is durable");
	finish(&r);
	finish(&late);
}

/* Two writes: the store's thread commits the first, the second comes meanwhile.
 * Is that one committed by this thread, which answers the first? */
static bool
commit_after_turn(struct bw_store *s, int round)
{
	struct request first, second;
	sqlite3 *db = lock_file();
	unsigned turn = 0;
	char key[32];
	bool led;

	(void)snprintf(key, sizeof(key), "first%d", round);
	begin(s, &first, key, fixture_in(LONG));
	(void)look(&first, BW_STORE_DURABLE);
	(void)bw_store_commit_waiting();
	while (s->ops->busy(s) == 0 && tap_poll(&turn))
		;
	(void)snprintf(key, sizeof(key), "second%d", round);
	begin(s, &second, key, fixture_in(LONG));
	(void)look(&second, BW_STORE_DURABLE);
	(void)sqlite3_close(db);
	while (look(&second, BW_STORE_DURABLE) == BW_ERR_DEADLINE)
		(void)bw_store_commit_waiting();
	led = second.woken > 0 && pthread_equal(second.thread, pthread_self());
	while (look(&first, BW_STORE_DURABLE) == BW_ERR_DEADLINE &&
	       tap_poll(&turn))
		;
	finish(&first);
	finish(&second);
	return led;
}

/*
 * After its turn the store's thread leaves the queue to the workers. It takes
 * it back when they are slow, so one round may not show it.
 */
static void
test_turn_ends(struct bw_store *s)
{
	bool led = false;

	for (int round = 0; !led && round < 200; round++)
		led = commit_after_turn(s, round);
	ok(led, "a worker commits what came while the store's thread did");
}

/* Many workers at once, each with its own requests. */
static void *
work(void *arg)
{
	struct bw_store *s = arg;
	unsigned turn = 0;

	for (int i = 0; i < 50; i++) {
		struct request r;
		char key[48];

		(void)snprintf(key, sizeof(key), "t%llx-%d",
		    (unsigned long long)pthread_self(), i);
		begin(s, &r, key, fixture_in(LONG));
		while (look(&r, BW_STORE_DURABLE) == BW_ERR_DEADLINE &&
		       tap_poll(&turn))
			(void)bw_store_commit_waiting();
		finish(&r);
	}
	return NULL;
}

static void
test_threads(struct bw_store *s)
{
	size_t before = fixture_count(s, NULL);
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		(void)pthread_create(&threads[i], NULL, work, s);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
	is_int((long long)(fixture_count(s, NULL) - before), 200,
	    "four threads: events stored");
}

int
main(void)
{
	struct bw_store *s;

	fixture_make_dir(dir);
	s = open_store();
	/*
	 * In this order: after a slow commit of many, the store's thread
	 * commits a few, if no others come.
	 */
	test_decided(s);
	test_not_woken(s);
	test_commit(s);
	test_waiting(s);
	test_locked(s);
	test_turn_ends(s);
	test_threads(s);
	bw_store_free(s);
	fixture_remove_dir(dir);
	return tap_done();
}
