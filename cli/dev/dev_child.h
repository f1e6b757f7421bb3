#ifndef BWC_DEV_CHILD_H
#define BWC_DEV_CHILD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <bwcallback/error.h>

/* A child process. Its own thread starts it and waits for its exit. */
struct dev_child {
	const char *const *argv; /* argv[0] is looked up in PATH */
	pthread_t thread;
	bool started;
	atomic_bool stop;
	atomic_bool ended; /* by itself, or as it was told */
	struct bw_error why;
};

/* Start it. What it prints goes to our standard error. */
enum bw_err dev_child_start(
    struct dev_child *, const char *const *argv, struct bw_error *) BW_CHECK;
/* End it, with SIGTERM, then SIGKILL; does nothing if it was not started. */
void dev_child_stop(struct dev_child *);

#endif
