#include "os/timed_lock.h"

#include <time.h>

#define SECOND INT64_C(1000000000)

void
bwi_timed_lock_init(struct bwi_timed_lock *l)
{
	pthread_condattr_t monotonic;

	l->held = false;
	(void)pthread_mutex_init(&l->mutex, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->released, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

void
bwi_timed_lock_destroy(struct bwi_timed_lock *l)
{
	(void)pthread_cond_destroy(&l->released);
	(void)pthread_mutex_destroy(&l->mutex);
}

bool
bwi_timed_lock_acquire(struct bwi_timed_lock *l, int64_t deadline)
{
	struct timespec until = {.tv_sec = (time_t)(deadline / SECOND),
	    .tv_nsec = (long)(deadline % SECOND)};
	bool acquired;
	int rc = 0;

	(void)pthread_mutex_lock(&l->mutex);
	while (l->held && rc == 0)
		rc = pthread_cond_timedwait(&l->released, &l->mutex, &until);
	acquired = !l->held;
	if (acquired)
		l->held = true;
	(void)pthread_mutex_unlock(&l->mutex);
	return acquired;
}

void
bwi_timed_lock_release(struct bwi_timed_lock *l)
{
	(void)pthread_mutex_lock(&l->mutex);
	l->held = false;
	(void)pthread_mutex_unlock(&l->mutex);
	(void)pthread_cond_signal(&l->released);
}
