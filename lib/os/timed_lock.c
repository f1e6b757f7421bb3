#include "os/timed_lock.h"

#include "os/thread.h"

void
bwi_timed_lock_init(struct bwi_timed_lock *l)
{
	l->held = false;
	(void)pthread_mutex_init(&l->mutex, NULL);
	bwi_thread_cond_init(&l->released);
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
	bool acquired, in_time = true;

	(void)pthread_mutex_lock(&l->mutex);
	while (l->held && in_time)
		in_time =
		    bwi_thread_cond_wait(&l->released, &l->mutex, deadline);
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
