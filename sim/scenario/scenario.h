#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#include "sim/family/subject.h"
#include "sim/person/role.h"
#include "sim/scenario/script.h"

/*
 * A file of scenarios, bwcallback-scenario(5): who calls, what they do, and
 * what must happen.
 */
enum sim_expected_kind {
	SIM_EXPECT_KEYS,   /* these are pressed */
	SIM_EXPECT_TALK,   /* this is said by the caller */
	SIM_EXPECT_SPEECH, /* this is among what the caller hears */
	SIM_EXPECT_PLAYS,  /* a file of this name, a pattern */
	SIM_EXPECT_WRONG,  /* a finding with this in it */
	SIM_EXPECT_VERB,   /* this verb */
	SIM_EXPECT_ANSWER, /* the call is answered */
	SIM_EXPECT_END,	   /* the call ends, of this cause; NULL: no fault */
	SIM_EXPECT_PORTOUT_VERDICT, /* of a port-out: "portable" or "refused" */
	SIM_EXPECT_STORED,	    /* events of this type, when all is over */
	SIM_EXPECT_CALLBACK
};

/* An attribute of <callback>: about its delivery, or a field of the event. */
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

/* Another call, so many milliseconds later. */
struct sim_also {
	char *from, *to, *url;
	int64_t after;
	struct sim_role role;
};

struct sim_scenario {
	int line;
	char *name;
	char *from, *to;		       /* NULL: the standard */
	char *url, *status_url, *fallback_url; /* NULL: the standard, none */
	bool outbound;
	int64_t at; /* ms since 1970; -1: the standard */
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
	struct sim_subject subject; /* when it is no call */
};

struct sim_scenarios {
	char *file;
	char *flow; /* path of the configuration, or NULL */
	struct sim_scenario *list;
	size_t n;
};

/*
 * Read and validate a file. Problems go to the reporter. BW_ERR_NOFILE: it
 * cannot be read; BW_ERR_CONFIG: something was reported. Otherwise *out is the
 * caller's, or NULL when the file's root is something else than <scenarios>.
 */
enum bw_err sim_scenarios_load(const char *file, struct sim_scenarios **out,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
void sim_scenarios_free(struct sim_scenarios *);

#endif
