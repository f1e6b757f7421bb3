#ifndef BWC_SIMULATE_EXPLORE_H
#define BWC_SIMULATE_EXPLORE_H

#include <sim/explore.h>

#include "coverage.h"
#include "simulate.h"

/* Say what was found; with --json one object a line. coverage may be NULL. */
void simulate_explored(const struct simulate_options *, const struct sim_door *,
    const struct sim_exploration *, const struct coverage *);

#endif
