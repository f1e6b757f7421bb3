#ifndef BWF_WORKER_H
#define BWF_WORKER_H

#include "server.h"

/*
 * A thread that waits on the epoll set, accepts, reads and answers. All workers
 * wait on the same set. The kernel passes each event to one of them, so one
 * thread handles a request from its arrival to its answer.
 */
struct worker;

/* number: its index in the worker pool, from 0. */
enum bw_err worker_start(struct worker **, struct server *, unsigned number,
    struct bw_error *) BW_CHECK;
/* Wait for the thread to end; server.quit ends it. */
void worker_join(struct worker *);

/* Is this error of accept() limited to one connection? */
bool worker_accept_transient(int err);
/*
 * Set the timeouts of an accepted descriptor and add it to the table. NULL: the
 * table is full; the descriptor was closed.
 */
struct connection *
worker_admit(struct server *, const struct listener *, int fd);

#endif
