#ifndef SIM_EXPLORE_FLOW_VOCABULARY_H
#define SIM_EXPLORE_FLOW_VOCABULARY_H

#include <bwcallback/error.h>

#include "sim/explore/lexicon.h"

/*
 * What the explorer learns from a configuration: where calls begin, and the
 * keys and words in its rules. It is read as XML and not checked.
 */
struct sim_entrance {
	char *path; /* with the mount path */
	bool outbound;
	/*
	 * Outbound: the mode of machine detection that the rules use, "sync" or
	 * "async", a constant; NULL: none.
	 */
	const char *machine_detection;
};

struct sim_vocabulary {
	struct sim_entrance *entrances;
	size_t n;
};

/*
 * Adds words to the lexicon. BW_ERR_NOFILE: cannot be read; BW_ERR_CONFIG: not
 * XML.
 */
enum bw_err sim_vocabulary_read(const char *file, struct sim_vocabulary *,
    struct sim_lexicon *, struct bw_error *) BW_CHECK;
void sim_vocabulary_free(struct sim_vocabulary *);

#endif
