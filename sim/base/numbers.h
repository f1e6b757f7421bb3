#ifndef SIM_BASE_NUMBERS_H
#define SIM_BASE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of numbers; all zero is an empty one. */
struct sim_numbers {
	uint64_t *slots; /* 0: empty */
	size_t cap;
	size_t n;
};

/* False: it was there already. 0 counts as 1. */
bool sim_numbers_add(struct sim_numbers *, uint64_t);
void sim_numbers_free(struct sim_numbers *);

#endif
