/* Jobs of the writer, and waiting for them. */
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "base/histogram.h"
#include "os/thread.h"
#include "store/event_strings.h"
#include "store/spool.h"
#include "store/spooler.h"
#include "store/store.h"

/* How long to retry recording an answer while the store is locked. */
#define ANSWER_RETRY (INT64_C(5) * 1000000000)

static size_t
strings_size(const struct bw_store_event *e)
{
	size_t n = 0;

#define X(name) n += e->name.n;
	BWI_STORE_STRINGS(X)
#undef X
	return n;
}

static struct bw_store_write *
new_job(struct bw_store *s, size_t n, size_t text)
{
	struct bw_store_write *j = bwi_calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->store = s;
	j->n = n;
	j->block = bwi_calloc(1, n * (sizeof(*j->events) + sizeof(*j->results) +
					 sizeof(*j->answers)) +
				     text + 1);
	if (j->block == NULL) {
		bwi_free(j);
		return NULL;
	}
	(void)pthread_mutex_init(&j->mutex, NULL);
	bwi_thread_cond_init(&j->cond);
	return j;
}

struct bw_store_write *
bwi_job_new(struct bw_store *s, const struct bw_store_event *events, size_t n,
    int64_t deadline)
{
	struct bw_store_write *j;
	size_t text = 0;
	char *to;

	for (size_t i = 0; i < n; i++)
		text += strings_size(&events[i]);
	j = new_job(s, n, text);
	if (j == NULL)
		return NULL;
	j->refs = 2;
	j->deadline = deadline;
	j->begun = bw_monotonic_ns();
	j->events = j->block;
	j->results = (struct bw_store_result *)(void *)(j->events + n);
	j->answers = (struct bw_buf *)(void *)(j->results + n);
	to = (char *)(j->answers + n);
	for (size_t i = 0; i < n; i++) {
		struct bw_store_event *e = &j->events[i];

		*e = events[i];
#define X(name) to = bwi_store_copy_string(&e->name, to);
		BWI_STORE_STRINGS(X)
#undef X
		bw_buf_init(&j->answers[i], (size_t)1 << 24);
	}
	return j;
}

struct bw_store_write *
bwi_job_new_answer(
    struct bw_store *s, uint64_t seq, const struct bw_store_answer *a)
{
	struct bw_store_write *j =
	    new_job(s, 0, a->content_type.n + a->body.n + a->trace.n);
	char *to;

	if (j == NULL)
		return NULL;
	j->refs = 1;
	j->abandoned = true;
	j->delayed = true;
	j->seq = seq;
	j->answer = *a;
	j->deadline = bw_monotonic_ns() + ANSWER_RETRY;
	to = bwi_store_copy_string(&j->answer.content_type, j->block);
	to = bwi_store_copy_string(&j->answer.body, to);
	(void)bwi_store_copy_string(&j->answer.trace, to);
	return j;
}

void
bwi_job_add_waiter(struct bw_store_write *j)
{
	j->refs = 2;
	j->abandoned = false;
	j->delayed = false;
}

static void
release(struct bw_store_write *j)
{
	int refs;

	(void)pthread_mutex_lock(&j->mutex);
	refs = --j->refs;
	(void)pthread_mutex_unlock(&j->mutex);
	if (refs > 0)
		return;
	(void)pthread_cond_destroy(&j->cond);
	(void)pthread_mutex_destroy(&j->mutex);
	for (size_t i = 0; i < j->n; i++)
		bw_buf_free(&j->answers[i]);
	bwi_free(j->block);
	bwi_free(j);
}

/*
 * Call the waker of a parked request. The mutex is held, so the waker is
 * not being called any more once it has been removed. After a job was
 * decided, this thread goes on to commit, so another thread must continue
 * the request.
 */
static void
wake_parked(struct bw_store_write *j, enum bwi_job_state state)
{
	struct bw_waker w = j->waker;

	j->waker = (struct bw_waker){.wake = NULL};
	j->wanted = BWI_JOB_QUEUED;
	w.wake(w.arg, state != BWI_JOB_DONE);
}

/*
 * Signal only a waiter for this state or an earlier one: a wakeup is most of
 * the cost of waiting. Unlocks first: the woken thread needs the mutex.
 */
static void
set_state(struct bw_store_write *j, enum bwi_job_state state)
{
	bool wake = j->wanted != BWI_JOB_QUEUED && j->wanted <= state;

	j->state = state;
	if (wake && j->waker.wake != NULL) {
		wake_parked(j, state);
		wake = false;
	}
	(void)pthread_mutex_unlock(&j->mutex);
	if (wake)
		(void)pthread_cond_signal(&j->cond);
}

void
bwi_job_decide(struct bw_store_write *j)
{
	(void)pthread_mutex_lock(&j->mutex);
	set_state(j, BWI_JOB_DECIDED);
}

/* Spool the events of a failed job whose caller no longer waits. */
static void
spool_abandoned(struct bw_store_write *j, int64_t wait_ms)
{
	struct bw_store_write *spooling;
	struct bw_error lost = {0};

	if (j->store == NULL || j->store->spool == NULL)
		return;
	if (j->store->spooler != NULL) {
		if (bwi_spooler_append(j->store->spooler, j->events, j->n,
			bw_monotonic_ns() + BWI_SPOOL_MAX_WAIT * 1000000LL,
			&spooling, &lost) != BW_OK)
			bwi_store_warn(j->store, &lost);
		bw_store_write_free(spooling, false);
		return;
	}
	if (bwi_spool_append(
		j->store->spool, j->events, j->n, wait_ms, &lost) != BW_OK)
		bwi_store_warn(j->store, &lost);
}

