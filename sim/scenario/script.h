#ifndef SIM_SCENARIO_SCRIPT_H
#define SIM_SCENARIO_SCRIPT_H

#include "sim/call/call.h"

/*
 * What a scenario does over the REST API while its call is up, so many
 * milliseconds after the call began.
 */
enum sim_script_kind {
	SIM_SCRIPT_COMPLETE,
	SIM_SCRIPT_REDIRECT,
	SIM_SCRIPT_PAUSE, /* the recording */
	SIM_SCRIPT_RESUME
};

struct sim_script {
	enum sim_script_kind kind;
	int line;
	int64_t after;
	char *conference; /* its name; NULL: the call */
	char *url;	  /* REDIRECT: where to */
	char *tag;	  /* or NULL */
};

/* The kind of a word, as the schema has them. */
enum sim_script_kind sim_script_kind(const char *);
void sim_script_free(struct sim_script *);

/*
 * Enter it into the world; it must outlive it. to is where a redirect leads,
 * its URL absolute. A status that says no is something wrong, in that file.
 */
void sim_script_enter(struct sim_world *, struct sim_call *,
    const struct sim_script *, const char *file, const struct sim_target *to);

#endif
