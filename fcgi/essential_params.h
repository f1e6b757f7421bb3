#ifndef BWF_ESSENTIAL_PARAMS_H
#define BWF_ESSENTIAL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The parameters of a request that bw_request_from_env uses, in a buffer of
 * fixed size. They are enough to route, authenticate and answer a request whose
 * rest is over a limit or does not fit into memory. Long values are cut: of a
 * URI the path remains, and cut credentials are rejected as too long.
 */
#define ESSENTIAL_PARAMS_BYTES (24 * 1024)
#define ESSENTIAL_PARAMS_MAX   24
#define ESSENTIAL_NAME_MAX     40

struct essential_params {
	size_t name_left; /* of the pair being read */
	size_t value_left;
	size_t value_room; /* bytes of the value that are still essential */
	char name[ESSENTIAL_NAME_MAX];
	size_t name_n;
	bool storing; /* the pair being read */

	const char *env[ESSENTIAL_PARAMS_MAX + 1]; /* "NAME=value", then NULL */
	size_t n;
	size_t used; /* bytes of text; the last value is not terminated yet */
	char text[ESSENTIAL_PARAMS_BYTES];
};

void essential_params_init(struct essential_params *);
/* A pair begins. */
void
essential_params_begin(struct essential_params *, size_t name, size_t value);
/* Add bytes of the name and value, at most as many as the pair still has. */
void essential_params_add(struct essential_params *, const char *p, size_t n);
/* Is a complete Authorization header among them? */
bool essential_params_has_credentials(struct essential_params *);
/* The complete parameters, as bw_request_from_env takes them. */
const char *const *essential_params_env(struct essential_params *);

#endif
