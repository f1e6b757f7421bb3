#ifndef SIM_FAMILY_TOLLFREE_H
#define SIM_FAMILY_TOLLFREE_H

#include "sim/deliver/deliver.h"

/*
 * Toll-free verification (webhook of a subscription). Everything is copied;
 * NULL leaves a member out, or a required one is generated.
 */
struct sim_tollfree {
	struct sim_target target;
	const char *number;
	/*
	 * In this order, NULL-terminated: "verified", "unverified", "denied",
	 * "blocked", "failed"; NULL: unverified, then verified.
	 */
	const char *const *states;
	const char *key;    /* sharedSecretKey; NULL: unsigned */
	const char *reason; /* of a denial, block or failure */
	int64_t between;    /* milliseconds between states; 0: an hour */
};

/* The i-th of these words, NULL after the last. */
const char *sim_tollfree_state(size_t i);
/* Schedule the callbacks, starting after this many milliseconds. */
void
sim_tollfree(struct sim_world *, const struct sim_tollfree *, int64_t after);

#endif
