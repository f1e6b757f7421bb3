#ifndef SIM_BASE_NUMBERS_H
#define SIM_BASE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of numbers. Zero-initialised, it is empty. */
struct sim_numbers {
	uint64_t *slots; /* 0: empty */
	size_t cap;
	size_t n;
};

/* Returns false if x was already in the set. 0 is stored as 1. */
bool sim_numbers_add(struct sim_numbers *, uint64_t);
void sim_numbers_free(struct sim_numbers *);

#endif
