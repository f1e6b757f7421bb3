#ifndef TEST_SUPPORT_SIM_FIXTURE_CAST_H
#define TEST_SUPPORT_SIM_FIXTURE_CAST_H

#include <stddef.h>

#include "sim/person/person.h"

/* The people of a stage: what is in sim_stage.h, made into persons. */
struct fixture_cast {
	struct fixture_person {
		char *number;
		const char *actions; /* that are left */
		char *words;	     /* being said */
	} people[48];
	size_t n;
};

void fixture_cast_read(struct fixture_cast *, const char *people);
void fixture_cast_free(struct fixture_cast *);
/* The caller, and everybody else by number. */
struct sim_person fixture_cast_first(struct fixture_cast *);
struct sim_people fixture_cast_people(struct fixture_cast *);
/* Another, with deeds alone. */
struct sim_person fixture_cast_add(struct fixture_cast *, const char *actions);

#endif
