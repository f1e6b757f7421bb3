/* The people whom the application calls. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/person/role.h"

#define CONVERSATION 20000 /* milliseconds until a callee hangs up */

static void
init_role(struct sim_role *r)
{
	sim_role_init(r);
	r->talk_ms = CONVERSATION;
}

void
sim_cast_init(struct sim_cast *c)
{
	*c = (struct sim_cast){.n = 0};
	init_role(&c->standard);
}

void
sim_cast_free(struct sim_cast *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->members[i].number);
		sim_role_free(&c->members[i].role);
	}
	free(c->members);
	sim_role_free(&c->standard);
}

void
sim_cast_copy(struct sim_cast *to, const struct sim_cast *from)
{
	sim_cast_init(to);
	for (size_t i = 0; i < from->n; i++) {
		struct sim_role *r = sim_cast_role(to, from->members[i].number);

		sim_role_free(r);
		sim_role_copy(r, &from->members[i].role);
	}
}

static struct sim_role *
find(const struct sim_cast *c, const char *number)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->members[i].number, number) == 0)
			return &c->members[i].role;
	}
	return NULL;
}

struct sim_role *
sim_cast_role(struct sim_cast *c, const char *number)
{
	struct sim_role *r = find(c, number);

	if (r != NULL)
		return r;
	c->members =
	    sim_resize(c->members, c->n, c->n + 1, sizeof(*c->members));
	c->members[c->n].number = sim_copy(number);
	r = &c->members[c->n++].role;
	init_role(r);
	return r;
}

static struct sim_person
find_person(void *arg, const char *number)
{
	struct sim_cast *c = arg;
	struct sim_role *r = find(c, number);

	return sim_role_person(r != NULL ? r : &c->standard);
}

struct sim_people
sim_cast_people(struct sim_cast *c)
{
	return (struct sim_people){find_person, c};
}

void
sim_cast_rewind(struct sim_cast *c)
{
	for (size_t i = 0; i < c->n; i++)
		sim_role_rewind(&c->members[i].role);
	sim_role_rewind(&c->standard);
}
