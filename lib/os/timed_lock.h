#ifndef BWI_OS_TIMED_LOCK_H
#define BWI_OS_TIMED_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A lock that may be held during I/O, because a thread waits for it only until
 * a deadline. A pthread mutex is for a few instructions; its own timed function
 * follows the time of day, which can be set.
 */
struct bwi_timed_lock {
	pthread_mutex_t mutex;
	pthread_cond_t released;
	bool held;
};

void bwi_timed_lock_init(struct bwi_timed_lock *);
void bwi_timed_lock_destroy(struct bwi_timed_lock *);
/*
 * deadline: CLOCK_MONOTONIC, nanoseconds; INT64_MAX: none. False: it was held
 * by another thread until then.
 */
bool bwi_timed_lock_acquire(struct bwi_timed_lock *, int64_t deadline);
void bwi_timed_lock_release(struct bwi_timed_lock *);

#endif
