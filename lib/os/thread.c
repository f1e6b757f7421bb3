#include <config.h>

#include "os/thread.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#define SECOND 1000000000

/* If blocked, these would end the process without a diagnostic. */
static const int faults[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};

int
bwi_thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	int sys;

	(void)sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		(void)sigdelset(&all, faults[i]);
	/* A new thread inherits the signal mask of its creator. */
	sys = pthread_sigmask(SIG_BLOCK, &all, &before);
	if (sys != 0)
		return sys;
	sys = pthread_create(thread, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return sys;
}

void
bwi_thread_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;

	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(cond, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

bool
bwi_thread_cond_wait(
    pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline)
{
	const struct timespec until = {
	    .tv_sec = (time_t)(deadline / SECOND),
	    .tv_nsec = (long)(deadline % SECOND),
	};

	return pthread_cond_timedwait(cond, mutex, &until) == 0;
}
