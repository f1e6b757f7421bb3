#ifndef SIM_EXPLORE_PLAYER_H
#define SIM_EXPLORE_PLAYER_H

#include "sim/explore/explore.h"

/* Plays callers one after another, on one thread. */
struct sim_player;

/* NULL: no wire. The options must outlive the player. */
struct sim_player *sim_player_new(const struct sim_explore_options *);
void sim_player_free(struct sim_player *);
/* The default time of calls. */
int64_t sim_player_start(const struct sim_player *);

/*
 * Play one caller. serial: unique for each play; ids are derived from it, so
 * that no callback looks like a re-delivery. Initialises the fault finder,
 * which the caller of this function frees.
 */
void sim_player_play(struct sim_player *, const struct sim_caller *,
    uint64_t serial, struct sim_fault_finder *);

#endif
