#ifndef SIM_BASE_RANDOM_H
#define SIM_BASE_RANDOM_H

#include <stdint.h>

/* A random number generator whose state is one number; any seed is good. */
uint64_t sim_random_next(uint64_t *state);
/* A number in [0, n); 0 if n is 0. */
uint64_t sim_random_below(uint64_t *state, uint64_t n);

#endif
