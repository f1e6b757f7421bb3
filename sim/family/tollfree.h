#ifndef SIM_FAMILY_TOLLFREE_H
#define SIM_FAMILY_TOLLFREE_H

#include "sim/deliver/deliver.h"

/*
 * Toll-free verification (webhook of a subscription). Everything is copied;
 * NULL leaves a member out, or is made up where there must be one.
 */
struct sim_tollfree {
	struct sim_target target;
	const char *number;
	/*
	 * In this order, NULL at the end: "pending", "verified", "unverified",
	 * "denied", "blocked", "failed"; NULL: pending, then verified.
	 */
	const char *const *states;
	const char *key;    /* sharedSecretKey; NULL: not signed */
	const char *reason; /* why it is denied or blocked, or failed */
	int64_t between;    /* states, ms; 0: an hour */
};

/* The i-th of these words, NULL after the last. */
const char *sim_tollfree_state(size_t i);
/* Enter the callbacks, from so many milliseconds on. */
void
sim_tollfree(struct sim_world *, const struct sim_tollfree *, int64_t after);

#endif
