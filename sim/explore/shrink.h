#ifndef SIM_EXPLORE_SHRINK_H
#define SIM_EXPLORE_SHRINK_H

#include "sim/explore/explore.h"
#include "sim/explore/player.h"

/* Are these the same fault, found in two calls? */
bool sim_fault_same(const struct sim_fault *, const struct sim_fault *);

/*
 * Shorten the finding's script as long as the fault still occurs. serial: the
 * first of SIM_MAX_SHRINK numbers for sim_player_play().
 */
#define SIM_MAX_SHRINK 400
void sim_shrink(struct sim_player *, struct sim_finding *, uint64_t serial);

#endif
