#include "task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/parked.h>

#include "server.h"
#include "worker.h"

static _Thread_local struct worker *this_worker;

void
tasks_set_worker(struct worker *w)
{
	this_worker = w;
}

enum bw_err
tasks_init(struct tasks *ts, struct server *s, struct bw_error *e)
{
	struct epoll_event ev = {
	    .events = EPOLLIN | EPOLLET, .data.u64 = SERVER_TAG_READY};

	pthread_mutex_init(&ts->mutex, NULL);
	ts->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ts->ready < 0 ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, ts->ready, &ev) < 0) {
		return bw_error_set(
		    e, BW_ERR_IO, errno, "tasks: %s", strerror(errno));
	}
	return timers_init(&ts->timers, TASK_MAX, e);
}

static void
free_task(struct task *t)
{
	request_run_free(&t->run);
	free(t);
}

void
tasks_free(struct tasks *ts)
{
	for (unsigned i = 0; i < atomic_load(&ts->n); i++)
		free_task(ts->all[i]);
	timers_free(&ts->timers);
	if (ts->ready >= 0)
		close(ts->ready);
	pthread_mutex_destroy(&ts->mutex);
}

/* The mutex is held. */
static struct task *
make_task(struct tasks *ts)
{
	struct bw_error unused = {0};
	struct task *t;

	if (atomic_load(&ts->n) == TASK_MAX)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	responder_init(&t->responder);
	if (request_run_init(&t->run, &unused) != BW_OK) {
		free_task(t);
		return NULL;
	}
	t->server = SERVER_OF(ts);
	t->index = atomic_load(&ts->n);
	ts->all[t->index] = t;
	atomic_store(&ts->n, t->index + 1);
	return t;
}

struct task *
task_take(struct tasks *ts)
{
	struct task *t;

	pthread_mutex_lock(&ts->mutex);
	t = ts->free;
	if (t != NULL)
		ts->free = t->next;
	else
		t = make_task(ts);
	pthread_mutex_unlock(&ts->mutex);
	if (t != NULL)
		atomic_store(&t->state, TASK_RUNNING);
	return t;
}

void
task_give(struct tasks *ts, struct task *t)
{
	atomic_store(&t->state, TASK_FREE);
	pthread_mutex_lock(&ts->mutex);
	t->next = ts->free;
	ts->free = t;
	pthread_mutex_unlock(&ts->mutex);
}

/* How soon a descriptor that cannot be watched is looked at again. */
#define LOOK_INTERVAL INT64_C(20000000)

/*
 * Watch each descriptor for one event. The next parking watches it again,
 * and a descriptor that is still readable is then reported at once. Returns
 * when to continue the task at the latest.
 */
static int64_t
watch_descriptors(struct task *t, const struct bw_parked *p)
{
	int epoll = t->server->epoll;
	bool all = true;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT,
	    .data.u64 = SERVER_TAG_TASK + t->index};

	for (size_t i = 0; i < p->nfds; i++) {
		if (epoll_ctl(epoll, EPOLL_CTL_MOD, p->fds[i], &ev) < 0 &&
		    epoll_ctl(epoll, EPOLL_CTL_ADD, p->fds[i], &ev) < 0)
			all = false;
	}
	return all ? p->until
		   : bw_earlier(p->until, bw_monotonic_ns() + LOOK_INTERVAL);
}

bool
task_park(struct task *t)
{
	const struct bw_parked *p = bw_callback_parked(t->run.worker);
	struct timers *timers = &t->server->tasks.timers;
	enum task_state before = TASK_RUNNING;
	int64_t until;

	until = watch_descriptors(t, p);
	if (timers_add(timers, t, until))
		server_wake_before(t->server, until);
	if (atomic_compare_exchange_strong(&t->state, &before, TASK_PARKED))
		return true;
	timers_remove(timers, t);
	atomic_store(&t->state, TASK_RUNNING);
	return false;
}

void
tasks_notify(struct tasks *ts)
{
	uint64_t one = 1;
	ssize_t ignored = write(ts->ready, &one, sizeof(one));

	(void)ignored;
}

void
task_queue(struct tasks *ts, struct task *t)
{
	struct task *head = atomic_load(&ts->queued);

	do
		t->next = head;
	while (!atomic_compare_exchange_weak(&ts->queued, &head, t));
	if (head == NULL)
		tasks_notify(ts);
}

void
task_wake(void *arg, bool elsewhere)
{
	struct task *t = arg;
	enum task_state s = atomic_load(&t->state);

	for (;;) {
		if (s == TASK_PARKED) {
			if (atomic_compare_exchange_weak(
				&t->state, &s, TASK_QUEUED))
				break;
		} else if (s == TASK_RUNNING) {
			if (atomic_compare_exchange_weak(
				&t->state, &s, TASK_WOKEN))
				return;
		} else {
			return;
		}
	}
	if (this_worker != NULL && !elsewhere)
		worker_queue(this_worker, t);
	else
		task_queue(&t->server->tasks, t);
}

struct task *
tasks_queued(struct tasks *ts)
{
	struct task *t = atomic_exchange(&ts->queued, NULL), *first = NULL;

	while (t != NULL) {
		struct task *after = t->next;

		t->next = first;
		first = t;
		t = after;
	}
	return first;
}
