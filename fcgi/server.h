#ifndef BWF_SERVER_H
#define BWF_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "connection.h"
#include "listen.h"
#include "live_config.h"
#include "options.h"
#include "worker_pool.h"

/* Descriptors kept for idle and busy connections together, at most. */
#define SERVER_MAX_CONNECTIONS 65536

/*
 * Bytes that a peer does not read hold a worker no longer than this; our
 * answers fit into a socket's buffer, so it takes a hostile one.
 */
#define SERVER_SEND_SECONDS 10

/*
 * A kept connection that brings no request is closed after this: nginx closes
 * it first (keepalive_timeout, 60 s), and who closes first cannot lose a
 * request to the other's closing.
 */
#define SERVER_IDLE_SECONDS 300

/*
 * The same while draining. Not at once: a busy web server writes the next
 * request into a connection while it reads the answer to the last one, and
 * closing after an answer would lose that. This long without one is a pause.
 */
#define SERVER_QUIET_NS ((int64_t)50 * 1000 * 1000)

/*
 * Some connections are never quiet, and requests on new ones wait meanwhile
 * for our successor: after this they are closed at their next answer.
 */
#define SERVER_LINGER_NS ((int64_t)1000 * 1000 * 1000)

enum server_phase {
	SERVER_SERVES,
	SERVER_DRAINS, /* no new connections; what is kept goes on till quiet */
	SERVER_ENDS    /* close after answers */
};

/* Events that are not a connection's: generations never get that far. */
#define SERVER_TAG_QUIT	  UINT64_MAX
#define SERVER_TAG_LISTEN (UINT64_MAX - 1 - LISTEN_MAX)

/* What all threads share. */
struct server {
	const struct options *options;
	struct live_config *live_config;
	struct listeners listeners;
	struct connections connections;
	struct worker_pool worker_pool;
	int epoll;
	int quit; /* eventfd in the set: readable tells workers to end */
	int wake; /* eventfd: a worker has something for the main thread */
	_Atomic enum server_phase phase;
	atomic_bool asleep; /* the main thread waits without a time limit */
	atomic_int accept_errno; /* why a listener was paused */
};

enum bw_err server_init(struct server *, const struct options *,
    struct live_config *, struct bw_error *) BW_CHECK;
void server_free(struct server *);

/* Watch a listener for one more connection; so again after each. */
void server_arm(struct server *, size_t listener);
/* Watch a new connection; false when that is impossible. */
bool server_watch(struct server *, struct connection *) BW_CHECK;
/* Rouse the main thread. */
void server_wake(struct server *);

#endif
