#ifndef TEST_SUPPORT_SIM_FIXTURE_CAST_H
#define TEST_SUPPORT_SIM_FIXTURE_CAST_H

#include <stddef.h>

#include "sim/person/person.h"

/* The people of a fixture, see sim_fixture.h. */
struct fixture_cast {
	struct fixture_person {
		char *number;
		const char *actions; /* remaining */
		char *words;	     /* being spoken */
	} people[48];
	size_t n;
};

void fixture_cast_read(struct fixture_cast *, const char *people);
void fixture_cast_free(struct fixture_cast *);
/* The caller, and the callees by number. */
struct sim_person fixture_cast_first(struct fixture_cast *);
struct sim_people fixture_cast_people(struct fixture_cast *);
/* Add a caller with these actions. */
struct sim_person fixture_cast_add(struct fixture_cast *, const char *actions);

#endif
