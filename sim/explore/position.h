#ifndef SIM_EXPLORE_POSITION_H
#define SIM_EXPLORE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>

#include "sim/deliver/deliver.h"

/*
 * A position of a call in an application: the last answered callback, the rule
 * that answered if known, and the shape of the answer. Plain memory: copy it by
 * assignment.
 */
struct sim_position {
	char event[40];
	char path[200]; /* of the URL, without its query */
	char file[256]; /* of the rule; "": unknown */
	int line;
	uint64_t shape;
};

/* reply: the last one, or NULL. */
void sim_position_set(struct sim_position *, const char *event, const char *url,
    const struct sim_reply *);
/* Same rule? If rules are unknown: same URL and event? */
bool
sim_position_same(const struct sim_position *, const struct sim_position *);
/* A hash of the position. */
uint64_t sim_position_number(const struct sim_position *);
/* "gather to /voice/menu (callbacks.xml:12)" */
void sim_position_write(const struct sim_position *, struct bw_buf *);

#endif
