#ifndef BWF_WORKER_POOL_H
#define BWF_WORKER_POOL_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"

/*
 * Which workers take part. The kernel wakes a thread for each arrival as long
 * as one waits, and waking costs as much as answering. So only as many take
 * part as there are processors, and the others rest until some of those are
 * stuck: busy with one request for a while, with an external program or a
 * password's hash; or until they leave processors idle: waiting for the store,
 * which serves many at a time as fast as one. The main thread looks for that,
 * and only when nobody waits for events any more.
 *
 * With 16 workers on 2 processors this saves a quarter of a request's CPU.
 */
struct worker_pool {
	int processors;
	atomic_int places; /* who is not stuck has one of these */
	int workers;
	atomic_int active;	  /* take part: not resting, stuck or not */
	atomic_int stuck;	  /* of these, when last looked at */
	atomic_int watching;	  /* of these, wait for events */
	atomic_bool looked_after; /* the main thread looks, every millisecond */
	atomic_bool dismissed;
	sem_t rest;
	int calm; /* looks in a row that found somebody waiting */
	int64_t cpu_seen;
	int64_t time_seen;
	struct {
		atomic_uint turn; /* odd: busy */
		unsigned seen;	  /* by the main thread */
	} member[OPTIONS_MAX_WORKERS];
};

void worker_pool_init(struct worker_pool *, unsigned workers);
void worker_pool_free(struct worker_pool *);

/* Worker number i is about to wait for events; false: it is to end. */
bool worker_pool_watch(struct worker_pool *, unsigned i);
/*
 * It has one. true: nobody waits now, and the main thread must be roused to
 * look after the crew.
 */
bool worker_pool_leave(struct worker_pool *, unsigned i);

/* The main thread's look; true: look again in a millisecond. */
bool worker_pool_look(struct worker_pool *);
/* All of them are to end. */
void worker_pool_dismiss(struct worker_pool *);

#endif
