#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/call/call.h"
#include "sim/explore/caller.h"
#include "sim/explore/fault_finder.h"
#include "sim/explore/lexicon.h"

/*
 * Explores an application with thousands of callers. Each variation that
 * reaches something new is the base of further ones. Reports every fault with a
 * short script that leads to it.
 */

/* A URL at which calls begin. Strings belong to the user of this struct. */
struct sim_entry_point {
	bool outbound;
	struct sim_call_options call;
};

struct sim_explore_options {
	/*
	 * Create a wire for one thread; on failure prints the reason and
	 * returns NULL.
	 */
	struct sim_wire *(*wire)(void *arg);
	void *wire_arg;
	const struct sim_entry_point *entry_points;
	size_t entry_points_n;
	struct sim_options world;
	int64_t start; /* time of most calls, ms since 1970 */
	uint64_t seed;
	size_t callers; /* callers to play, not counting those that shorten
			   scripts */
	size_t threads;
	/* Called now and then, by one thread. May be NULL. */
	void (*progress)(void *arg, size_t played, size_t found);
	void *progress_arg;
};

/* A fault and the shortest script found for it. */
struct sim_finding {
	struct sim_fault fault;
	struct sim_caller caller;
	size_t met; /* number of callers that met it */
};

/* A position that callers reached, and how often. */
struct sim_position_count {
	struct sim_position position;
	size_t times;
};

struct sim_exploration {
	struct sim_lexicon lexicon; /* may be filled beforehand */
	struct sim_finding *findings;
	size_t findings_n;
	struct sim_position_count *reached;
	size_t reached_n;
	size_t played;
	size_t states; /* positions where callers had a choice */
};

/*
 * Explore. The result does not depend on the number of threads, provided the
 * application answers deterministically. False: no wire.
 */
bool sim_explore(const struct sim_explore_options *, struct sim_exploration *);
void sim_exploration_free(struct sim_exploration *);

#endif
