#include "store/writer.h"

#include <stdatomic.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/thread.h"

#define SECOND INT64_C(1000000000)

/*
 * How long answers wait for events to share a transaction with. Otherwise their
 * own syncs to disk would be half of all.
 */
#define ANSWER_DELAY (INT64_C(20) * 1000000)

/* How long queued jobs wait for the worker that has just committed. */
#define LEADER_TIME (INT64_C(5) * 1000000)

/*
 * After a commit that took long, the next one waits for the callers that were
 * just answered: they often ask again at once, and would otherwise wait for all
 * of a commit that begins without them. It waits for half of the time that the
 * last commit took, and not at all after a short one, or if so many callers are
 * waiting that each commit has enough of them.
 */
#define HOLD_ABOVE INT64_C(1000000)
#define HOLD_TIME  (INT64_C(5) * 1000000)
#define HOLD_MOST  128

struct bwi_writer {
	const struct bwi_writer_ops *ops;
	void *arg;
	struct bwi_writer *next; /* in the list of all; under its lock */
	pthread_mutex_t mutex;	 /* protects the rest */
	pthread_cond_t cond;
	struct bw_store_write *first;
	struct bw_store_write **last;
	size_t urgent;	  /* number of queued jobs other than delayed answers */
	int64_t due;	  /* when the thread must commit the queued jobs */
	int64_t periodic; /* when it must call the function of that name */
	int64_t wakes;	  /* until when the thread sleeps; 0: it does not */
	int64_t began;	  /* when a thread began to commit; 0: none does */
	size_t expected;  /* urgent jobs that the next commit waits for */
	int64_t hold;	  /* until when it does; 0: it does not */
	bool handed;	  /* only the writer's thread may commit */
	bool wanted;	  /* the thread waits for its turn to commit */
	bool running;
	bool stop;
	pthread_t thread;
};

/* All writers of the process, in which workers look for waiting jobs. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_writer *list;

static void
enlist(struct bwi_writer *w)
{
	(void)pthread_mutex_lock(&list_lock);
	w->next = list;
	list = w;
	(void)pthread_mutex_unlock(&list_lock);
}

static void
delist(struct bwi_writer *w)
{
	struct bwi_writer **at = &list;

	(void)pthread_mutex_lock(&list_lock);
	while (*at != NULL && *at != w)
		at = &(*at)->next;
	if (*at == w)
		*at = w->next;
	(void)pthread_mutex_unlock(&list_lock);
}

struct bwi_writer *
bwi_writer_new(const struct bwi_writer_ops *ops, void *arg)
{
	struct bwi_writer *w = bwi_calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->ops = ops;
	w->arg = arg;
	w->last = &w->first;
	w->periodic = bw_monotonic_ns() + SECOND;
	(void)pthread_mutex_init(&w->mutex, NULL);
	bwi_thread_cond_init(&w->cond);
	enlist(w);
	return w;
}

/*
 * An answer that no caller waits for is written with the next events, or after
 * a delay.
 */
static bool
is_urgent(const struct bw_store_write *j)
{
	return j->n > 0 || !j->delayed;
}

/*
 * Must the thread be woken to commit in time? Otherwise it sees by itself what
 * is due: waking it after each commit would be most of all wakeups. The mutex
 * is held.
 */
static bool
is_asleep(const struct bwi_writer *w)
{
	return w->first != NULL && w->due < w->wakes;
}

/* Take at most one batch of the queued jobs. The mutex is held. */
static struct bw_store_write *
take_batch(struct bwi_writer *w, size_t *n)
{
	struct bw_store_write *first = w->first, *j = first;
	size_t appends = j->n > 0;

	*n = 1;
	w->urgent -= is_urgent(j);
	while (j->next != NULL &&
	       (j->next->n == 0 || appends < BWI_WRITER_BATCH)) {
		j = j->next;
		appends += j->n > 0;
		w->urgent -= is_urgent(j);
		++*n;
	}
	w->first = j->next;
	if (w->first == NULL)
		w->last = &w->first;
	j->next = NULL;
	return first;
}

/* Put a batch back before all other jobs. The mutex is held. */
static void
put_back(struct bwi_writer *w, struct bw_store_write *jobs)
{
	struct bw_store_write *j = jobs;

	w->urgent += is_urgent(j);
	while (j->next != NULL) {
		j = j->next;
		w->urgent += is_urgent(j);
	}
	j->next = w->first;
	if (w->first == NULL)
		w->last = &j->next;
	w->first = jobs;
}

