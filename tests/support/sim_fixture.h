#ifndef TEST_SUPPORT_SIM_FIXTURE_H
#define TEST_SUPPORT_SIM_FIXTURE_H

#include "sim/call/call.h"

/*
 * Plays a call against a scripted application and scripted people, and compares
 * the callbacks with the expected ones.
 *
 * app: one line per answer, each used once, in order:
 *	event [member=value ...] -> <Verb/>...  inside <Response>
 *	event -> =text  this text, not inside <Response>
 *	event -> 204 or 500  a status without a body
 *	event -> :TYPE <Verb/>...  as the first form, with another Content-Type
 *	event -> refused, slow or cut  no answer
 * A line for event "*" matches any event and is not used up. An event that no
 * line matches gets 204. TARGET is the first call's id.
 *
 * people: "action action ..." for the caller, then "; number action ..." for
 * callees. An action applies when the person is next in its situation:
 *	R ring, L listen, G gather, C record, T talk, F confer, W wait
 * followed by a colon and one of
 *	a answer, b busy, r reject, e error, h hang up, n nothing,
 *	kX press X, wWORDS say (for three seconds; _ stands for a blank)
 * and optionally @MS, milliseconds after the situation began (1000). With a
 * star instead of the colon the action repeats for ever.
 *
 * want: one line per callback, in order: its event and the members it must
 * have, "gather digits=1". "tag=" means empty, "tag!" absent, "cause~" present;
 * _ stands for a blank. A line "..." matches any number of callbacks. Names of
 * members may be dotted; @url is the target, @method the method, @user the user
 * name, @lost whether delivery failed.
 */
struct fixture {
	const char *name;
	const char *app;
	const char *people;
	const char *want;
	const char *log;    /* expected lines of the log, in order, or NULL */
	const char *assume; /* "name=value ..." of the options, or NULL */
	bool outbound;
	bool fallback;	     /* has a fallback URL for the first event */
	const char *machine; /* "sync human" */
	const char *from;    /* NULL: a default number */
	const char *tag;
	const char *stir_shaken, *diversion; /* of initiate */
	bool queued;
	bool get;			 /* send callbacks by GET */
	bool no_status;			 /* no URL for disconnect */
	const struct sim_person *caller; /* replaces the first of people */
	/* Called before and after the world runs. */
	void (*more)(struct sim_world *, struct sim_call *);
	void (*after)(struct sim_world *, struct sim_call *);
};

/* A row of a table; further members follow want, as ".log = ...". */
#define ROW(n, a, p, ...) \
	{ \
		.name = (n), .app = (a), .people = (p), .want = __VA_ARGS__ \
	}

/* Play a fixture as one test point; all payloads are checked. */
void fixture_play(const struct fixture *, size_t n);
/* Play each row of a table. */
#define FIXTURE_ROWS(rows) \
	fixture_rows((rows), sizeof(rows) / sizeof((rows)[0]))
void fixture_rows(const struct fixture *, size_t n);

/* Play without checks: returns callbacks and log as text; malloc'ed. */
char *fixture_log(const struct fixture *, uint64_t seed);

/* Add another call to the same world, with its own actions. */
struct sim_call *
fixture_call(struct sim_world *, const char *actions, int64_t after);

/* Does the payload have the documented members? */
bool fixture_fields_good(const char *event, const char *payload);
/* One test point per event: the table of fields agrees with BXML's facts. */
void fixture_fields_check(void);

#endif
