#ifndef SIM_EXPLORE_SHRINK_H
#define SIM_EXPLORE_SHRINK_H

#include "sim/explore/explore.h"
#include "sim/explore/player.h"

/* Are these the same fault, met in two calls? */
bool sim_fault_same(const struct sim_fault *, const struct sim_fault *);

/*
 * Leave out of the finding's caller whatever is not needed for the fault, and
 * make the rest plainer. serial: the first of SIM_MAX_SHRINK numbers for
 * sim_player_play().
 */
#define SIM_MAX_SHRINK 400
void sim_shrink(struct sim_player *, struct sim_finding *, uint64_t serial);

#endif
