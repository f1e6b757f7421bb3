#ifndef SIM_CALL_LEG_H
#define SIM_CALL_LEG_H

#include "sim/call/engine.h"

/* Both hear each other from now on; either's document is over. */
void sim_legs_join(struct sim_call *, struct sim_call *leg);
/* The caller waits, hearing ringing. */
void sim_leg_wait(struct sim_call *);

#endif
