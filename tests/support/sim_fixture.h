#ifndef TEST_SUPPORT_SIM_FIXTURE_H
#define TEST_SUPPORT_SIM_FIXTURE_H

#include "sim/call/call.h"

/*
 * Tests of calls. A call is simulated with an application that is a few lines
 * of text, and with persons whose actions are a few words. The callbacks that
 * the application receives are compared with a few more lines.
 *
 * app: one line for each answer, each used once, in order:
 *	event [member=value ...] -> <Verb/>...     inside <Response>
 *	event -> =text        exactly this text, without <Response>
 *	event -> 204 or 500   a status without a body
 *	event -> :TYPE <Verb/>...     as the first, with another Content-Type
 *	event -> refused | slow | cut
 * A line for "*" matches any event and may be used again. An event without a
 * line gets 204. TARGET is replaced by the first call's id.
 *
 * people: "action action ..." of the caller, then "; number action ..." of
 * others. An action is what a person does when next in a situation:
 *	R ring, L listen, G gather, C record, T talk, F confer, W wait
 * then a colon and one of
 *	a answer, b busy, r reject, e error, h hang up, n nothing,
 *	kX press X, wWORDS say (for three seconds; _ for blanks)
 * and optionally @MS, milliseconds after the beginning of the situation
 * (default 1000). A star instead of the colon repeats the action forever.
 *
 * want: one line for each callback, in order: its event and some members,
 * "gather digits=1"; "tag=" is empty, "tag!" absent, "cause~" present, and _ is
 * a blank. A line "..." matches any number of other callbacks. Member names may
 * be dotted; @url is the callback's URL, @method and @user its method and user,
 * @lost whether it was lost.
 */
struct fixture {
	const char *name;
	const char *app;
	const char *people;
	const char *want;
	const char *log;    /* lines of the log, in order, or NULL */
	const char *assume; /* "name=value ..." of the options, or NULL */
	bool outbound;
	bool fallback;	     /* of the first event */
	const char *machine; /* "sync human" */
	const char *from;    /* NULL: a number */
	const char *tag;
	const char *fields; /* more members of initiate, JSON */
	bool queued;
	bool get;			 /* send callbacks by GET */
	bool no_status;			 /* no URL for disconnect */
	const struct sim_person *caller; /* replaces the first of people */
	/* Called before and after the simulation runs. */
	void (*more)(struct sim_world *, struct sim_call *);
	void (*after)(struct sim_world *, struct sim_call *);
};

/* A row of a table; more members may follow want, as ".log = ...". */
#define ROW(n, a, p, ...) \
	{ \
		.name = (n), .app = (a), .people = (p), .want = __VA_ARGS__ \
	}

/* Simulate the call: one test point, which also checks all payloads. */
void fixture_play(const struct fixture *, size_t n);
/* Simulate each row of a table. */
#define FIXTURE_ROWS(rows) \
	fixture_rows((rows), sizeof(rows) / sizeof((rows)[0]))
void fixture_rows(const struct fixture *, size_t n);

/*
 * Simulate without checks; returns all callbacks and the log as text,
 * malloc'ed.
 */
char *fixture_log(const struct fixture *, uint64_t seed);

/* Another call in the same world, from a person with these actions. */
struct sim_call *
fixture_call(struct sim_world *, const char *actions, int64_t after);

/* Does the payload have exactly the documented members? */
bool fixture_fields_good(const char *event, const char *payload);
/*
 * One test point for each event: does the table agree with the specification?
 */
void fixture_fields_check(void);

#endif
