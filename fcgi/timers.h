#ifndef BWF_TIMERS_H
#define BWF_TIMERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/error.h>

struct task;

/*
 * The deadlines of parked requests, as a heap with the earliest one first. The
 * main thread continues tasks whose time is over.
 */
struct timers {
	pthread_mutex_t mutex;
	struct task **heap;
	size_t n;
	_Atomic int64_t next; /* time of the first; INT64_MAX: none */
};

/* Room for n tasks: adding one of them cannot fail. */
enum bw_err timers_init(struct timers *, size_t n, struct bw_error *) BW_CHECK;
void timers_free(struct timers *);

/* Add a task that is not in the heap. true: it is the first now. */
bool timers_add(struct timers *, struct task *, int64_t when) BW_CHECK;
/* Remove it, if it still is in the heap. */
void timers_remove(struct timers *, struct task *);
/*
 * Remove and wake the tasks whose time is over; INT64_MAX: all. They are
 * continued after the call.
 */
void timers_expire(struct timers *, int64_t now);

#endif
