#ifndef BWI_OS_TIMED_LOCK_H
#define BWI_OS_TIMED_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A lock that may be held during I/O, because waiting for it ends at a
 * deadline. Not a plain pthread mutex: pthread_mutex_timedlock() uses the time
 * of day, which may be set.
 */
struct bwi_timed_lock {
	pthread_mutex_t mutex;
	pthread_cond_t released;
	bool held;
};

void bwi_timed_lock_init(struct bwi_timed_lock *);
void bwi_timed_lock_destroy(struct bwi_timed_lock *);
/*
 * deadline: CLOCK_MONOTONIC, nanoseconds; INT64_MAX for none. False: another
 * thread held the lock until the deadline.
 */
bool bwi_timed_lock_acquire(struct bwi_timed_lock *, int64_t deadline);
void bwi_timed_lock_release(struct bwi_timed_lock *);

#endif
