#ifndef SIM_WORLD_ASSUMPTIONS_H
#define SIM_WORLD_ASSUMPTIONS_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

#include "sim/world/world.h"

/*
 * Behaviour that the documentation leaves open or an account can set, by name:
 * "pause-answers=false", "audio=12.5".
 */
struct sim_assumption {
	const char *name;
	const char *form; /* "true or false", "seconds", "a number" */
	const char *text; /* description, one line */
};

/* The assumption with index i; NULL after the last. */
const struct sim_assumption *sim_assumptions(size_t i);
/* Append the value of assumption i. */
void sim_assumption_of(const struct sim_options *, size_t i, struct bw_buf *);

/*
 * Set one: "name=value". BW_ERR_USAGE: unknown name, or the value does not have
 * its form.
 */
enum bw_err sim_assumption_set(
    struct sim_options *, const char *assignment, struct bw_error *) BW_CHECK;

#endif
