#ifndef SIM_WIRE_REPLAY_SLOW_H
#define SIM_WIRE_REPLAY_SLOW_H

#include "sim/wire/wire.h"

/*
 * Slow answers are not waited for again and again: what took long twice with
 * the same question, whatever the ids and times in it, or eight times in a
 * row at the same URL, is answered from memory.
 */
struct sim_replay_slow;

struct sim_replay_slow *sim_replay_slow_new(void);
void sim_replay_slow_free(struct sim_replay_slow *);
void sim_replay_slow_ask(struct sim_replay_slow *, struct sim_wire *,
    const struct sim_ask *, struct sim_reply *);

#endif
