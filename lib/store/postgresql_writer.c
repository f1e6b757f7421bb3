/* The thread of a PostgreSQL store, and the queue of its jobs. */
#include "store/postgresql_writer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/thread.h"
#include "store/postgresql_alive.h"
#include "store/postgresql_drain.h"
#include "store/postgresql_pipeline.h"
#include "store/spool.h"
#include "store/writer.h"

#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)

/* How long answers wait for events to share a transaction with. */
#define ANSWER_DELAY (20 * MS)

/* How often deadlines are checked while something is not as it should be. */
#define CHECK (50 * MS)

/* How long the end of the process waits for the database. */
#define END_TIME (3 * SECOND)

/* Most bytes of events in one transaction, besides the first. */
#define MAX_BYTES ((size_t)16 << 20)

struct bwi_pg_writer {
	struct bwi_pg_pipeline pipeline; /* the thread's */
	struct bwi_pg_drain *drain;	 /* the same */
	struct bwi_pg_alive *alive;	 /* the same; NULL: not watched */
	int64_t periodic;		 /* the same */
	int wake;			 /* eventfd: jobs are queued */
	pthread_mutex_t mutex;		 /* protects the rest */
	struct bw_store_write *first;
	struct bw_store_write **last;
	size_t queued;
	size_t urgent; /* number of queued jobs other than delayed answers */
	int64_t due;   /* when delayed answers are to be written */
	int64_t began; /* since when jobs wait for the server; 0: none does */
	size_t enough; /* so many queued jobs are sent at once */
	bool down;     /* the database is known to be away: why */
	struct bw_error why;
	bool running;
	bool stop;
	pthread_t thread;
};

struct bwi_pg_writer *
bwi_pg_writer_new(
    struct bw_store *s, const struct bwi_pg_url *url, struct bw_error *e)
{
	struct bwi_pg_writer *w = bwi_calloc(1, sizeof(*w));

	if (w == NULL) {
		(void)bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
		return NULL;
	}
	w->last = &w->first;
	(void)pthread_mutex_init(&w->mutex, NULL);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake < 0)
		(void)bw_error_set(
		    e, BW_ERR_BUSY, errno, "store: %s", strerror(errno));
	if (bwi_pg_pipeline_init(&w->pipeline, s, url, e) != BW_OK ||
	    w->wake < 0) {
		bwi_pg_writer_free(w);
		return NULL;
	}
	return w;
}

static bool
is_urgent(const struct bw_store_write *j)
{
	return j->n > 0 || !j->delayed;
}

static void
wake(struct bwi_pg_writer *w)
{
	const uint64_t one = 1;

	/* It only fails if it was woken very often before. */
	(void)!write(w->wake, &one, sizeof(one));
}

static size_t
bytes_of(const struct bw_store_write *j)
{
	size_t n = j->answer.body.n;

	for (size_t i = 0; i < j->n; i++)
		n += j->events[i].body.n + j->events[i].query.n;
	return n;
}

/* Take at most one batch of the queued jobs. The mutex is held. */
static struct bw_store_write *
take_jobs(struct bwi_pg_writer *w)
{
	struct bw_store_write *first = w->first, **at = &w->first;
	size_t appends = 0, bytes = 0;

	while (*at != NULL) {
		struct bw_store_write *j = *at;

		bytes += bytes_of(j);
		appends += j->n > 0;
		if (j != first &&
		    (appends > BWI_WRITER_BATCH || bytes > MAX_BYTES))
			break;
		w->urgent -= is_urgent(j);
		w->queued--;
		at = &j->next;
	}
	w->first = *at;
	*at = NULL;
	if (w->first == NULL)
		w->last = &w->first;
	return first;
}

static void
put_back(struct bwi_pg_writer *w, struct bw_store_write *jobs)
{
	struct bw_store_write *j = jobs;

	if (j == NULL)
		return;
	for (;; j = j->next) {
		w->urgent += is_urgent(j);
		w->queued++;
		if (j->next == NULL)
			break;
	}
	j->next = w->first;
	if (w->first == NULL)
		w->last = &j->next;
	w->first = jobs;
}

/* Remove the jobs that fail now: past their deadline, or all events. */
static struct bw_store_write *
take_failing(struct bwi_pg_writer *w, bool events, bool all)
{
	struct bw_store_write **at = &w->first, *failing = NULL,
			      **to = &failing;
	int64_t now = bw_monotonic_ns();

	while (*at != NULL) {
		struct bw_store_write *j = *at;

		if (j->deadline > now && !all && !(events && j->n > 0)) {
			at = &j->next;
			continue;
		}
		*at = j->next;
		w->urgent -= is_urgent(j);
		w->queued--;
		*to = j;
		to = &j->next;
		*to = NULL;
	}
	w->last = at;
	return failing;
}

