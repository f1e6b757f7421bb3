#include "worker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "log.h"
#include "replay_file.h"
#include "request_run.h"
#include "responder.h"

/* libfcgi, libxml2 and ours need less than 32 kB; most is never touched. */
#define STACK_SIZE (256 * 1024)

/*
 * libfcgi reads this much at once. A request that is whole within it and
 * alone in the socket is read by one read(), with nothing left behind.
 */
#define DIRECT_MAX 8192

struct worker {
	pthread_t thread;
	unsigned number;
	struct server *server;
	struct responder responder;
	struct stage stage;
	struct serve serve;
	struct records look;
	unsigned char peeked[DIRECT_MAX];
};

/* What became of a connection. */
enum step {
	STEP_WAIT,  /* for more bytes */
	STEP_AGAIN, /* there may be more bytes already */
	STEP_CLOSE,
	STEP_CLOSED /* by libfcgi */
};

static void
set_deadline(struct connection *c, unsigned seconds)
{
	atomic_store(
	    &c->deadline, bw_monotonic_ns() + (int64_t)seconds * 1000000000);
}

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
	struct timeval limit = {.tv_sec = SERVER_SEND_SECONDS};
	struct connection *c = connection_open(&s->connections, fd);
	int on = 1;

	if (c == NULL) {
		close(fd);
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (l->tcp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	set_deadline(c, s->options->receive_timeout);
	return c;
}

/* The request libfcgi has begun: its answer, to libfcgi and from there on. */
static bool
answer_begun(struct worker *w, struct stage *stage, int fd)
{
	struct live_config_config *live_config;
	bool sent = false;
	uint64_t n;

	if (responder_body(&w->responder, &w->serve.body, &n) != BW_OK) {
		bw_buf_reset(&w->serve.body);
		return false;
	}
	live_config = live_config_take(w->server->live_config);
	serve_answer(&w->serve, live_config->config, NULL,
	    (const char *const *)w->responder.request.envp, n);
	/* None at all is asked for to see what the web server makes of it. */
	if (w->serve.out.n != 0 &&
	    responder_answer(&w->responder, w->serve.out) == BW_OK)
		sent = stage == NULL || replay_file_send(stage, fd) == BW_OK;
	/* The sooner the web server sees the end, the less it goes on. */
	if (atomic_load(&w->server->phase) == SERVER_ENDS)
		shutdown(fd, SHUT_RDWR);
	serve_done(&w->serve, sent);
	live_config_give_back(w->server->live_config, live_config);
	return sent;
}

/*
 * HAProxy aborts what is under way when it is told to stop, and takes the
 * answer all the same. Left unread, its record would make our close a reset
 * of the connection, and the answer would be lost with it. What comes later
 * than this meets a closed connection, whose answer can still be read.
 */
static void
read_rest(int fd)
{
	char rest[512];

	for (int i = 0; i < 16; i++) {
		if (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) <= 0)
			return;
	}
}

/*
 * Answer the request that fd holds, or the stage does. After the answer the
 * connection is closed here, unless the server keeps it.
 */
static enum step
answer(struct worker *w, struct stage *stage, struct connection *c)
{
	int fd = connection_fd(&w->server->connections, c);
	bool keep;

	w->serve.arrived = bw_monotonic_ns();
	if (responder_begin(&w->responder, stage != NULL ? stage->fd : fd) !=
	    BW_OK)
		return STEP_CLOSED;
	keep = responder_keeps(&w->responder);
	if (!answer_begun(w, stage, fd))
		keep = false;
	responder_end(&w->responder);
	if (!keep || atomic_load(&w->server->phase) == SERVER_ENDS) {
		read_rest(fd);
		return STEP_CLOSE;
	}
	set_deadline(c, SERVER_IDLE_SECONDS);
	return STEP_WAIT;
}

/* A request whose parts are all in its inbox. */
static enum step
answer_inbox(struct worker *w, struct connection *c)
{
	struct connections *cs = &w->server->connections;
	enum step step = STEP_CLOSE;
	struct bw_error e = {0};

	if (w->stage.fd < 0 && replay_file_open(&w->stage, &e) != BW_OK) {
		log_event(LOG_LEVEL_ERROR, "stage", "%s", e.msg);
		return STEP_CLOSE;
	}
	if (replay_file_request(&w->stage, c->inbox) == BW_OK)
		step = answer(w, &w->stage, c);
	inbox_free(cs, c->inbox);
	c->inbox = NULL;
	if (step == STEP_CLOSED) { /* it was the stage that libfcgi closed */
		w->stage.fd = -1;
		step = STEP_CLOSE;
	}
	if (step == STEP_WAIT)
		step = STEP_AGAIN; /* the next request may be there */
	return step;
}

static bool
reply(const struct records *r, int fd)
{
	return send(fd, r->reply, r->reply_n, MSG_DONTWAIT | MSG_NOSIGNAL) ==
		   (ssize_t)r->reply_n &&
	       !r->hang_up;
}

static enum step
refuse(const struct records *r)
{
	log_event(LOG_LEVEL_WARNING, "refused",
	    "the web server's connection was closed: %s", r->bad);
	return STEP_CLOSE;
}

/* Take what was peeked out of the socket. */
static bool
take_out(struct worker *w, int fd, size_t n)
{
	return recv(fd, w->peeked, n, MSG_DONTWAIT) == (ssize_t)n;
}

