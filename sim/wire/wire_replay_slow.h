#ifndef SIM_WIRE_REPLAY_SLOW_H
#define SIM_WIRE_REPLAY_SLOW_H

#include "sim/wire/wire.h"

/*
 * Late answers are not waited for again and again. A question whose answer was
 * late twice, whatever the ids and times in it, is answered from memory; so is
 * any at a URL where eight in a row were. How long an answer took otherwise is
 * not looked at: the findings must not depend on the machine.
 */
struct sim_replay_slow;

struct sim_replay_slow *sim_replay_slow_new(void);
void sim_replay_slow_free(struct sim_replay_slow *);
void sim_replay_slow_send(struct sim_replay_slow *, struct sim_wire *,
    const struct sim_request *, struct sim_reply *);

#endif
