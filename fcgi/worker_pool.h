#ifndef BWF_WORKER_POOL_H
#define BWF_WORKER_POOL_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"

/*
 * Limits how many workers are active, that is, take events from the epoll set.
 * The kernel wakes a waiting thread for each arrival, which costs as much as
 * answering. So only as many workers are active as there are processors; the
 * others sleep. The main thread activates more if active ones are stuck (busy
 * with one request for a while, with an external program or the hash of a
 * password), or if processors are idle while all workers are busy (waiting for
 * the store, which serves many requests as fast as one). It checks only when no
 * worker waits for events.
 *
 * With 16 workers on 2 processors this saves a quarter of a request's CPU time.
 */
struct worker_pool {
	int processors;
	atomic_int
	    slots; /* maximum number of active workers that are not stuck */
	int workers;
	atomic_int active; /* workers that do not sleep, stuck or not */
	atomic_int stuck; /* active workers that were stuck at the last check */
	atomic_int watching;   /* active workers that wait for events */
	atomic_bool monitored; /* the main thread checks every millisecond */
	atomic_bool ending;
	sem_t wakeup;
	int idle_checks; /* checks in a row that found a waiting worker */
	int64_t cpu_seen;
	int64_t time_seen;
	struct {
		atomic_uint changes; /* idle/busy changes; odd: busy */
		unsigned seen;	     /* value at the last check */
	} member[OPTIONS_MAX_WORKERS];
};

void worker_pool_init(struct worker_pool *, unsigned workers);
void worker_pool_free(struct worker_pool *);

/*
 * Worker i is about to wait for events; may put it to sleep. false: the worker
 * must end.
 */
bool worker_pool_watch(struct worker_pool *, unsigned i);
/*
 * Worker i has an event. true: no worker waits any more; wake the main thread
 * so that it checks the pool.
 */
bool worker_pool_leave(struct worker_pool *, unsigned i);

/* The main thread's check. true: check again in a millisecond. */
bool worker_pool_check(struct worker_pool *);
/* Make all workers end. */
void worker_pool_end(struct worker_pool *);

#endif
