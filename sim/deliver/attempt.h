#ifndef SIM_DELIVER_ATTEMPT_H
#define SIM_DELIVER_ATTEMPT_H

#include "sim/deliver/deliver.h"

/* What one callback's tries at its URLs came to. For who delivers only. */
struct sim_attempt {
	int n;		    /* tries so far */
	char *url;	    /* of the last, absolute; NULL: it is none */
	const char *method; /* of the last */
	struct sim_reply replies[SIM_MAX_AT_ONCE]; /* the first one counts */
	size_t at_once;				   /* how many there are */
};

void sim_attempt_init(struct sim_attempt *);
void sim_attempt_free(struct sim_attempt *);

/* Ask one URL, with the challenge if there is one; true: delivered. */
bool sim_attempt(struct sim_world *, const struct sim_callback *,
    const struct sim_target *, struct sim_attempt *);

/* It failed because there was no connection. */
bool sim_attempt_unconnected(const struct sim_attempt *);
/* Why it failed, for people; sim_alloc'ed. */
char *sim_attempt_why(const struct sim_attempt *);

/* Tell of a callback's fate; what the attempt knows is put in. */
void sim_attempt_log(struct sim_world *, const struct sim_callback *,
    const struct sim_attempt *, struct sim_delivery *);

#endif
