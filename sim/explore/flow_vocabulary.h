#ifndef SIM_EXPLORE_FLOW_VOCABULARY_H
#define SIM_EXPLORE_FLOW_VOCABULARY_H

#include <bwcallback/error.h>

#include "sim/explore/lexicon.h"

/*
 * What a configuration tells somebody who wants to try it: where calls begin,
 * and what its rules ask for. It is read as XML, and not checked.
 */
struct sim_entrance {
	char *path; /* with what is in front of all */
	bool outbound;
	/*
	 * Outbound: how it wants to know whether a machine answered, "sync" or
	 * "async"; NULL: no rule asks. A constant.
	 */
	const char *machine_detection;
};

struct sim_vocabulary {
	struct sim_entrance *entrances;
	size_t n;
};

/* Adds words to the lexicon. BW_ERR_NOFILE, or _CONFIG: it is no XML. */
enum bw_err sim_vocabulary_read(const char *file, struct sim_vocabulary *,
    struct sim_lexicon *, struct bw_error *) BW_CHECK;
void sim_vocabulary_free(struct sim_vocabulary *);

#endif
