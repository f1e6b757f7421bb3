#ifndef BWI_BASE_STEPS_H
#define BWI_BASE_STEPS_H

#include <stdint.h>

/* The time that a request spends in each step. */
enum bwi_timed {
#define X(name, text) BWI_TIMED_##name,
#include "base/steps.def"
#undef X
	BWI_TIMED__MAX
};

struct bwi_steps {
	enum bwi_timed now;
	int64_t since;		      /* CLOCK_MONOTONIC, nanoseconds */
	int64_t took[BWI_TIMED__MAX]; /* nanoseconds */
};

/* Begin to measure a request that arrived then; it is in the first step. */
void bwi_steps_begin(struct bwi_steps *, int64_t arrived);
/* The request is in this step from now on. */
void bwi_steps_enter(struct bwi_steps *, enum bwi_timed);
/* Add the time until now to the present step. Returns the time. */
int64_t bwi_steps_add(struct bwi_steps *);
/* "authenticate" */
const char *bwi_steps_name(enum bwi_timed);

#endif
