#ifndef BWF_WORKER_H
#define BWF_WORKER_H

#include "server.h"

/*
 * A thread that waits on the epoll set, accepts, reads and answers. All workers
 * wait on the same set, and the kernel passes each event to one of them.
 */
struct worker;

enum bw_err
worker_start(struct worker **, struct server *, struct bw_error *) BW_CHECK;
/* Wait for the thread to end; server.quit ends it. */
void worker_join(struct worker *);

/* Is this error of accept() limited to one connection? */
bool worker_accept_transient(int err);
/*
 * Set the options of an accepted descriptor and add it to the table. NULL: the
 * table is full; the descriptor was closed.
 */
struct connection *
worker_admit(struct server *, const struct listener *, int fd);

/* For the worker's own thread: continue a woken task soon. */
void worker_queue(struct worker *, struct task *);
/* For the worker's own thread: a task whose request was answered. */
void worker_give(struct worker *, struct task *);

#endif
