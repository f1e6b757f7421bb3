#ifndef SIM_CALL_LEG_H
#define SIM_CALL_LEG_H

#include "sim/call/engine.h"

/* Join a call and a leg; the documents of both are finished. */
void sim_legs_join(struct sim_call *, struct sim_call *leg);
/* The caller waits and hears ringing. */
void sim_leg_wait(struct sim_call *);

#endif
