#include "store/spooler.h"

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/thread.h"

struct bwi_spooler {
	struct bwi_spool *spool;
	pthread_mutex_t mutex; /* protects the rest */
	pthread_cond_t cond;
	struct bw_store_write *first;
	struct bw_store_write **last;
	bool running;
	bool stop;
	pthread_t thread;
};

struct bwi_spooler *
bwi_spooler_new(struct bwi_spool *spool)
{
	struct bwi_spooler *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->spool = spool;
	s->last = &s->first;
	(void)pthread_mutex_init(&s->mutex, NULL);
	bwi_thread_cond_init(&s->cond);
	return s;
}

static void
append(struct bwi_spool *spool, struct bw_store_write *j)
{
	int64_t left = (j->deadline - bw_monotonic_ns()) / 1000000;
	struct bw_error e = {0};
	enum bw_err err = bwi_spool_append(spool, j->events, j->n, left, &e);

	bwi_job_finish(j, err != BW_OK ? &e : NULL);
}

static void *
run(void *arg)
{
	struct bwi_spooler *s = arg;

	(void)pthread_mutex_lock(&s->mutex);
	while (!s->stop || s->first != NULL) {
		struct bw_store_write *j = s->first;

		if (j == NULL) {
			(void)pthread_cond_wait(&s->cond, &s->mutex);
			continue;
		}
		s->first = j->next;
		if (s->first == NULL)
			s->last = &s->first;
		(void)pthread_mutex_unlock(&s->mutex);
		append(s->spool, j);
		(void)pthread_mutex_lock(&s->mutex);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return NULL;
}

static int
enqueue(struct bwi_spooler *s, struct bw_store_write *j)
{
	int r = 0;

	(void)pthread_mutex_lock(&s->mutex);
	if (!s->running) {
		r = bwi_thread_start(&s->thread, run, s);
		s->running = r == 0;
	}
	if (r == 0) {
		j->next = NULL;
		*s->last = j;
		s->last = &j->next;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	(void)pthread_cond_signal(&s->cond);
	return r;
}

enum bw_err
bwi_spooler_append(struct bwi_spooler *s, const struct bw_store_event *events,
    size_t n, int64_t deadline, struct bw_store_write **out, struct bw_error *e)
{
	struct bw_store_write *j = bwi_job_new(NULL, events, n, deadline);

	*out = NULL;
	if (j == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "spool: out of memory");
	if (enqueue(s, j) != 0)
		append(s->spool, j); /* no thread can be started */
	*out = j;
	return BW_OK;
}

void
bwi_spooler_free(struct bwi_spooler *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->mutex);
	s->stop = true;
	(void)pthread_cond_signal(&s->cond);
	(void)pthread_mutex_unlock(&s->mutex);
	if (s->running)
		(void)pthread_join(s->thread, NULL);
	(void)pthread_cond_destroy(&s->cond);
	(void)pthread_mutex_destroy(&s->mutex);
	bwi_free(s);
}
