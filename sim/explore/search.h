#ifndef SIM_EXPLORE_SEARCH_H
#define SIM_EXPLORE_SEARCH_H

#include "sim/base/numbers.h"
#include "sim/explore/explore.h"

/*
 * Who calls next. At first everybody who takes one other way than a caller
 * before at a point that was new; then those who change at random what led to
 * something new.
 */
struct sim_search {
	const struct sim_explore_options *options;
	struct sim_lexicon *lexicon;
	uint64_t random_state;
	struct sim_numbers seen_branches; /* crossings */
	struct sim_numbers seen_steps;	  /* from spot to spot */

	struct sim_caller *queue; /* those who are to call */
	size_t queue_n;
	size_t queue_at;
	struct sim_caller *corpus; /* those who found something */
	size_t corpus_n;
	char (*numbers)[SIM_MAX_NUMBER + 1]; /* of callees */
	size_t numbers_n;
};

void sim_search_init(struct sim_search *, const struct sim_explore_options *,
    struct sim_lexicon *);
void sim_search_free(struct sim_search *);

struct sim_caller sim_search_next(struct sim_search *);
/* What became of one. */
void sim_search_learn(struct sim_search *, const struct sim_caller *,
    const struct sim_fault_finder *);

#endif