/* all: at the end of the process. */
static void
fail_jobs(struct bwi_pg_writer *w, bool all)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	struct bw_store_write *failing;
	struct bw_error e = p->why;

	bwi_pg_pipeline_fail_late(p, all);
	(void)pthread_mutex_lock(&w->mutex);
	put_back(w, p->returned);
	p->returned = NULL;
	w->down = p->down;
	w->why = p->why;
	failing = take_failing(w, p->down, all);
	(void)pthread_mutex_unlock(&w->mutex);
	if (e.code == BW_OK)
		(void)bw_error_set(&e, BW_ERR_BUSY, 0,
		    "store: %s: no answer before the deadline", p->url->name);
	bwi_job_finish_all(failing, &e);
}

/* Send what waits. */
static void
send_jobs(struct bwi_pg_writer *w)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	struct bw_store_write *jobs = NULL;
	struct bwi_pg_batch *b;

	(void)pthread_mutex_lock(&w->mutex);
	if (w->first != NULL &&
	    (w->urgent > 0 || w->stop || bw_monotonic_ns() >= w->due) &&
	    bwi_pg_pipeline_may_send(p, w->queued))
		jobs = take_jobs(w);
	(void)pthread_mutex_unlock(&w->mutex);
	if (jobs == NULL)
		return;
	if (bwi_pg_batch_new(p->store, jobs, &b) != BW_OK) {
		struct bw_error e = {0};

		(void)bw_error_set(&e, BW_ERR_NOMEM, 0, "store: out of memory");
		bwi_job_finish_all(jobs, &e);
		return;
	}
	bwi_pg_pipeline_send(p, b);
	bwi_pg_pipeline_run(p);
	if (p->returned != NULL)
		fail_jobs(w, false);
}

/* Since when jobs have waited for the server. The mutex is held. */
static void
set_began(struct bwi_pg_writer *w)
{
	const struct bwi_pg_pipeline *p = &w->pipeline;

	w->enough = p->committing != NULL ? p->committing->njobs / 2 : 0;
	if (w->urgent == 0 && !bwi_pg_pipeline_is_busy(p))
		w->began = 0;
	else if (w->began == 0)
		w->began = bw_monotonic_ns();
	else if (p->committed > w->began)
		w->began = p->committed;
}

/* When poll() must return even without an event. */
static int64_t
next_time(struct bwi_pg_writer *w)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	int64_t now = bw_monotonic_ns(), at = w->periodic;

	if (p->state == BWI_PG_AWAY && w->first != NULL)
		at = bw_earlier(at, p->until);
	if (w->first != NULL && w->urgent == 0)
		at = bw_earlier(at, w->due);
	if (w->stop || bwi_pg_pipeline_is_busy(p) ||
	    (w->first != NULL && p->state != BWI_PG_READY))
		at = bw_earlier(at, now + CHECK);
	return at;
}

static void
sleep_until(struct bwi_pg_writer *w, int64_t at)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	struct pollfd fds[2] = {{.fd = w->wake, .events = POLLIN},
	    {.fd = bwi_pg_conn_fd(&p->conn), .events = p->events}};
	int64_t left = at - bw_monotonic_ns();
	uint64_t unused;

	(void)poll(fds, 2, left > 0 ? (int)((left + MS - 1) / MS) : 0);
	(void)!read(w->wake, &unused, sizeof(unused));
}

static void
do_periodic(struct bwi_pg_writer *w)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	int64_t now = bw_monotonic_ns();

	if (now < w->periodic)
		return;
	w->periodic = now + SECOND;
	bwi_pg_drain_poll(&w->drain, p->store, p->state == BWI_PG_READY);
}

/* Connect when jobs wait, or events in the spool. */
static bool
wants_connection(struct bwi_pg_writer *w)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	bool jobs;

	(void)pthread_mutex_lock(&w->mutex);
	jobs = w->first != NULL || p->down;
	(void)pthread_mutex_unlock(&w->mutex);
	return p->state == BWI_PG_AWAY && bw_monotonic_ns() >= p->until &&
	       (jobs || p->unknown != NULL || p->gone == BWI_PG_GONE_WANTED ||
		   bwi_pg_drain_is_due(p->store));
}

/* Tell the database, one after the other, which processes have died. */
static void
report_dead(struct bwi_pg_writer *w)
{
	struct bwi_pg_pipeline *p = &w->pipeline;

	if (w->alive == NULL)
		return;
	if (p->gone == BWI_PG_GONE_DONE) {
		bwi_pg_alive_forget(w->alive);
		p->gone = BWI_PG_GONE_NONE;
	}
	if (p->gone == BWI_PG_GONE_NONE &&
	    bwi_pg_alive_next_dead(w->alive, &p->gone_writer))
		p->gone = BWI_PG_GONE_WANTED;
}

