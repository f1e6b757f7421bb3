#ifndef SIM_SCENARIO_RUN_H
#define SIM_SCENARIO_RUN_H

#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

/* Options for playing scenarios. */
struct sim_scenario_options {
	struct sim_wire *wire;
	const char *base; /* absolute base of the scenarios' URLs */
	const char *url;  /* default URL of calls */
	const char *user; /* NULL: none */
	const char *password;
	struct sim_options options;
	int64_t at;
	uint64_t seed;
	struct sim_log_observer observer; /* receives all log entries, too */
};

/*
 * Play a scenario; its roles are rewound afterwards. Returns NULL if it passes,
 * else the failures as lines, sim_alloc'ed.
 */
char *sim_scenario_run(const char *file, struct sim_scenario *,
    const struct sim_scenario_options *);

#endif
