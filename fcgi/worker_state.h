#ifndef BWF_WORKER_STATE_H
#define BWF_WORKER_STATE_H

#include <sys/epoll.h>

#include "replay_file.h"
#include "server.h"
#include "worker.h"

/*
 * What is received at once. A complete request of at most this size, with
 * nothing after it, is passed to libfcgi as it is.
 */
#define RECEIVE_MAX 16384

/* Events that a worker takes at once. */
#define WORKER_EVENTS 16

/* A thread that answers. For worker.c, serve.c and answer.c. */
struct worker {
	pthread_t thread;
	struct server *server;
	struct replay_file replay;
	struct bw_buf answer; /* the one that is being sent */
	struct records peek;
	unsigned char received[RECEIVE_MAX];
	/* For the next request; NULL: the last one was parked with its task. */
	struct task *spare;
	/* For a request when there is no other task: it is not parked. */
	struct task *reserve;
	/* Woken tasks that this worker continues, the oldest first. */
	struct task *first;
	struct task **last;
	/* Events that it has taken and not handled yet. */
	struct epoll_event events[WORKER_EVENTS];
	int next;
	int end;
	bool quits;
	bool parked; /* has parked a task since it last tried to commit */
};

/* What to do next with a connection. */
enum step {
	STEP_WAIT,   /* wait for more bytes */
	STEP_AGAIN,  /* read again: more bytes may be there */
	STEP_PARKED, /* it belongs to a parked task */
	STEP_CLOSE
};

/*
 * worker.c: leave the events and tasks that the worker has taken to others,
 * because it is going to do something slow.
 */
void worker_share(struct worker *);

/* serve.c */

/* Handle a connection that the worker owns, then release or close it. */
void serve_connection(struct worker *, struct connection *, unsigned events);
/* Go on after a parked request was answered. ends: its peer sends no more. */
void serve_on(struct worker *, struct connection *, enum step, bool ends);

/* answer.c */

/* The peer's state when the connection was claimed. */
struct peer {
	bool gone; /* it waits for no answer */
	bool ends; /* it sends no more */
};

/* Answer the complete request in these bytes. */
enum step answer_direct(struct worker *, struct connection *,
    const struct peer *, const unsigned char *, size_t n);
/* Answer the complete request in the connection's inbox. */
enum step
answer_inbox(struct worker *, struct connection *, const struct peer *);
/*
 * Answer a request that cannot be read in full, from the essential parameters
 * in the connection's inbox. Answer a malformed one only with a fallback: a
 * port-out's verdict or a call's document.
 */
enum step answer_essential(
    struct worker *, struct connection *, const struct peer *, bool malformed);
/* Continue a woken task. */
void answer_continue(struct worker *, struct task *);

#endif
