#ifndef SIM_WIRE_REPLAY_SLOW_H
#define SIM_WIRE_REPLAY_SLOW_H

#include "sim/wire/wire.h"

/*
 * Avoids waiting for late answers repeatedly. An answer is served from the
 * cache if the same request, ignoring its ids and times, was answered late
 * twice, or if eight successive answers of its URL were late. How long other
 * answers took does not matter: the findings must not depend on the machine.
 */
struct sim_replay_slow;

struct sim_replay_slow *sim_replay_slow_new(void);
void sim_replay_slow_free(struct sim_replay_slow *);
void sim_replay_slow_send(struct sim_replay_slow *, struct sim_wire *,
    const struct sim_request *, struct sim_reply *);

#endif
