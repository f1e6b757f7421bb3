#ifndef SIM_STAGE_H
#define SIM_STAGE_H

#include "explore.h"

/* Where one thread plays callers, one after another. */
struct sim_stage;

/* NULL: there was no wire. The options must outlive it. */
struct sim_stage *sim_stage_new(const struct sim_explore_options *);
void sim_stage_free(struct sim_stage *);
/* When callers call unless it matters. */
int64_t sim_stage_start(const struct sim_stage *);

/*
 * Play one caller. serial: a number that no other play has, from which ids
 * are made, so that no callback is taken for one that was delivered before.
 * The audit is initialised here, and the caller's to free.
 */
void sim_stage_play(struct sim_stage *, const struct sim_caller *,
    uint64_t serial, struct sim_audit *);

#endif
