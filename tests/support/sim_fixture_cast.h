#ifndef TEST_SUPPORT_SIM_FIXTURE_CAST_H
#define TEST_SUPPORT_SIM_FIXTURE_CAST_H

#include <stddef.h>

#include "sim/person/person.h"

/* The people of a stage: what is in sim_stage.h, made into persons. */
struct stage_cast {
	struct stage_someone {
		char *number;
		const char *deeds; /* that are left */
		char *words;	   /* being said */
	} people[48];
	size_t n;
};

void stage_cast_read(struct stage_cast *, const char *people);
void stage_cast_free(struct stage_cast *);
/* The caller, and everybody else by number. */
struct sim_person stage_cast_first(struct stage_cast *);
struct sim_people stage_cast_people(struct stage_cast *);
/* Another, with deeds alone. */
struct sim_person stage_cast_add(struct stage_cast *, const char *deeds);

#endif
