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
 * Thousands of callers who try whatever could be done, and remember where
 * something new turned up: what could a flow do to somebody?
 */

/* Where calls begin. Strings are the caller's. */
struct sim_entry_point {
	bool outbound;
	struct sim_call_options call;
};

struct sim_explore_options {
	/* Makes a wire for one thread, or says why not and returns NULL. */
	struct sim_wire *(*wire)(void *arg);
	void *wire_arg;
	const struct sim_entry_point *entry_points;
	size_t entry_points_n;
	struct sim_options world;
	int64_t start; /* when most callers call, ms since 1970 */
	uint64_t seed;
	size_t callers; /* to play, without those that shorten a script */
	size_t threads;
	/* Told now and then, by one thread. May be NULL. */
	void (*progress)(void *arg, size_t played, size_t found);
	void *progress_arg;
};

/* Something that goes wrong, and the shortest way there. */
struct sim_finding {
	struct sim_fault fault;
	struct sim_caller caller;
	size_t met; /* by so many callers */
};

/* A place that callers came to. */
struct sim_position_count {
	struct sim_position position;
	size_t times;
};

struct sim_exploration {
	struct sim_lexicon lexicon; /* may have words from the beginning */
	struct sim_finding *findings;
	size_t findings_n;
	struct sim_position_count *reached;
	size_t reached_n;
	size_t played;
	size_t states; /* points where callers had a choice */
};

/*
 * Explore. The same options find the same, whatever the number of threads, as
 * long as the application answers the same. False: there was no wire.
 */
bool sim_explore(const struct sim_explore_options *, struct sim_exploration *);
void sim_exploration_free(struct sim_exploration *);

#endif
