#include "idle_sweep.h"

#include <sys/socket.h>

#include "log.h"

/*
 * When connections have run out, close this share of them, but at most this
 * many at once, because finding each takes a search. A connection must have
 * been idle for a second: the first request of a new one may be on its way.
 */
#define ROOM_SHARE 8
#define ROOM_MAX   64
#define ROOM_AGE   ((int64_t)1000 * 1000 * 1000)

static bool
has_bytes(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/*
 * Is it safe to close an idle connection? A web server may write a request at
 * that very moment. On a unix socket, shutting down our reading side makes its
 * next write fail, so if there are no bytes after that, no request can be lost.
 * TCP has no such way; the time between the check and the close remains.
 */
static bool
is_quiet(int fd)
{
	if (has_bytes(fd))
		return false;
	shutdown(fd, SHUT_RD);
	return !has_bytes(fd);
}

/*
 * The request is late: shut down the connection for reading. A worker then sees
 * the end of the stream, answers a port-out, and closes the connection.
 */
static void
end_late(struct server *s, struct connection *c, int64_t now)
{
	log_event(LOG_LEVEL_WARNING, "late",
	    "a request did not arrive in full within %u s",
	    s->options->receive_timeout);
	c->late = true;
	atomic_store(&c->deadline, now + SERVER_LINGER_NS);
	shutdown(connection_fd(&s->connections, c), SHUT_RD);
	connection_unhold(c);
}

/* The caller holds the connection. */
static void
sweep_held(struct server *s, struct connection *c, int64_t now, bool draining)
{
	int64_t deadline = atomic_load(&c->deadline);
	bool waits = c->inbox == NULL; /* waits for a request */

	if (draining && waits && deadline > now + SERVER_QUIET_NS)
		atomic_store(&c->deadline, now + SERVER_QUIET_NS);
	if (deadline > now ||
	    (waits && !is_quiet(connection_fd(&s->connections, c)))) {
		connection_unhold(c);
		return;
	}
	if (!waits && !c->late) {
		end_late(s, c, now);
		return;
	}
	connection_close(&s->connections, c);
}

void
idle_sweep(struct server *s, int64_t now)
{
	unsigned top = atomic_load(&s->connections.top);
	bool draining = atomic_load(&s->phase) != SERVER_SERVES;

	for (unsigned i = 0; i < top; i++) {
		struct connection *c = &s->connections.at[i];

		if ((draining || atomic_load(&c->deadline) <= now) &&
		    connection_hold(c))
			sweep_held(s, c, now, draining);
	}
}

/* The connection that was released first of those after a time; NULL: none. */
static struct connection *
find_idle(struct connections *cs, int64_t after, int64_t before)
{
	unsigned top = atomic_load(&cs->top);
	struct connection *found = NULL;

	for (unsigned i = 0; i < top; i++) {
		struct connection *c = &cs->at[i];
		int64_t since = atomic_load(&c->idle_since);

		if (since > after && since < before && connection_is_idle(c)) {
			found = c;
			before = since;
		}
	}
	return found;
}

/* Close it unless a request has begun to arrive. */
static bool
close_idle(struct connections *cs, struct connection *c)
{
	bool idle;

	if (!connection_hold(c))
		return false;
	idle = c->inbox == NULL && is_quiet(connection_fd(cs, c));
	if (idle)
		connection_close(cs, c);
	else
		connection_unhold(c);
	return idle;
}

bool
idle_make_room(struct server *s, int64_t now)
{
	struct connections *cs = &s->connections;
	unsigned want = atomic_load(&cs->open) / ROOM_SHARE + 1, closed = 0;
	struct connection *c;
	int64_t after = 0;

	if (want > ROOM_MAX)
		want = ROOM_MAX;
	while (closed < want &&
	       (c = find_idle(cs, after, now - ROOM_AGE)) != NULL) {
		after = atomic_load(&c->idle_since);
		closed += close_idle(cs, c);
	}
	return closed > 0;
}
