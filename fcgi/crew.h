#ifndef BWF_CREW_H
#define BWF_CREW_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * Which workers wait for events. The kernel wakes a thread for each arrival
 * as long as one waits, and waking costs as much as answering. So only as
 * many wait as there are processors; the others are in reserve until all of
 * those have been busy for a while without any coming back: with an external
 * program, or a password's hash. The main thread looks for that, and only
 * while nobody waits.
 *
 * A fifth of the CPU of a request is what this saves (16 workers, 2
 * processors).
 */
struct crew {
	int places;		  /* how many may wait at the same time */
	atomic_int watching;	  /* how many do */
	atomic_int resting;	  /* how many are in reserve */
	atomic_uint turns;	  /* times that a worker came back */
	atomic_bool looked_after; /* the main thread ticks */
	atomic_bool dismissed;
	sem_t reserve;
	unsigned turns_seen; /* the main thread's */
	int calm;	     /* looks in a row that found somebody waiting */
};

/* workers: how many there will be. */
void crew_init(struct crew *, unsigned workers);
void crew_free(struct crew *);

/*
 * Take a place, waiting in reserve while there is none; false: it is over.
 */
bool crew_watch(struct crew *);
/*
 * The worker has an event to look after. true: nobody waits now, and the main
 * thread is to be roused to look after the crew.
 */
bool crew_leave(struct crew *);

/* The main thread's look, every millisecond; false: no more for now. */
bool crew_look(struct crew *);
/* All of them are to end; to be called once. */
void crew_dismiss(struct crew *, unsigned workers);

#endif
