#ifndef BWF_LOOP_H
#define BWF_LOOP_H

#include <signal.h>

#include "server.h"

/*
 * The main thread: starts the workers, handles signals and timers, and drains
 * at the end. Returns the exit code: 0, or 75 if requests were still running at
 * the end of the drain timeout.
 */
int loop_run(struct server *, const sigset_t *signals);

#endif
