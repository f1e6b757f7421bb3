/* Reads the requests of a connection. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "log.h"
#include "worker_state.h"

/*
 * The request will not be completed. Answer it if its path or credentials have
 * arrived, then close the connection.
 */
static enum step
give_up(struct worker *w, struct connection *c, const struct peer *peer,
    enum bw_err err, const char *why)
{
	struct inbox *in = c->inbox;

	if (in == NULL || in->records.phase == RECORD_BETWEEN ||
	    (in->records.phase != RECORD_IN_STDIN &&
		!essential_params_has_credentials(&in->essential)))
		return STEP_CLOSE;
	records_drop(&in->records, err, why);
	return answer_essential(w, c, peer, true);
}

static bool
reply(const struct records *r, int fd)
{
	return send(fd, r->reply, r->reply_n, MSG_DONTWAIT | MSG_NOSIGNAL) ==
		   (ssize_t)r->reply_n &&
	       !r->hang_up;
}

static enum step
refuse(struct worker *w, struct connection *c, const struct peer *peer)
{
	const char *why = c->inbox->records.bad;

	log_event(LOG_LEVEL_WARNING, "refused",
	    "the web server's connection was closed: %s", why);
	return give_up(w, c, peer, BW_ERR_SYNTAX, why);
}

/* Feed the received bytes to the inbox, as far as they belong to its request.
 */
static enum step
collect(struct worker *w, struct connection *c, const struct peer *peer,
    const unsigned char *p, size_t n)
{
	struct connections *cs = &w->server->connections;
	size_t before = inbox_size(c->inbox);
	struct records *r = &c->inbox->records;
	enum record_result v;
	size_t used;

	v = records_feed(r, p, n, &used);
	inbox_grown(cs, c, before);
	if (v == RECORD_BAD)
		return refuse(w, c, peer);
	/* Without memory for the rest, close after the answer. */
	if (used < n && !connection_set_rest(c, p + used, n - used))
		r->keep_conn = false;
	if (v == RECORD_REQUEST)
		return answer_inbox(w, c, peer);
	if (v == RECORD_ANSWER && !reply(r, connection_fd(cs, c)))
		return STEP_CLOSE;
	if (records_at_rest(r)) {
		inbox_free(cs, c->inbox);
		c->inbox = NULL;
		connection_set_deadline(c, SERVER_IDLE_SECONDS);
	}
	return STEP_AGAIN;
}

/* Can the received bytes be passed to libfcgi as they are? */
static bool
is_direct(struct worker *w, const unsigned char *p, size_t n)
{
	size_t used;

	records_init(&w->peek, 0, NULL, NULL, NULL);
	return w->server->feeds && w->replay.fd >= 0 &&
	       records_feed(&w->peek, p, n, &used) == RECORD_REQUEST &&
	       w->peek.fault == BW_OK && w->peek.plain && used == n &&
	       responder_has_room(n);
}

static enum step
take(struct worker *w, struct connection *c, const struct peer *peer,
    const unsigned char *p, size_t n)
{
	struct server *s = w->server;

	if (c->inbox == NULL) {
		if (is_direct(w, p, n))
			return answer_direct(w, c, peer, p, n);
		c->inbox = inbox_new(&s->connections);
		if (c->inbox == NULL)
			return STEP_CLOSE;
		connection_set_deadline(c, s->options->receive_timeout);
	}
	return collect(w, c, peer, p, n);
}

static enum step
take_rest(struct worker *w, struct connection *c, const struct peer *peer)
{
	unsigned char *rest = c->rest;
	enum step step;

	c->rest = NULL;
	step = take(w, c, peer, rest, c->rest_n);
	free(rest);
	return step;
}

static enum step
read_connection(struct worker *w, struct connection *c, const struct peer *peer)
{
	int fd = connection_fd(&w->server->connections, c);
	ssize_t n;

	if (c->rest != NULL)
		return take_rest(w, c, peer);
	n = recv(fd, w->received, sizeof(w->received), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STEP_WAIT
							 : STEP_CLOSE;
	if (n == 0)
		return give_up(w, c, peer, BW_ERR_TRUNCATED,
		    c->late ? "request: it did not arrive in full in time"
			    : "request: the web server sent only a part");
	return take(w, c, peer, w->received, (size_t)n);
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

/* Read and answer until no bytes are left. */
static enum step
read_all(struct worker *w, struct connection *c, const struct peer *peer)
{
	bool ends = peer->ends;

	for (;;) {
		enum step what = read_connection(w, c, peer);

		if (what == STEP_WAIT && ends)
			ends = false; /* read again to see the end */
		else if (what != STEP_AGAIN)
			return what;
	}
}

void
serve_on(struct worker *w, struct connection *c, enum step what, bool ends)
{
	struct server *s = w->server;
	const struct peer peer = {.ends = ends};

	if (what == STEP_AGAIN || (what == STEP_WAIT && ends))
		what = read_all(w, c, &peer);
	while (what != STEP_PARKED) {
		if (what == STEP_WAIT && !c->watched && !server_watch(s, c))
			what = STEP_CLOSE;
		if (what != STEP_WAIT) {
			connection_close(&s->connections, c);
			return;
		}
		if (connection_release(c))
			return;
		what = read_all(w, c, &peer);
	}
}

void
serve_connection(struct worker *w, struct connection *c, unsigned events)
{
	const struct peer peer = {
	    .gone = is_gone(events),
	    .ends = (events & EPOLLRDHUP) != 0,
	};

	if (peer.gone)
		log_gone(w->server, c);
	serve_on(w, c, read_all(w, c, &peer), peer.ends);
}
