#include "worker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bwcallback/tools/parked.h>

#include "log.h"
#include "worker_state.h"

/*
 * libfcgi, SQLite and our code need less than 32 kB; unused pages cost
 * nothing.
 */
#define STACK_SIZE (256 * 1024)

/* Commits in a row before the worker looks for events. */
#define COMMIT_ROUNDS 8

bool
worker_accept_transient(int err)
{
	switch (err) {
	case EAGAIN:
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
	case EPERM: /* a firewall rule */
	case ENETDOWN:
	case ENETUNREACH:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

struct connection *
worker_admit(struct server *s, const struct listener *l, int fd)
{
	const int size = SERVER_SEND_BUFFER;
	struct connection *c = connection_open(&s->connections, fd);
	int on = 1;

	if (c == NULL) {
		close(fd);
		return NULL;
	}
	if (l->tcp) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
	connection_set_deadline(c, s->options->receive_timeout);
	return c;
}

/*
 * Out of descriptors or memory: the main thread retries a little later. New
 * connections wait in the socket's queue.
 */
static void
pause_listener(struct server *s, struct listener *l, int err)
{
	atomic_store(&s->accept_errno, err);
	atomic_store(&l->paused, true);
	server_wake(s);
}

/* The state of a connection that is not watched yet, as epoll events. */
static unsigned
events_of(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLRDHUP};
	unsigned events = 0;

	if (poll(&p, 1, 0) <= 0)
		return 0;
	events |= p.revents & POLLRDHUP ? EPOLLRDHUP : 0u;
	events |= p.revents & POLLHUP ? EPOLLHUP : 0u;
	events |= p.revents & POLLERR ? EPOLLERR : 0u;
	return events;
}

static void
accept_one(struct worker *w, size_t listener)
{
	struct server *s = w->server;
	struct listener *l = &s->listeners.at[listener];
	bool full = connections_full(&s->connections);
	int fd = full
		     ? -1
		     : accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int err = full ? EMFILE : errno;
	struct connection *c;

	if (fd < 0 && !worker_accept_transient(err)) {
		pause_listener(s, l, err);
		return;
	}
	server_arm(s, listener); /* the next one may go to another worker */
	if (fd < 0)
		return;
	c = worker_admit(s, l, fd);
	if (c == NULL)
		return;
	if (atomic_exchange(&s->asleep, false))
		server_wake(s);
	serve_connection(w, c, events_of(fd));
}

void
worker_queue(struct worker *w, struct task *t)
{
	t->next = NULL;
	*w->last = t;
	w->last = &t->next;
}

void
worker_give(struct worker *w, struct task *t)
{
	if (t == w->reserve || t == w->spare)
		return;
	if (w->spare == NULL)
		w->spare = t;
	else
		task_give(&w->server->tasks, t);
}

static void
handle_event(struct worker *w, uint64_t tag, unsigned events)
{
	struct server *s = w->server;
	struct connection *c;

	if (tag == SERVER_TAG_QUIT) {
		w->quits = true;
	} else if (tag == SERVER_TAG_READY) {
		/* A store's thread may have left later writes to us. */
		w->parked = true;
		for (struct task *t = tasks_queued(&s->tasks), *after;
		     t != NULL; t = after) {
			after = t->next;
			worker_queue(w, t);
		}
	} else if (tag >= SERVER_TAG_LISTEN) {
		accept_one(w, (size_t)(tag - SERVER_TAG_LISTEN));
	} else if (tag >= SERVER_TAG_TASK) {
		task_wake(s->tasks.all[tag - SERVER_TAG_TASK], false);
	} else {
		c = connection_claim(&s->connections, tag);
		if (c != NULL)
			serve_connection(w, c, events);
	}
}

/* Continue the woken tasks; continuing one may wake others. */
static void
continue_tasks(struct worker *w)
{
	while (w->first != NULL) {
		struct task *t = w->first;

		w->first = t->next;
		if (w->first == NULL)
			w->last = &w->first;
		answer_continue(w, t);
	}
}

/* Have the event reported again, to another worker. */
static void
return_event(struct server *s, const struct epoll_event *ev)
{
	uint64_t tag = ev->data.u64;
	struct connection *c;

	if (tag == SERVER_TAG_QUIT)
		return; /* it is reported again by itself */
	if (tag == SERVER_TAG_READY) {
		tasks_notify(&s->tasks);
	} else if (tag >= SERVER_TAG_LISTEN) {
		server_arm(s, (size_t)(tag - SERVER_TAG_LISTEN));
	} else if (tag >= SERVER_TAG_TASK) {
		task_wake(s->tasks.all[tag - SERVER_TAG_TASK], true);
	} else {
		c = connection_claim(&s->connections, tag);
		if (c != NULL && !server_watch_again(s, c))
			connection_close(&s->connections, c);
	}
}

void
worker_share(struct worker *w)
{
	struct task *t = w->first;

	w->first = NULL;
	w->last = &w->first;
	while (t != NULL) {
		struct task *after = t->next;

		task_queue(&w->server->tasks, t);
		t = after;
	}
	while (w->next < w->end)
		return_event(w->server, &w->events[w->next++]);
	log_flush();
}

/*
 * Commit the writes of the parked requests, of all workers, unless another
 * worker does. true: there may be more to do.
 */
static bool
commit_parked(struct worker *w)
{
	for (int round = 0; round < COMMIT_ROUNDS; round++) {
		bool committed;

		continue_tasks(w);
		w->parked = false;
		log_flush(); /* the disk may take long */
		committed = bw_store_commit_waiting();
		continue_tasks(w);
		if (!committed && !w->parked)
			return false;
	}
	return true;
}

static void
handle_events(struct worker *w)
{
	while (w->next < w->end) {
		const struct epoll_event *ev = &w->events[w->next++];

		handle_event(w, ev->data.u64, ev->events);
	}
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct server *s = w->server;
	bool more = false;

	tasks_set_worker(w);
	log_hold();
	atomic_fetch_add(&s->workers, 1);
	while (!w->quits) {
		int n;

		atomic_fetch_add_explicit(&s->resting, 1, memory_order_relaxed);
		n = epoll_wait(
		    s->epoll, w->events, WORKER_EVENTS, more ? 0 : -1);
		atomic_fetch_sub_explicit(&s->resting, 1, memory_order_relaxed);
		w->next = 0;
		w->end = n > 0 ? n : 0;
		handle_events(w);
		continue_tasks(w);
		more = (w->parked || more) && commit_parked(w);
		log_flush();
	}
	atomic_fetch_sub(&s->workers, 1);
	return NULL;
}

static enum bw_err
start_thread(struct worker *w, struct bw_error *e)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(&w->thread, &attr, work, w);
	pthread_attr_destroy(&attr);
	if (rc != 0) {
		return bw_error_set(e, BW_ERR_NOMEM, rc,
		    "worker: cannot start a thread: %s", strerror(rc));
	}
	return BW_OK;
}

static void
worker_free(struct worker *w)
{
	replay_file_close(&w->replay);
	bw_buf_free(&w->answer);
	free(w);
}

enum bw_err
worker_start(struct worker **out, struct server *s, struct bw_error *e)
{
	struct worker *w = calloc(1, sizeof(*w));
	enum bw_err err;

	if (w == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "worker: out of memory");
	w->server = s;
	w->replay.fd = -1;
	w->last = &w->first;
	w->reserve = task_take(&s->tasks);
	w->spare = task_take(&s->tasks);
	err = request_run_room(&w->answer, e);
	if (err == BW_OK && (w->reserve == NULL || w->spare == NULL))
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "worker: out of memory");
	if (err == BW_OK)
		err = replay_file_open(&w->replay, e);
	if (err == BW_OK)
		err = start_thread(w, e);
	if (err == BW_OK)
		*out = w;
	else
		worker_free(w);
	return err;
}

void
worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
	worker_free(w);
}
