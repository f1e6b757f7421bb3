#ifndef SIM_BASE_RANDOM_H
#define SIM_BASE_RANDOM_H

#include <stdint.h>

/* Dice whose state is one number; any seed is a good one. */
uint64_t sim_random_throw(uint64_t *state);
/* A number from 0 to below n; 0 when n is 0. */
uint64_t sim_random_below(uint64_t *state, uint64_t n);

#endif