/* Add the n bytes that were peeked to the inbox, as far as they are for it. */
static enum step
collect(struct worker *w, struct connection *c, size_t n)
{
	struct connections *cs = &w->server->connections;
	int fd = connection_fd(cs, c);
	size_t before = inbox_size(c->inbox);
	struct records *r = &c->inbox->records;
	enum record_result v;
	size_t used;

	v = records_feed(r, w->peeked, n, &used);
	if (!inbox_grown(cs, c->inbox, before)) {
		r->bad = "too many large requests at once";
		v = RECORD_BAD;
	}
	if (v == RECORD_BAD)
		return refuse(r);
	if (!take_out(w, fd, used))
		return STEP_CLOSE;
	if (v == RECORD_REQUEST)
		return answer_inbox(w, c);
	if (v == RECORD_ANSWER && !reply(r, fd))
		return STEP_CLOSE;
	if (records_at_rest(r)) {
		inbox_free(cs, c->inbox);
		c->inbox = NULL;
		set_deadline(c, SERVER_IDLE_SECONDS);
	}
	return STEP_AGAIN;
}

/* Look at a request without taking it: is it libfcgi's as it stands? */
static bool
is_direct(struct worker *w, int fd, size_t n)
{
	size_t used;

	records_init(&w->look, 0, NULL, NULL);
	/* libfcgi's select() sets end at FD_SETSIZE. */
	return fd < FD_SETSIZE &&
	       records_feed(&w->look, w->peeked, n, &used) == RECORD_REQUEST &&
	       w->look.plain && used == n;
}

static enum step
step(struct worker *w, struct connection *c)
{
	struct server *s = w->server;
	int fd = connection_fd(&s->connections, c);
	ssize_t n =
	    recv(fd, w->peeked, sizeof(w->peeked), MSG_PEEK | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STEP_WAIT
							 : STEP_CLOSE;
	if (n == 0)
		return STEP_CLOSE;
	if (c->inbox != NULL)
		return collect(w, c, (size_t)n);
	if (is_direct(w, fd, (size_t)n))
		return answer(w, NULL, c);
	c->inbox = inbox_new(s->connections.limit);
	if (c->inbox == NULL)
		return STEP_CLOSE;
	set_deadline(c, s->options->receive_timeout);
	return collect(w, c, (size_t)n);
}

/* Both directions closed: the peer does not wait for an answer any more. */
static bool
is_gone(unsigned events)
{
	return (events & (EPOLLHUP | EPOLLERR)) != 0;
}

/* A request may be there all the same, and may not come again. */
static void
note_gone(struct server *s, struct connection *c)
{
	char byte;

	if (c->inbox != NULL || recv(connection_fd(&s->connections, c), &byte,
				    1, MSG_PEEK | MSG_DONTWAIT) > 0) {
		log_event(LOG_LEVEL_WARNING, "gone",
		    "the web server closed its connection "
		    "before its request was begun");
	}
}

/* Look until there is nothing more to see. ends: the peer has said its last. */
static enum step
look(struct worker *w, struct connection *c, bool ends)
{
	for (;;) {
		enum step what = step(w, c);

		if (what == STEP_WAIT && ends)
			ends = false; /* its end is still to be seen */
		else if (what != STEP_AGAIN)
			return what;
	}
}

/* The worker has the connection; it gives it back, or closes it. */
static void
run(struct worker *w, struct connection *c, unsigned events)
{
	struct server *s = w->server;

	w->serve.client_gone = is_gone(events);
	if (w->serve.client_gone)
		note_gone(s, c);
	do {
		enum step what = look(w, c, (events & EPOLLRDHUP) != 0);

		if (what == STEP_WAIT && !c->watched && !server_watch(s, c))
			what = STEP_CLOSE;
		if (what != STEP_WAIT) {
			connection_close(
			    &s->connections, c, what == STEP_CLOSED);
			return;
		}
	} while (!connection_release(c));
}

/*
 * Out of descriptors or memory: the main thread tries again a little later.
 * The queue of the socket holds what comes meanwhile.
 */
static void
pause_listener(struct server *s, struct listener *l, int err)
{
	atomic_store(&s->accept_errno, err);
	atomic_store(&l->paused, true);
	server_wake(s);
}

/* What has happened to a connection that nobody watched yet. */
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
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	int err = errno;
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
	run(w, c, events_of(fd));
}

static void
take_event(struct worker *w, uint64_t tag, unsigned events)
{
	struct server *s = w->server;
	struct connection *c;

	if (tag >= SERVER_TAG_LISTEN) {
		accept_one(w, (size_t)(tag - SERVER_TAG_LISTEN));
		return;
	}
	c = connection_claim(&s->connections, tag);
	if (c != NULL)
		run(w, c, events);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct server *s = w->server;

	while (worker_pool_watch(&s->worker_pool, w->number)) {
		struct epoll_event ev;
		int n = epoll_wait(s->epoll, &ev, 1, -1);

		if (worker_pool_leave(&s->worker_pool, w->number))
			server_wake(s);
		if (n == 1 && ev.data.u64 == SERVER_TAG_QUIT)
			break;
		if (n == 1) /* else EINTR, of a debugger */
			take_event(w, ev.data.u64, ev.events);
	}
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
		return bw_error_set(
		    e, BW_ERR_NOMEM, rc, "worker: no thread: %s", strerror(rc));
	}
	return BW_OK;
}

static void
worker_free(struct worker *w)
{
	serve_free(&w->serve);
	replay_file_close(&w->stage);
	free(w);
}

enum bw_err
worker_start(
    struct worker **out, struct server *s, unsigned number, struct bw_error *e)
{
	struct worker *w = calloc(1, sizeof(*w));
	enum bw_err err;

	if (w == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "worker: no memory");
	w->server = s;
	w->number = number;
	w->stage.fd = -1;
	responder_init(&w->responder);
	err = serve_init(&w->serve, e);
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
