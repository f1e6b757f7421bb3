/*
 * The workers of a consumer. Each leases an event, hands it over and stores the
 * outcome. When there are no events, one idle worker waits for the store, the
 * others wait for that worker.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>
#include <bwcallback/tools/str.h>

#include "cli/consume/consume.h"

/* The store does not signal events that become due for a retry: poll. */
#define LOOK_MS	 500
#define PAUSE_MS 1000

struct workers {
	atomic_bool ended; /* no worker is left */
	struct consumer consumer;
	pthread_mutex_t idle;
	pthread_mutex_t failing;
	struct bw_error error; /* why the run ended */
};

/* The first worker that cannot continue stops all workers. */
static void
give_up(struct workers *w, const struct bw_error *e)
{
	(void)pthread_mutex_lock(&w->failing);
	(void)bw_error_set(&w->error, e->code, e->sys, "%s", e->msg);
	(void)pthread_mutex_unlock(&w->failing);
	(void)kill(getpid(), SIGTERM);
}

/*
 * The store may be full or locked for a while: a consumer survives that.
 * Returns true after a pause: try again. False: another try cannot succeed.
 */
static bool
complain(struct workers *w, const struct bw_error *e, bool again)
{
	const struct timespec pause = {.tv_sec = PAUSE_MS / 1000};

	if (e->code == BW_ERR_NOTFOUND || e->code == BW_ERR_USAGE || !again) {
		give_up(w, e);
		return false;
	}
	consume_log("%s", e->msg);
	(void)nanosleep(&pause, NULL);
	return true;
}

static bool
is_stopping(struct workers *w)
{
	return atomic_load(&w->consumer.stop) != CONSUME_GO_ON;
}

/*
 * Retry while the store fails, otherwise a finished event would be handed over
 * again. Stop when the lease has expired: then the outcome can no longer be
 * stored.
 */
static void
settle(struct workers *w, struct consume_task *t, enum consume_outcome outcome)
{
	int64_t until = bw_monotonic_ms() + t->consumer->options->lease;
	struct bw_error e;

	do {
		e = (struct bw_error){0};
		if (consume_task_settle(t, outcome, &e) == BW_OK)
			return;
	} while (complain(w, &e, true) && bw_monotonic_ms() < until);
}

static void
work(struct workers *w, struct consume_task *t)
{
	const struct consume_options *o = w->consumer.options;
	enum consume_outcome outcome = CONSUME_FAILED;
	struct bw_error e = {0};

	t->deadline = bw_monotonic_ms() + o->timeout;
	if (t->json.err != BW_OK || t->env.err != BW_OK)
		(void)snprintf(t->why, sizeof(t->why), "event: %s",
		    bw_strerror(t->json.err));
	else
		outcome = o->url != NULL ? consume_post(t) : consume_program(t);
	settle(w, t, outcome);
	if (outcome == CONSUME_HOPELESS) {
		(void)bw_error_set(&e, BW_ERR_NOFILE, 0, "%s", t->why);
		give_up(w, &e);
	}
}

static bool
take_and_work(struct workers *w, struct bw_error *e)
{
	struct consume_task t = {.consumer = &w->consumer};

	if (!consume_task_take(&t, e))
		return false;
	work(w, &t);
	consume_task_free(&t);
	return true;
}

static bool
ignore_row(void *arg, const struct bw_store_row *r)
{
	(void)arg;
	(void)r;
	return true;
}

/* Sets *seq to the number of the newest event, 0 if there is none. */
static enum bw_err
newest(struct bw_store *s, uint64_t *seq, struct bw_error *e)
{
	const struct bw_store_filter all = {.since = 0};

	*seq = 0;
	return bw_store_read(s, &all, true, 1, seq, ignore_row, NULL, e);
}

/*
 * Returns true with an event that was already there. An event stored after
 * newest() and before bw_store_follow() ends the wait at once.
 */
static bool
wait_for_task(struct workers *w, struct consume_task *t, struct bw_error *e)
{
	struct bw_store *s = w->consumer.store;
	bool taken = false;
	uint64_t last;

	(void)pthread_mutex_lock(&w->idle);
	if (!is_stopping(w) && newest(s, &last, e) == BW_OK)
		taken = consume_task_take(t, e);
	if (!taken && e->code == BW_OK && !is_stopping(w)) {
		int64_t until = (bw_monotonic_ms() + LOOK_MS) * 1000000;

		if (bw_store_follow(s, last, until, e) == BW_ERR_DEADLINE)
			*e = (struct bw_error){0};
	}
	(void)pthread_mutex_unlock(&w->idle);
	return taken;
}

