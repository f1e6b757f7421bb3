#ifndef SIM_SCENARIO_RUN_H
#define SIM_SCENARIO_RUN_H

#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

/* Where and how scenarios are played. */
struct sim_scenario_options {
	struct sim_wire *wire;
	const char *base; /* absolute URL, to which those of scenarios are
			     relative */
	const char *url;  /* of calls that do not say */
	const char *user; /* NULL: none */
	const char *password;
	struct sim_options options;
	int64_t at;
	uint64_t seed;
	struct sim_log_observer observer; /* hears of everything, too */
};

/*
 * Play a scenario, whose roles are used and rewound. NULL when all is as it
 * must be; else what is not, in lines that end, sim_alloc'ed.
 */
char *sim_scenario_run(const char *file, struct sim_scenario *,
    const struct sim_scenario_options *);

#endif
