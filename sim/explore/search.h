#ifndef SIM_EXPLORE_SEARCH_H
#define SIM_EXPLORE_SEARCH_H

#include "sim/base/numbers.h"
#include "sim/explore/explore.h"

/*
 * Chooses the next caller: first, one variant for each alternative at every new
 * branch; then random mutations of callers that found something new.
 */
struct sim_search {
	const struct sim_explore_options *options;
	struct sim_lexicon *lexicon;
	uint64_t random_state;
	struct sim_numbers seen_branches; /* hashes of known branches */
	struct sim_numbers
	    seen_steps; /* hashes of known pairs of successive positions */

	struct sim_caller *queue; /* callers to be played */
	size_t queue_n;
	size_t queue_at;
	struct sim_caller *corpus; /* callers that found something new */
	size_t corpus_n;
	char (*numbers)[SIM_MAX_NUMBER + 1]; /* of callees */
	size_t numbers_n;
};

void sim_search_init(struct sim_search *, const struct sim_explore_options *,
    struct sim_lexicon *);
void sim_search_free(struct sim_search *);

struct sim_caller sim_search_next(struct sim_search *);
/* Evaluate a played caller. */
void sim_search_learn(struct sim_search *, const struct sim_caller *,
    const struct sim_fault_finder *);

#endif
