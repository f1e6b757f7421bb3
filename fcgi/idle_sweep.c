#include "idle_sweep.h"

#include <sys/socket.h>

#include "log.h"

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
	connection_close(&s->connections, c, false);
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
