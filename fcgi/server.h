#ifndef BWF_SERVER_H
#define BWF_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "connection.h"
#include "listen.h"
#include "live_config.h"
#include "options.h"
#include "task.h"

/* Maximum number of open connections, idle and busy. */
#define SERVER_MAX_CONNECTIONS 65536

/*
 * Size of the send buffer of a TCP connection: any answer fits in. Sockets do
 * not block, so a peer that does not read loses its answers, and holds nothing.
 */
#define SERVER_SEND_BUFFER (256 * 1024)

/*
 * An answer of this size fits into the send buffer of any socket. Only a page
 * for the operator may be larger, and is waited for at most so long.
 */
#define SERVER_FITS    (128 * 1024)
#define SERVER_SEND_NS ((int64_t)10 * 1000 * 1000 * 1000)

/*
 * An idle keep-alive connection is closed after this time. nginx closes it
 * earlier (keepalive_timeout, 60 s): the side that closes first cannot lose a
 * request to a concurrent close of the other.
 */
#define SERVER_IDLE_SECONDS 300

/*
 * The idle time while draining. Not zero: a busy web server writes the next
 * request while it reads the last answer, and closing right after an answer
 * would lose that request.
 */
#define SERVER_QUIET_NS ((int64_t)50 * 1000 * 1000)

/*
 * Some connections never become idle, and requests on new connections wait for
 * the next process meanwhile: after this time a connection is closed at its
 * next answer.
 */
#define SERVER_LINGER_NS ((int64_t)1000 * 1000 * 1000)

enum server_phase {
	SERVER_SERVES,
	SERVER_DRAINS, /* no new connections; open ones continue until idle */
	SERVER_ENDS    /* close after each answer */
};

/*
 * Tags of events that belong to no connection: generations never get that high.
 */
#define SERVER_TAG_QUIT	  UINT64_MAX
#define SERVER_TAG_READY  (UINT64_MAX - 1)
#define SERVER_TAG_LISTEN (SERVER_TAG_READY - LISTEN_MAX)
#define SERVER_TAG_TASK	  (SERVER_TAG_LISTEN - TASK_MAX)

/* State shared by all threads. */
struct server {
	const struct options *options;
	struct live_config *live_config;
	struct listeners listeners;
	struct connections connections;
	struct tasks tasks;
	int epoll;
	int quit; /* eventfd in the epoll set: readable when workers must end */
	int wake; /* eventfd: wakes the main thread */
	bool feeds; /* responder_feed() works */
	_Atomic enum server_phase phase;
	atomic_bool gives_up;	  /* parked requests wait no longer */
	atomic_bool asleep;	  /* the main thread waits without a timeout */
	_Atomic int64_t wakes_at; /* when the main thread wakes up by itself */
	atomic_int accept_errno;  /* why a listener was paused */
	atomic_uint workers;	  /* threads that answer, */
	atomic_uint resting;	  /* and those of them that wait */
};

enum bw_err server_init(struct server *, const struct options *,
    struct live_config *, struct bw_error *) BW_CHECK;
void server_free(struct server *);

/* Watch a listener for one connection; call again after each. */
void server_arm(struct server *, size_t listener);
/* Watch a new connection; false: not possible. */
bool server_watch(struct server *, struct connection *) BW_CHECK;
/* The same for one that is watched: what has arrived is reported again. */
bool server_watch_again(struct server *, struct connection *) BW_CHECK;
/* Wake the main thread. */
void server_wake(struct server *);
/* Wake it unless it wakes up by itself before that time. */
void server_wake_before(struct server *, int64_t when);

/* The server that the tasks belong to. */
#define SERVER_OF(tasks_) \
	((struct server *)(void *)((char *)(tasks_)-offsetof( \
	    struct server, tasks)))

#endif
