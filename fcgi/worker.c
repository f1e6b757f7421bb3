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

#include "bare_answer.h"
#include "log.h"
#include "replay_file.h"
#include "request_run.h"
#include "responder.h"

/*
 * libfcgi, libxml2 and our code need less than 32 kB; unused pages cost
 * nothing.
 */
#define STACK_SIZE (256 * 1024)

/*
 * libfcgi reads this much at once. A complete request of at most this size,
 * alone in the socket, is read by one read(), with nothing left in libfcgi's
 * buffer.
 */
#define DIRECT_MAX 8192

struct worker {
	pthread_t thread;
	unsigned number;
	struct server *server;
	struct responder responder;
	struct replay_file replay;
	struct request_run run;
	struct records peek;
	unsigned char peeked[DIRECT_MAX];
};

/* What to do next with a connection. */
enum step {
	STEP_WAIT,  /* wait for more bytes */
	STEP_AGAIN, /* read again: more bytes may be there */
	STEP_CLOSE,
	STEP_CLOSED /* already closed by libfcgi */
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

/*
 * Answer the request that libfcgi has begun to read. file: the replay file that
 * it is read from, or NULL.
 */
static bool
answer_request(struct worker *w, struct replay_file *file, int fd)
{
	struct live_config_version *live_config;
	bool sent = false;

	if (responder_body(&w->responder, &w->run.body) != BW_OK) {
		w->run.fault = BW_ERR_IO;
		w->run.fault_text = "body: libfcgi cannot read it";
	}
	live_config = live_config_acquire(w->server->live_config);
	request_run_answer(&w->run, live_config->config, NULL,
	    (const char *const *)w->responder.request.envp);
	/* An empty answer simulates an outage (see probe.c). */
	if (w->run.out.n != 0 &&
	    responder_answer(&w->responder, w->run.out) == BW_OK)
		sent = file == NULL || replay_file_send(file, fd) == BW_OK;
	/* Let the web server see the end early, so that it sends no more. */
	if (atomic_load(&w->server->phase) == SERVER_ENDS)
		shutdown(fd, SHUT_RDWR);
	request_run_finish(&w->run, sent);
	live_config_release(w->server->live_config, live_config);
	return sent;
}

/*
 * HAProxy aborts running requests when it is told to stop, but still accepts
 * the answer. If its record stayed unread, our close would reset the
 * connection, and the answer would be lost. A record that arrives later meets a
 * closed connection, whose answer can still be read.
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

/* After the answer: keep the connection for the next request, or close it. */
static enum step
end_answer(struct worker *w, struct connection *c, bool keep_conn)
{
	if (!keep_conn || atomic_load(&w->server->phase) == SERVER_ENDS) {
		read_rest(connection_fd(&w->server->connections, c));
		return STEP_CLOSE;
	}
	set_deadline(c, SERVER_IDLE_SECONDS);
	return STEP_WAIT;
}

/*
 * Answer the request in the replay file, or in the connection if file is NULL.
 * Then close the connection, unless the web server keeps it open.
 */
static enum step
answer(struct worker *w, struct replay_file *file, struct connection *c)
{
	int fd = connection_fd(&w->server->connections, c);
	bool keep_conn;

	w->run.arrived = bw_monotonic_ns();
	if (responder_begin(&w->responder, file != NULL ? file->fd : fd) !=
	    BW_OK)
		return STEP_CLOSED;
	keep_conn = responder_keep_conn(&w->responder);
	if (!answer_request(w, file, fd))
		keep_conn = false;
	responder_end(&w->responder);
	return end_answer(w, c, keep_conn);
}

/*
 * Answer a request that cannot be read in full, from its essential parameters.
 * Answer a malformed one only with a fallback: a port-out's verdict or a call's
 * document. Returns true if the answer was sent.
 */
static bool
answer_essential(struct worker *w, struct connection *c, bool malformed)
{
	struct records *r = &c->inbox->records;
	struct live_config_version *live_config;
	bool sent = false;

	w->run.arrived = bw_monotonic_ns();
	w->run.fault = r->fault;
	w->run.fault_text = r->fault_text;
	live_config = live_config_acquire(w->server->live_config);
	request_run_answer(&w->run, live_config->config, NULL,
	    essential_params_env(&c->inbox->essential));
	/* An empty answer simulates an outage (see probe.c). */
	if (w->run.out.n != 0 &&
	    (!malformed || bw_response_is_fallback(w->run.response)))
		sent =
		    bare_answer_send(connection_fd(&w->server->connections, c),
			r->id, w->run.out);
	request_run_finish(&w->run, sent);
	live_config_release(w->server->live_config, live_config);
	return sent;
}

/*
 * The request will not be completed. Answer it if its path or credentials have
 * arrived, then close the connection.
 */
static enum step
give_up(
    struct worker *w, struct connection *c, enum bw_err err, const char *why)
{
	struct inbox *in = c->inbox;
	int fd = connection_fd(&w->server->connections, c);

