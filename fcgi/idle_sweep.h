#ifndef BWF_IDLE_SWEEP_H
#define BWF_IDLE_SWEEP_H

#include "server.h"

/*
 * Close the connections whose time is over. While draining, that is soon for
 * those that wait for a request and show no byte of one.
 */
void idle_sweep(struct server *, int64_t now);

#endif