void
bwi_job_count_batch(const struct bw_store_write *jobs)
{
	int64_t n = 0;

	for (; jobs != NULL; jobs = jobs->next)
		n += (int64_t)jobs->n;
	if (n > 0)
		bwi_observe(BWI_HISTOGRAM_BATCH, n);
}

void
bwi_job_finish(struct bw_store_write *j, const struct bw_error *e)
{
	bool save;

	if (e == NULL && j->n > 0 && j->store != NULL)
		bwi_observe(
		    BWI_HISTOGRAM_DURABLE, bw_monotonic_ns() - j->begun);
	(void)pthread_mutex_lock(&j->mutex);
	if (e != NULL)
		j->error = *e;
	save = j->error.code != BW_OK && j->abandoned && j->spool;
	set_state(j, BWI_JOB_DONE);
	if (save)
		spool_abandoned(j, BWI_SPOOL_MAX_WAIT);
	release(j);
}

void
bwi_job_finish_all(struct bw_store_write *j, const struct bw_error *e)
{
	while (j != NULL) {
		struct bw_store_write *next = j->next;

		bwi_job_finish(j, e);
		j = next;
	}
}

enum bw_err
bwi_job_set_answer(
    struct bw_store_write *j, size_t i, const struct bw_store_answer *a)
{
	struct bw_store_answer *to = &j->results[i].answer;
	struct bw_buf *b = &j->answers[i];

	bw_buf_reset(b);
	bw_buf_str(b, a->content_type);
	bw_buf_str(b, a->body);
	bw_buf_putc(b, '\0'); /* so that p is not NULL for an empty answer */
	if (b->err != BW_OK)
		return b->err;
	*to = *a;
	to->trace = (struct bw_str){NULL, 0};
	if (a->content_type.p != NULL)
		to->content_type.p = b->p;
	if (a->body.p != NULL)
		to->body.p = b->p + a->content_type.n;
	j->results[i].fate = BW_STORE_ANSWERED;
	return BW_OK;
}

static enum bwi_job_state
state_of(enum bw_store_stage until)
{
	return until == BW_STORE_DURABLE ? BWI_JOB_DONE : BWI_JOB_DECIDED;
}

/* The result of a job that has reached the wanted state. */
static enum bw_err
take_results(struct bw_store_write *j, const struct bw_store_result **results,
    struct bw_error *e)
{
	*results = j->results;
	if (j->state != BWI_JOB_DONE || j->error.code == BW_OK)
		return BW_OK;
	return bw_error_set(e, j->error.code, j->error.sys, "%s", j->error.msg);
}

bool
bwi_job_poll(struct bw_store_write *j, enum bw_store_stage until,
    const struct bw_waker *waker, const struct bw_store_result **results,
    enum bw_err *err, struct bw_error *e)
{
	bool reached;

	(void)pthread_mutex_lock(&j->mutex);
	reached = j->state >= state_of(until);
	if (reached)
		*err = take_results(j, results, e);
	if (reached || waker == NULL) {
		j->waker = (struct bw_waker){.wake = NULL};
		j->wanted = BWI_JOB_QUEUED;
	} else {
		j->waker = *waker;
		j->wanted = state_of(until);
	}
	(void)pthread_mutex_unlock(&j->mutex);
	return reached;
}

static enum bw_err
wait_locked(struct bw_store_write *j, enum bwi_job_state want, int64_t deadline)
{
	enum bw_err err = BW_OK;

	j->wanted = want;
	while (err == BW_OK && j->state < want) {
		if (!bwi_thread_cond_wait(&j->cond, &j->mutex, deadline) &&
		    j->state < want)
			err = BW_ERR_DEADLINE;
	}
	j->wanted = BWI_JOB_QUEUED;
	return err;
}

void
bwi_job_hurry(struct bw_store_write *j)
{
	bool queued;

	(void)pthread_mutex_lock(&j->mutex);
	queued = j->state != BWI_JOB_DONE;
	(void)pthread_mutex_unlock(&j->mutex);
	if (queued && j->store != NULL && j->store->ops->hurry != NULL)
		j->store->ops->hurry(j->store);
}

enum bw_err
bw_store_write_wait(struct bw_store_write *j, enum bw_store_stage until,
    int64_t deadline, const struct bw_store_result **results,
    struct bw_error *e)
{
	enum bw_err err;

	bwi_job_hurry(j);
	(void)pthread_mutex_lock(&j->mutex);
	err = wait_locked(j, state_of(until), deadline);
	if (err == BW_ERR_DEADLINE)
		(void)bw_error_set(
		    e, err, 0, "store: not written before the deadline");
	else
		err = take_results(j, results, e);
	*results = j->results;
	(void)pthread_mutex_unlock(&j->mutex);
	return err;
}

/* Milliseconds until the deadline of the request. */
static int64_t
time_left(const struct bw_store_write *j)
{
	return (j->deadline - bw_monotonic_ns()) / 1000000;
}

void
bw_store_write_free(struct bw_store_write *j, bool spool)
{
	bool save;

	if (j == NULL)
		return;
	bwi_job_hurry(j);
	(void)pthread_mutex_lock(&j->mutex);
	j->abandoned = true;
	j->spool = spool;
	j->waker = (struct bw_waker){.wake = NULL};
	j->wanted = BWI_JOB_QUEUED;
	save = spool && j->state == BWI_JOB_DONE && j->error.code != BW_OK;
	(void)pthread_mutex_unlock(&j->mutex);
	if (save)
		spool_abandoned(j, time_left(j));
	release(j);
}
