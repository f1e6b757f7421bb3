#ifndef SIM_EXPLORE_POSITION_H
#define SIM_EXPLORE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>

#include "sim/deliver/deliver.h"

/*
 * Where in an application a call is: the callback that was answered last, the
 * rule that did if that can be seen, and the shape of its answer. Plain
 * memory, to be copied by assignment.
 */
struct sim_position {
	char event[40];
	char path[200]; /* of the URL, without its query */
	char file[256]; /* of the rule, "": not known */
	int line;
	uint64_t shape;
};

/* reply: the one that counts; NULL: there is none. */
void sim_position_set(struct sim_position *, const char *event, const char *url,
    const struct sim_reply *);
/* The same rule or, where rules cannot be seen, URL? */
bool
sim_position_same(const struct sim_position *, const struct sim_position *);
/* A number for it; the same for the same. */
uint64_t sim_position_number(const struct sim_position *);
/* "gather to /voice/menu (callbacks.xml:12)" */
void sim_position_write(const struct sim_position *, struct bw_buf *);

#endif
