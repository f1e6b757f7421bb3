#include "store/writer.h"

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

struct bwi_writer {
	const struct bwi_writer_ops *ops;
	void *arg;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct bw_store_write *first;
	struct bw_store_write **last;
	int64_t due; /* latest time to write the queued jobs */
	bool running;
	bool stop;
	pthread_t thread;
};

struct bwi_writer *
bwi_writer_new(const struct bwi_writer_ops *ops, void *arg)
{
	struct bwi_writer *w = bwi_calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->ops = ops;
	w->arg = arg;
	w->last = &w->first;
	(void)pthread_mutex_init(&w->mutex, NULL);
	bwi_thread_cond_init(&w->cond);
	return w;
}

/* Take at most one batch of the queued jobs. The mutex is held. */
static struct bw_store_write *
take_batch(struct bwi_writer *w, size_t *n)
{
	struct bw_store_write *first = w->first, *j = first;
	size_t appends = j->n > 0;

	*n = 1;
	while (j->next != NULL &&
	       (j->next->n == 0 || appends < BWI_WRITER_BATCH)) {
		j = j->next;
		appends += j->n > 0;
		++*n;
	}
	w->first = j->next;
	if (w->first == NULL)
		w->last = &w->first;
	j->next = NULL;
	return first;
}

static int64_t
wait_until(struct bwi_writer *w, int64_t when)
{
	(void)bwi_thread_cond_wait(&w->cond, &w->mutex, when);
	return bw_monotonic_ns();
}

/* The mutex is held on entry and return, but released during the commit. */
static int64_t
do_jobs(struct bwi_writer *w)
{
	size_t n;
	struct bw_store_write *jobs = take_batch(w, &n);

	(void)pthread_mutex_unlock(&w->mutex);
	w->ops->commit(w->arg, jobs, n);
	(void)pthread_mutex_lock(&w->mutex);
	return bw_monotonic_ns();
}

static void
do_periodic(struct bwi_writer *w)
{
	(void)pthread_mutex_unlock(&w->mutex);
	w->ops->periodic(w->arg);
	(void)pthread_mutex_lock(&w->mutex);
}

static void *
run(void *arg)
{
	struct bwi_writer *w = arg;
	int64_t now = bw_monotonic_ns(), next = now + SECOND;

	(void)pthread_mutex_lock(&w->mutex);
	while (!w->stop || w->first != NULL) {
		if (w->first == NULL)
			now = wait_until(w, next);
		else if (w->stop || now >= w->due)
			now = do_jobs(w);
		else
			now = wait_until(w, w->due);
		if (now >= next) {
			do_periodic(w);
			next = bw_monotonic_ns() + SECOND;
		}
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/*
 * The mutex is held. true: the writer must be woken, it would sleep too long.
 */
static bool
enqueue(struct bwi_writer *w, struct bw_store_write *j)
{
	bool waited_for = j->n > 0 || !j->abandoned;
	bool wake = w->first == NULL || (waited_for && w->due != 0);

	if (waited_for)
		w->due = 0;
	else if (w->first == NULL)
		w->due = bw_monotonic_ns() + ANSWER_DELAY;
	j->next = NULL;
	*w->last = j;
	w->last = &j->next;
	return wake;
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
	if (r == 0)
		wake = enqueue(w, j);
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
bwi_writer_free(struct bwi_writer *w)
{
	if (w == NULL)
		return;
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
