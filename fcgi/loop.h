#ifndef BWF_LOOP_H
#define BWF_LOOP_H

#include <signal.h>

#include "server.h"

/*
 * The main thread's part: start the workers, obey signals, keep times, and
 * end when told to. Returns the exit code: 0, or 75 when requests were still
 * running as the time for draining ended.
 */
int loop_run(struct server *, const sigset_t *signals);

#endif
