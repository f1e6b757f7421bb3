#ifndef BWF_IDLE_SWEEP_H
#define BWF_IDLE_SWEEP_H

#include "server.h"

/*
 * Close the connections past their deadline. While draining, the deadline of a
 * connection that waits for a request is soon.
 */
void idle_sweep(struct server *, int64_t now);

/*
 * Close some of the connections that have waited longest for a request, so that
 * new ones can be accepted. False: none waits for long enough.
 */
bool idle_make_room(struct server *, int64_t now);

#endif
