#ifndef BWI_OS_THREAD_H
#define BWI_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>

/*
 * Start a thread of the library's own with all signals blocked, except those
 * that faults raise: signals belong to the program that uses the library and
 * must not be delivered to this thread. Returns an error number, as
 * pthread_create() does.
 */
int bwi_thread_start(pthread_t *, void *(*)(void *), void *arg) BW_CHECK;

/* Initialize a condition variable that uses CLOCK_MONOTONIC. */
void bwi_thread_cond_init(pthread_cond_t *);
/*
 * Wait until the condition variable is signalled, with the mutex locked as for
 * pthread_cond_wait(). deadline: CLOCK_MONOTONIC, nanoseconds. False when the
 * deadline has passed.
 */
bool
bwi_thread_cond_wait(pthread_cond_t *, pthread_mutex_t *, int64_t deadline);

#endif
