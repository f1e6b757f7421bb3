#ifndef BWF_WORKER_H
#define BWF_WORKER_H

#include "server.h"

/*
 * A thread that waits on the epoll set, accepts, reads and answers. All wait
 * on the same set: the kernel hands each event to one of them, so a request
 * changes no thread between its arrival and its answer.
 */
struct worker;

/* number: from 0, its place in the crew. */
enum bw_err worker_start(struct worker **, struct server *, unsigned number,
    struct bw_error *) BW_CHECK;
/* Wait for its end, which server.quit brings about. */
void worker_join(struct worker *);

/* accept() errors that say nothing about the next connection. */
bool worker_accept_transient(int err);
/* Give a new descriptor its time limits; NULL: closed, none could be had. */
struct connection *
worker_admit(struct server *, const struct listener *, int fd);

#endif