static int64_t
wait_until(struct bwi_writer *w, int64_t when)
{
	w->wakes = when;
	(void)bwi_thread_cond_wait(&w->cond, &w->mutex, when);
	w->wakes = 0;
	return bw_monotonic_ns();
}

/*
 * A commit of so many urgent jobs has ended: as many are expected again, and
 * those that are queued. The mutex is held.
 */
static void
expect_again(struct bwi_writer *w, size_t urgent)
{
	int64_t now = bw_monotonic_ns(), took = now - w->began;

	w->expected = urgent + w->urgent;
	w->hold = took >= HOLD_ABOVE && w->expected <= HOLD_MOST
		      ? now + bw_earlier(took / 2, HOLD_TIME)
		      : 0;
}

/* Does the next commit wait for more jobs? The mutex is held. */
static bool
is_held(const struct bwi_writer *w)
{
	return w->hold != 0 && w->urgent < w->expected &&
	       bw_monotonic_ns() < w->hold;
}

/*
 * Commit one batch. The mutex is held on entry and return, but released during
 * the commit. False: the store is locked, and the jobs are queued again.
 */
static bool
commit_batch(struct bwi_writer *w, bool patient)
{
	size_t n, urgent = w->urgent;
	struct bw_store_write *jobs = take_batch(w, &n);
	bool done;

	urgent -= w->urgent;
	w->began = bw_monotonic_ns();
	(void)pthread_mutex_unlock(&w->mutex);
	done = w->ops->commit(w->arg, jobs, n, patient);
	(void)pthread_mutex_lock(&w->mutex);
	if (done)
		expect_again(w, urgent);
	w->began = 0;
	if (!done)
		put_back(w, jobs);
	return done;
}

/*
 * The end of the thread's turn, in which no worker could commit what was queued
 * meanwhile. If the turn has woken requests, leave the queue to the workers
 * that answer them: otherwise the thread would commit alone as long as there is
 * load. If it has woken none, no worker may come: commit at once.
 */
static void
end_turn(struct bwi_writer *w, bool woke)
{
	w->wanted = false;
	w->handed = false;
	if (w->urgent > 0)
		w->due =
		    woke ? bw_earlier(w->due, bw_monotonic_ns() + LEADER_TIME)
			 : 0;
}

static void
do_jobs(struct bwi_writer *w)
{
	bool woke = w->urgent > 0;

	end_turn(w, commit_batch(w, true) && woke);
}

/* This uses the connection that commits, so no worker may commit meanwhile. */
static void
do_periodic(struct bwi_writer *w)
{
	w->began = bw_monotonic_ns();
	(void)pthread_mutex_unlock(&w->mutex);
	w->ops->periodic(w->arg);
	(void)pthread_mutex_lock(&w->mutex);
	w->began = 0;
	w->periodic = bw_monotonic_ns() + SECOND;
	end_turn(w, false);
}

/*
 * A worker commits: wait until it has done so, unless it will take the queued
 * answers along with the next events.
 */
static void
wait_for_worker(struct bwi_writer *w, bool must)
{
	w->wanted = must || w->urgent == 0;
	(void)wait_until(w, bw_monotonic_ns() + ANSWER_DELAY);
}