static void *
work_until_stopped(void *arg)
{
	struct workers *w = arg;

	while (!is_stopping(w)) {
		struct consume_task t = {.consumer = &w->consumer};
		struct bw_error e = {0};

		if (take_and_work(w, &e))
			continue;
		/*
		 * An event that waits for one leased by another worker is done
		 * by that worker.
		 */
		if (e.code == BW_OK && w->consumer.options->once)
			break;
		if (e.code == BW_OK && wait_for_task(w, &t, &e)) {
			work(w, &t);
			consume_task_free(&t);
		}
		if (e.code != BW_OK)
			(void)complain(w, &e, !w->consumer.options->once);
	}
	return NULL;
}

/*
 * The first signal lets running tasks finish, the second ends them. SIGUSR1,
 * sent by this program, means that all workers have ended.
 */
static void *
heed_signals(void *arg)
{
	struct workers *w = arg;
	sigset_t set;
	int number;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGUSR1);
	while (atomic_load(&w->consumer.stop) != CONSUME_END) {
		if (sigwait(&set, &number) != 0)
			continue;
		if (atomic_load(&w->ended))
			break;
		if (number != SIGUSR1)
			(void)atomic_fetch_add(&w->consumer.stop, 1);
	}
	return NULL;
}

static enum bw_err
cannot_start(int sys, struct bw_error *e)
{
	return bw_error_set(
	    e, BW_ERR_NOMEM, sys, "consume: threads: %s", strerror(sys));
}

static enum bw_err
run_workers(struct workers *w, pthread_t *threads, size_t n, struct bw_error *e)
{
	size_t started = 0;
	int sys = 0;

	while (sys == 0 && started < n) {
		sys = pthread_create(
		    &threads[started], NULL, work_until_stopped, w);
		started += sys == 0;
	}
	if (sys != 0)
		atomic_store(&w->consumer.stop, CONSUME_FINISH);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	return sys == 0 ? BW_OK : cannot_start(sys, e);
}

static enum bw_err
start(struct workers *w, pthread_t *threads, size_t n, struct bw_error *e)
{
	pthread_t heeding;
	enum bw_err err;
	int sys = pthread_create(&heeding, NULL, heed_signals, w);

	if (sys != 0)
		return cannot_start(sys, e);
	err = run_workers(w, threads, n, e);
	atomic_store(&w->ended, true);
	/*
	 * The thread id is valid until the join, even if the thread has ended.
	 */
	(void)pthread_kill(heeding, SIGUSR1);
	(void)pthread_join(heeding, NULL);
	return err;
}

/*
 * A new consumer starts after the newest event, or with the events since a
 * time. An existing consumer continues where it stopped.
 */
static enum bw_err
set_up(struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	const struct bw_store_filter since = {.since = o->since};
	uint64_t after = 0, first = 0;
	enum bw_err err = newest(s, &after, e);

	/* In this order: an event stored in between is one of the new ones. */
	if (err == BW_OK && o->since >= 0)
		err = bw_store_read(
		    s, &since, false, 1, &first, ignore_row, NULL, e);
	if (err == BW_OK && first > 0)
		after = first - 1;
	if (err == BW_OK)
		err = bw_store_consumer(s, o->name, &o->filter, after, e);
	return err;
}

struct rest {
	const char *name;
	uint64_t pending;
};

static bool
add_rest(void *arg, const struct bw_store_consumer_state *c)
{
	struct rest *r = arg;

	if (bw_str_is(c->name, r->name))
		r->pending = c->pending;
	return true;
}

/* BW_ERR_BUSY: events are left, for the next run with --once. */
static enum bw_err
check_rest(struct workers *w, struct bw_error *e)
{
	struct rest r = {.name = w->consumer.options->name};
	unsigned long failed = atomic_load(&w->consumer.failed);
	enum bw_err err =
	    bw_store_consumers(w->consumer.store, INT64_MAX, add_rest, &r, e);

	if (err != BW_OK || (failed == 0 && r.pending == 0))
		return err;
	return bw_error_set(e, BW_ERR_BUSY, 0,
	    "consume: %s: %lu tries failed, %llu events are left to try again; "
	    "see --list-dead for those given up",
	    r.name, failed, (unsigned long long)r.pending);
}

enum bw_err
consume_run(
    struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	struct workers w = {.consumer = {.store = s, .options = o},
	    .idle = PTHREAD_MUTEX_INITIALIZER,
	    .failing = PTHREAD_MUTEX_INITIALIZER};
	pthread_t *threads = calloc((size_t)o->workers, sizeof(*threads));
	enum bw_err err;

	atomic_init(&w.consumer.stop, CONSUME_GO_ON);
	atomic_init(&w.consumer.failed, 0);
	if (threads == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "consume: out of memory");
	err = set_up(s, o, e);
	if (err == BW_OK)
		err = start(&w, threads, (size_t)o->workers, e);
	if (err == BW_OK && w.error.code != BW_OK) {
		*e = w.error;
		err = e->code;
	}
	if (err == BW_OK && o->once)
		err = check_rest(&w, e);
	free(threads);
	return err;
}
