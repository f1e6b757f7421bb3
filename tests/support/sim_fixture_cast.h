#ifndef TEST_SUPPORT_SIM_FIXTURE_CAST_H
#define TEST_SUPPORT_SIM_FIXTURE_CAST_H

#include <stddef.h>

#include "sim/person/person.h"

/* The persons of a test of a call, see sim_fixture.h. */
struct fixture_cast {
	struct fixture_person {
		char *number;
		const char *actions; /* not done yet */
		char *words;	     /* being said */
	} people[48];
	size_t n;
};

void fixture_cast_read(struct fixture_cast *, const char *people);
void fixture_cast_free(struct fixture_cast *);
/* The caller, and the others by number. */
struct sim_person fixture_cast_first(struct fixture_cast *);
struct sim_people fixture_cast_people(struct fixture_cast *);
/* Add another person, without a number. */
struct sim_person fixture_cast_add(struct fixture_cast *, const char *actions);

#endif