	if (in == NULL || in->records.phase == RECORD_BETWEEN ||
	    (in->records.phase != RECORD_IN_STDIN &&
		!essential_params_has_credentials(&in->essential)))
		return STEP_CLOSE;
	records_drop(&in->records, err, why);
	if (answer_essential(w, c, true))
		read_rest(fd);
	return STEP_CLOSE;
}

/* Can libfcgi have the complete request in the inbox? */
static bool
fits_libfcgi(struct worker *w, struct inbox *in)
{
	struct bw_error e = {0};
	enum bw_err err = BW_OK;

	if (in->records.fault != BW_OK)
		return false;
	if (!responder_has_room(in->params.n))
		err = BW_ERR_NOMEM;
	if (err == BW_OK && w->replay.fd < 0)
		err = replay_file_open(&w->replay, &e);
	if (err == BW_OK)
		err = replay_file_request(&w->replay, in);
	if (err != BW_OK)
		records_drop(&in->records, err,
		    err == BW_ERR_NOMEM ? "request: out of memory"
					: "request: no memory file");
	return err == BW_OK;
}

/* Answer the complete request in the inbox. */
static enum step
answer_inbox(struct worker *w, struct connection *c)
{
	struct connections *cs = &w->server->connections;
	enum step step = STEP_CLOSE;

	if (fits_libfcgi(w, c->inbox))
		step = answer(w, &w->replay, c);
	else if (answer_essential(w, c, false))
		step = end_answer(w, c, c->inbox->records.keep_conn);
	inbox_free(cs, c->inbox);
	c->inbox = NULL;
	if (step == STEP_CLOSED) { /* libfcgi closed the replay file */
		w->replay.fd = -1;
		step = STEP_CLOSE;
	}
	if (step == STEP_WAIT)
		step = STEP_AGAIN; /* the next request may already be there */
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
refuse(struct worker *w, struct connection *c)
{
	const char *why = c->inbox->records.bad;

	log_event(LOG_LEVEL_WARNING, "refused",
	    "the web server's connection was closed: %s", why);
	return give_up(w, c, BW_ERR_SYNTAX, why);
}

/* Remove the n peeked bytes from the socket. */
static bool
consume_peeked(struct worker *w, int fd, size_t n)
{
	return recv(fd, w->peeked, n, MSG_DONTWAIT) == (ssize_t)n;
}

/*
 * Feed the n peeked bytes to the inbox, as far as they belong to its request.
 */
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
	inbox_grown(cs, c->inbox, before);
	if (v == RECORD_BAD)
		return refuse(w, c);
	if (!consume_peeked(w, fd, used))
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

/* Can libfcgi read the peeked request directly from the socket? */
static bool
is_direct(struct worker *w, int fd, size_t n)
{
	size_t used;

	records_init(&w->peek, 0, NULL, NULL, NULL);
	/* libfcgi uses select(), which is limited to FD_SETSIZE. */
	return fd < FD_SETSIZE &&
	       records_feed(&w->peek, w->peeked, n, &used) == RECORD_REQUEST &&
	       w->peek.fault == BW_OK && w->peek.plain && used == n &&
	       responder_has_room(n);
}

static enum step
read_connection(struct worker *w, struct connection *c)
{
	struct server *s = w->server;
	int fd = connection_fd(&s->connections, c);
	ssize_t n =
	    recv(fd, w->peeked, sizeof(w->peeked), MSG_PEEK | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STEP_WAIT
							 : STEP_CLOSE;
	if (n == 0)
		return give_up(w, c, BW_ERR_TRUNCATED,
		    c->late ? "request: it did not arrive in full in time"
			    : "request: the web server sent only a part");
	if (c->inbox != NULL)
		return collect(w, c, (size_t)n);
	if (is_direct(w, fd, (size_t)n))
		return answer(w, NULL, c);
	c->inbox = inbox_new(&s->connections);
	if (c->inbox == NULL)
		return STEP_CLOSE;
	set_deadline(c, s->options->receive_timeout);
	return collect(w, c, (size_t)n);
}

/* Both directions are closed: the peer does not wait for an answer. */
static bool
is_gone(unsigned events)
{
	return (events & (EPOLLHUP | EPOLLERR)) != 0;
}

/* A request may have arrived all the same, and may not be sent again. */
static void
log_gone(struct server *s, struct connection *c)
{
	char byte;

	if (c->inbox != NULL || recv(connection_fd(&s->connections, c), &byte,
				    1, MSG_PEEK | MSG_DONTWAIT) > 0) {
		log_event(LOG_LEVEL_WARNING, "gone",
		    "the web server closed the connection before the "
		    "request was handled");
	}
}

/*
 * Read and answer until no bytes are left. ends: the peer has closed its
 * sending side.
 */
static enum step
serve_connection(struct worker *w, struct connection *c, bool ends)
{
	for (;;) {
		enum step what = read_connection(w, c);

		if (what == STEP_WAIT && ends)
			ends = false; /* read again to see the end */
		else if (what != STEP_AGAIN)
			return what;
	}
}

/* Handle a connection that the worker owns, then release or close it. */
static void
run_connection(struct worker *w, struct connection *c, unsigned events)
{
	struct server *s = w->server;

	w->run.client_gone = is_gone(events);
	if (w->run.client_gone)
		log_gone(s, c);
	do {
		enum step what =
		    serve_connection(w, c, (events & EPOLLRDHUP) != 0);

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
	run_connection(w, c, events_of(fd));
}

static void
handle_event(struct worker *w, uint64_t tag, unsigned events)
{
	struct server *s = w->server;
	struct connection *c;

	if (tag >= SERVER_TAG_LISTEN) {
		accept_one(w, (size_t)(tag - SERVER_TAG_LISTEN));
		return;
	}
	c = connection_claim(&s->connections, tag);
	if (c != NULL)
		run_connection(w, c, events);
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
		if (n == 1) /* otherwise EINTR, by a debugger */
			handle_event(w, ev.data.u64, ev.events);
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
		return bw_error_set(e, BW_ERR_NOMEM, rc,
		    "worker: cannot start a thread: %s", strerror(rc));
	}
	return BW_OK;
}

static void
worker_free(struct worker *w)
{
	request_run_free(&w->run);
	replay_file_close(&w->replay);
	free(w);
}

enum bw_err
worker_start(
    struct worker **out, struct server *s, unsigned number, struct bw_error *e)
{
	struct worker *w = calloc(1, sizeof(*w));
	enum bw_err err;

	if (w == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "worker: out of memory");
	w->server = s;
	w->number = number;
	w->replay.fd = -1;
	responder_init(&w->responder);
	err = request_run_init(&w->run, e);
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
