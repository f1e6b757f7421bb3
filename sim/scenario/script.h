#ifndef SIM_SCENARIO_SCRIPT_H
#define SIM_SCENARIO_SCRIPT_H

#include "sim/call/call.h"

/*
 * A REST request of a scenario, made this many milliseconds after its call
 * began.
 */
enum sim_script_kind {
	SIM_SCRIPT_COMPLETE,
	SIM_SCRIPT_REDIRECT,
	SIM_SCRIPT_PAUSE, /* pauses the recording */
	SIM_SCRIPT_RESUME
};

struct sim_script {
	enum sim_script_kind kind;
	int line;
	int64_t after;
	char *conference; /* name of a conference; NULL: the call */
	char *url;	  /* REDIRECT: the new URL */
	char *tag;	  /* or NULL */
};

/* The kind of a word, which the schema has checked. */
enum sim_script_kind sim_script_kind(const char *);
void sim_script_free(struct sim_script *);

/*
 * Schedule the request; the script must outlive the world. to: the target of a
 * redirect, with an absolute URL. An error status is logged as a finding about
 * file.
 */
void sim_script_enter(struct sim_world *, struct sim_call *,
    const struct sim_script *, const char *file, const struct sim_target *to);

#endif
