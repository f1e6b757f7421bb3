#ifndef SIM_DELIVER_ATTEMPT_H
#define SIM_DELIVER_ATTEMPT_H

#include "sim/deliver/deliver.h"

/* The attempts to deliver one callback. Private to this room. */
struct sim_attempt {
	int n;					   /* attempts so far */
	char *url;				   /* of the last attempt */
	const char *method;			   /* of the last */
	struct sim_reply replies[SIM_MAX_AT_ONCE]; /* the first one counts */
	size_t at_once;				   /* number of replies */
	bool unasked; /* answered without a challenge, despite credentials */
};

void sim_attempt_init(struct sim_attempt *);
void sim_attempt_free(struct sim_attempt *);

/* Send to one URL, with the challenge if there is one; true: delivered. */
bool sim_attempt(struct sim_world *, const struct sim_callback *,
    const struct sim_target *, struct sim_attempt *);

/* Did it fail because no connection was made? */
bool sim_attempt_unconnected(const struct sim_attempt *);
/* The error text; sim_alloc'ed. */
char *sim_attempt_why(const struct sim_attempt *);

/* Log the result of a callback; fills in what the attempt provides. */
void sim_attempt_log(struct sim_world *, const struct sim_callback *,
    const struct sim_attempt *, struct sim_delivery *);

#endif
