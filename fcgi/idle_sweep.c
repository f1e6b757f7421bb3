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
 * A web server may write a request into an idle connection in the very moment
 * it is closed. On a unix socket, shutting down our reading makes its next
 * write fail at once, so that after that and one more look no request can be
 * in the socket that nobody will read. On TCP nothing can do that; the moment
 * between the look and the close remains.
 */
static bool
is_quiet(int fd)
{
	if (has_bytes(fd))
		return false;
	shutdown(fd, SHUT_RD);
	return !has_bytes(fd);
}

/* The connection is held. */
static void
sweep_held(struct server *s, struct connection *c, int64_t now, bool draining)
{
	int64_t deadline = atomic_load(&c->deadline);
	bool waits = c->inbox == NULL; /* for a request */

	if (draining && waits && deadline > now + SERVER_QUIET_NS)
		atomic_store(&c->deadline, now + SERVER_QUIET_NS);
	if (deadline > now ||
	    (waits && !is_quiet(connection_fd(&s->connections, c)))) {
		connection_unhold(c);
		return;
	}
	if (!waits) {
		log_event(LOG_LEVEL_WARNING, "late",
		    "a request did not arrive in full within %u s",
		    s->options->receive_timeout);
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
