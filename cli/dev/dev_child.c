#include "cli/dev/dev_child.h"

#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/process.h>

#define GRACE INT64_C(5000000000) /* from SIGTERM to SIGKILL */

static bool
goes_on(void *arg)
{
	struct dev_child *c = arg;

	return !atomic_load(&c->stop);
}

static void *
run(void *arg)
{
	struct dev_child *c = arg;
	const struct bw_process p = {
	    .argv = c->argv,
	    .search = true,
	    .deadline = INT64_MAX,
	    .output = STDERR_FILENO,
	    .go_on = goes_on,
	    .arg = c,
	    .grace = GRACE,
	};

	if (bw_process_run(&p, NULL, &c->why) == BW_OK)
		c->why.msg[0] = '\0';
	atomic_store(&c->ended, true);
	return NULL;
}

enum bw_err
dev_child_start(
    struct dev_child *c, const char *const *argv, struct bw_error *e)
{
	int sys;

	c->argv = argv;
	atomic_store(&c->stop, false);
	atomic_store(&c->ended, false);
	sys = pthread_create(&c->thread, NULL, run, c);
	if (sys != 0)
		return bw_error_set(
		    e, BW_ERR_NOMEM, sys, "dev: %s", strerror(sys));
	c->started = true;
	return BW_OK;
}

void
dev_child_stop(struct dev_child *c)
{
	if (!c->started)
		return;
	atomic_store(&c->stop, true);
	(void)pthread_join(c->thread, NULL);
	c->started = false;
}
