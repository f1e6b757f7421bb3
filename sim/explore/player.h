#ifndef SIM_EXPLORE_PLAYER_H
#define SIM_EXPLORE_PLAYER_H

#include "sim/explore/explore.h"

/* Where one thread plays callers, one after another. */
struct sim_player;

/* NULL: there was no wire. The options must outlive it. */
struct sim_player *sim_player_new(const struct sim_explore_options *);
void sim_player_free(struct sim_player *);
/* When callers call unless it matters. */
int64_t sim_player_start(const struct sim_player *);

/*
 * Play one caller. serial: a number that no other play has, from which ids
 * are made, so that no callback is taken for one that was delivered before.
 * The audit is initialised here, and the caller's to free.
 */
void sim_player_play(struct sim_player *, const struct sim_caller *,
    uint64_t serial, struct sim_fault_finder *);

#endif