static void *
run(void *arg)
{
	struct bwi_writer *w = arg;

	(void)pthread_mutex_lock(&w->mutex);
	while (!w->stop || w->first != NULL || w->began != 0) {
		int64_t now = bw_monotonic_ns();
		bool turn = now >= w->periodic;
		bool due = w->first != NULL && (w->stop || now >= w->due);

		if (w->began != 0 && (turn || due || w->stop)) {
			wait_for_worker(w, turn || w->stop);
		} else if (turn) {
			do_periodic(w);
		} else if (due) {
			do_jobs(w);
		} else {
			(void)wait_until(w,
			    w->first != NULL ? bw_earlier(w->periodic, w->due)
					     : w->periodic);
		}
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* The mutex is held. */
static void
enqueue(struct bwi_writer *w, struct bw_store_write *j)
{
	bool first = w->first == NULL, delayed = !is_urgent(j);

	w->urgent += !delayed;
	if (first)
		w->due = delayed ? bw_monotonic_ns() + ANSWER_DELAY : INT64_MAX;
	/* If no worker comes before. */
	if (!delayed && is_held(w))
		w->due = bw_earlier(w->due, w->hold);
	j->next = NULL;
	*w->last = j;
	w->last = &j->next;
}

void
bwi_writer_submit(struct bwi_writer *w, struct bw_store_write *j)
{
	bool wake = false;
	int r = 0;

	(void)pthread_mutex_lock(&w->mutex);
	if (!w->running) {
		r = bwi_thread_start(&w->thread, run, w);
		w->running = r == 0;
	}
	if (r == 0) {
		enqueue(w, j);
		wake = is_asleep(w);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	if (wake)
		(void)pthread_cond_signal(&w->cond);
	if (r != 0) {
		struct bw_error e = {0};

		(void)bw_error_set(&e, BW_ERR_BUSY, r,
		    "store: cannot start the writer thread: %s", strerror(r));
		bwi_job_finish(j, &e);
	}
}

void
bwi_writer_hurry(struct bwi_writer *w)
{
	bool wake;

	(void)pthread_mutex_lock(&w->mutex);
	wake = w->first != NULL && w->due != 0;
	if (wake)
		w->due = 0;
	(void)pthread_mutex_unlock(&w->mutex);
	if (wake)
		(void)pthread_cond_signal(&w->cond);
}

void
bwi_writer_periodic(struct bwi_writer *w)
{
	(void)pthread_mutex_lock(&w->mutex);
	w->periodic = 0;
	(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&w->mutex);
}

int64_t
bwi_writer_busy(struct bwi_writer *w)
{
	int64_t began;

	(void)pthread_mutex_lock(&w->mutex);
	began = w->began;
	(void)pthread_mutex_unlock(&w->mutex);
	return began != 0 ? bw_monotonic_ns() - began : 0;
}

/* Must a job be committed, and may a worker do it? The mutex is held. */
static bool
may_lead(const struct bwi_writer *w)
{
	return w->urgent > 0 && w->began == 0 && !w->handed && !w->wanted &&
	       !w->stop && !is_held(w);
}

/* Commit one batch, or leave it to the writer's thread. The mutex is held. */
static bool
lead(struct bwi_writer *w)
{
	bool done = commit_batch(w, false);

	if (!done) {
		w->handed = true;
		w->due = 0;
	}
	/*
	 * More is queued, and this worker answers what it has committed first:
	 * the thread takes over if that takes long.
	 */
	if (w->urgent > 0 && done)
		w->due = bw_earlier(w->due,
		    is_held(w) ? w->hold : bw_monotonic_ns() + LEADER_TIME);
	if (w->wanted || w->handed || w->stop || is_asleep(w))
		(void)pthread_cond_signal(&w->cond);
	return done;
}

/* The caller holds the lock of the list, so the writer is not freed. */
static bool
try_lead(struct bwi_writer *w, bool *done)
{
	bool led;

	(void)pthread_mutex_lock(&w->mutex);
	led = may_lead(w);
	if (led) {
		(void)pthread_mutex_unlock(&list_lock);
		*done = lead(w);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return led;
}

static atomic_uint expected;

void
bwi_writer_expect(bool more)
{
	(void)atomic_fetch_add(&expected, more ? 1U : -1U);
}

/*
 * With several stores, each is committed by its own thread: a worker that hangs
 * in the commit of one store would be missing for the others.
 */
static bool
is_only_one(const struct bwi_writer *w)
{
	return w == list && w->next == NULL && atomic_load(&expected) < 2;
}

/* Let the threads commit what would be committed here. */
static void
hurry_all(void)
{
	for (struct bwi_writer *w = list; w != NULL; w = w->next) {
		bool wake;

		(void)pthread_mutex_lock(&w->mutex);
		wake = w->urgent > 0 && w->due != 0 && !is_held(w);
		if (wake)
			w->due = 0;
		(void)pthread_mutex_unlock(&w->mutex);
		if (wake)
			(void)pthread_cond_signal(&w->cond);
	}
}

bool
bw_store_commit_waiting(void)
{
	bool done = false, led;

	do {
		led = false;
		(void)pthread_mutex_lock(&list_lock);
		if (list != NULL && is_only_one(list))
			led = try_lead(list, &done);
		else
			hurry_all();
		if (!led)
			(void)pthread_mutex_unlock(&list_lock);
	} while (led && !done); /* a locked store is not tried again */
	return done;
}

void
bwi_writer_free(struct bwi_writer *w)
{
	if (w == NULL)
		return;
	delist(w);
	(void)pthread_mutex_lock(&w->mutex);
	w->stop = true;
	(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&w->mutex);
	if (w->running)
		(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->cond);
	(void)pthread_mutex_destroy(&w->mutex);
	bwi_free(w);
}
