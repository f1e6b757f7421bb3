#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#include "sim/call/sip_members.h"
#include "sim/family/subject.h"
#include "sim/person/role.h"
#include "sim/scenario/script.h"

/*
 * A file of scenarios, bwcallback-scenario(5): callers, their actions, and what
 * must happen.
 */
enum sim_expected_kind {
	SIM_EXPECT_KEYS,   /* these keys are pressed */
	SIM_EXPECT_TALK,   /* the caller says this */
	SIM_EXPECT_SPEECH, /* the caller hears a text with this in it */
	SIM_EXPECT_PLAYS,  /* a file is played; a pattern */
	SIM_EXPECT_WRONG,  /* a finding contains this */
	SIM_EXPECT_VERB,   /* this verb runs */
	SIM_EXPECT_ANSWER, /* the call is answered */
	SIM_EXPECT_END, /* the call ends with this cause; NULL: without a fault
			 */
	SIM_EXPECT_PORTOUT_VERDICT, /* decision on a port-out: "portable" or
				       "refused" */
	SIM_EXPECT_STORED, /* events of this type are stored in the end */
	SIM_EXPECT_CALLBACK
};

/* An attribute of <callback>: of the delivery, or a field of the event. */
struct sim_wanted {
	char *name;
	char *value;
};

struct sim_expected {
	enum sim_expected_kind kind;
	int line;
	char *text; /* see the kinds; CALLBACK: the event */
	struct sim_wanted *wanted;
	size_t n;
};

struct sim_expected_list {
	struct sim_expected *list;
	size_t n;
};

/* Another call, after this many milliseconds. */
struct sim_also {
	char *from, *to, *url;
	int64_t after;
	struct sim_role role;
};

struct sim_scenario {
	int line;
	char *name;
	char *from, *to;		       /* NULL: default */
	char *url, *status_url, *fallback_url; /* NULL: default, none, none */
	char *sip[SIM_SIP__MAX]; /* members of initiate; NULL: usual */
	bool outbound;
	int64_t at; /* ms since 1970; -1: default */
	struct sim_role role;
	struct sim_cast cast;
	struct sim_also *also;
	size_t also_n;
	struct sim_script *scripts;
	size_t scripts_n;
	struct sim_expected_list steps; /* in this order */
	struct sim_expected_list sometime;
	struct sim_expected_list never;
	struct sim_expected_list stored;
	struct sim_subject subject; /* if it is not a call */
};

struct sim_scenarios {
	char *file;
	char *flow; /* path of the configuration, or NULL */
	struct sim_scenario *list;
	size_t n;
};

/*
 * Read and validate a file. Errors go to the reporter. BW_ERR_NOFILE: the file
 * cannot be read. BW_ERR_CONFIG: errors were reported. Otherwise *out is the
 * caller's, or NULL with a message in the error if the root element is not
 * <scenarios>.
 */
enum bw_err sim_scenarios_load(const char *file, struct sim_scenarios **out,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
void sim_scenarios_free(struct sim_scenarios *);

#endif
