#ifndef BWC_SIMULATE_EXPLORE_H
#define BWC_SIMULATE_EXPLORE_H

#include "sim/explore/explore.h"

#include "cli/common/coverage.h"
#include "cli/simulate/simulate.h"

/* Print the findings; with --json one object a line. coverage may be NULL. */
void
explore_report(const struct simulate_options *, const struct sim_entry_point *,
    const struct sim_exploration *, const struct coverage *);

#endif