static void
step(struct bwi_pg_writer *w)
{
	struct bwi_pg_pipeline *p = &w->pipeline;

	report_dead(w);
	if (wants_connection(w))
		bwi_pg_pipeline_connect(p);
	bwi_pg_pipeline_run(p);
	bwi_pg_pipeline_check_time(p);
	if (p->state != BWI_PG_READY || p->returned != NULL ||
	    bwi_pg_pipeline_is_busy(p) || w->down != p->down)
		fail_jobs(w, false);
	bwi_pg_pipeline_upkeep(p);
	send_jobs(w);
}

/*
 * The end of the process: what cannot be written soon fails, so that it is
 * spooled. False: something is still to be done.
 */
static bool
end(struct bwi_pg_writer *w, int64_t *until)
{
	struct bwi_pg_pipeline *p = &w->pipeline;
	int64_t now = bw_monotonic_ns();
	bool done;

	if (*until == 0)
		*until = now + END_TIME;
	if (now >= *until || p->down) {
		bwi_pg_pipeline_give_up(p);
		fail_jobs(w, true);
	}
	done = bwi_pg_drain_end(&w->drain);
	(void)pthread_mutex_lock(&w->mutex);
	done = done && w->first == NULL && p->returned == NULL &&
	       !bwi_pg_pipeline_is_busy(p);
	(void)pthread_mutex_unlock(&w->mutex);
	return done;
}

static void *
run(void *arg)
{
	struct bwi_pg_writer *w = arg;
	int64_t until = 0;

	for (;;) {
		bool stop;
		int64_t at;

		step(w);
		(void)pthread_mutex_lock(&w->mutex);
		set_began(w);
		stop = w->stop;
		at = next_time(w);
		(void)pthread_mutex_unlock(&w->mutex);
		if (stop && end(w, &until))
			return NULL;
		if (!stop)
			do_periodic(w);
		sleep_until(w, at);
	}
}

/* Start the thread. The mutex is held. */
static int
start_thread(struct bwi_pg_writer *w)
{
	int r = 0;

	if (!w->running) {
		r = bwi_thread_start(&w->thread, run, w);
		w->running = r == 0;
	}
	return r;
}

void
bwi_pg_writer_start(struct bwi_pg_writer *w)
{
	const struct bw_store *s = w->pipeline.store;

	(void)pthread_mutex_lock(&w->mutex);
	if (!w->running && s->spool != NULL) {
		w->alive = bwi_pg_alive_new(bwi_spool_path(s->spool),
		    bwi_pg_writer_number(w->pipeline.id));
		(void)start_thread(w);
	}
	(void)pthread_mutex_unlock(&w->mutex);
}

void
bwi_pg_writer_submit(struct bwi_pg_writer *w, struct bw_store_write *j)
{
	struct bw_error e = {0};
	bool wakes = false;
	int r;

	(void)pthread_mutex_lock(&w->mutex);
	r = start_thread(w);
	if (r != 0)
		(void)bw_error_set(&e, BW_ERR_BUSY, r,
		    "store: cannot start the writer thread: %s", strerror(r));
	else if (w->down && j->n > 0)
		e = w->why;
	if (e.code == BW_OK) {
		if (w->first == NULL)
			w->due = bw_monotonic_ns() + ANSWER_DELAY;
		w->urgent += is_urgent(j);
		wakes = ++w->queued == 1 || w->queued == w->enough ||
			(is_urgent(j) && w->urgent == 1);
		j->next = NULL;
		*w->last = j;
		w->last = &j->next;
	}
	(void)pthread_mutex_unlock(&w->mutex);
	if (wakes)
		wake(w);
	if (e.code != BW_OK)
		bwi_job_finish(j, &e);
}

int64_t
bwi_pg_writer_busy(struct bwi_pg_writer *w)
{
	int64_t began;

	(void)pthread_mutex_lock(&w->mutex);
	began = w->began;
	(void)pthread_mutex_unlock(&w->mutex);
	return began != 0 ? bw_monotonic_ns() - began : 0;
}

void
bwi_pg_writer_free(struct bwi_pg_writer *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->mutex);
	w->stop = true;
	(void)pthread_mutex_unlock(&w->mutex);
	if (w->running) {
		wake(w);
		(void)pthread_join(w->thread, NULL);
	}
	bwi_pg_pipeline_free(&w->pipeline);
	bwi_pg_alive_free(w->alive);
	if (w->wake >= 0)
		close(w->wake);
	(void)pthread_mutex_destroy(&w->mutex);
	bwi_free(w);
}
