#ifndef TEST_SUPPORT_SIM_FIXTURE_H
#define TEST_SUPPORT_SIM_FIXTURE_H

#include "sim/call/call.h"

/*
 * A call is played against an application that is a few lines of text, with
 * people who are a few words, and what the application was told is compared
 * with a few lines more.
 *
 * app: one line for each answer, used once, in order:
 *	event [member=value ...] -> <Verb/>...     inside <Response>
 *	event -> =text        exactly that, not inside <Response>
 *	event -> 204 or 500   a status without a body
 *	event -> :TYPE <Verb/>...     the first, with another Content-Type
 *	event -> refused | slow | cut
 * A line for "*" is for any event, and is not used up. What no line is for
 * gets 204. TARGET is the first call's id.
 *
 * people: "deed deed ..." of the caller, then "; number deed ..." of others. A
 * deed is what they do when they are next in that situation:
 *	R ring, L listen, G gather, C record, T talk, F confer, W wait
 * and a colon with one of
 *	a answer, b busy, r reject, e error, h hang up, n nothing,
 *	kX press X, wWORDS say (of three seconds; _ for blanks)
 * and perhaps @MS, milliseconds from when they are asked (1000). With a star
 * in place of the colon they never do anything else.
 *
 * want: a line for each callback, in order: its event and what is to be in it,
 * "gather digits=1", where "tag=" is empty, "tag!" absent, "cause~" present,
 * and _ is for a blank.
 * A line "...": any number of others. A member may be dotted; @url is where
 * the callback went, @method and @user how, @lost whether it arrived.
 */
struct fixture {
	const char *name;
	const char *app;
	const char *people;
	const char *want;
	const char *log;    /* what was said and noted in order, or NULL */
	const char *assume; /* "name=value ..." of the options, or NULL */
	bool outbound;
	bool fallback;	     /* of the first event */
	const char *machine; /* "sync human" */
	const char *from;    /* NULL: a number */
	const char *tag;
	const char *fields; /* more of initiate, JSON */
	bool queued;
	bool get;			 /* callbacks are GETs */
	bool no_status;			 /* no URL for disconnect */
	const struct sim_person *caller; /* in place of people's first */
	/* Called when the world is made, and again when it has run. */
	void (*more)(struct sim_world *, struct sim_call *);
	void (*after)(struct sim_world *, struct sim_call *);
};

/* A row of a table; after what is wanted, more members as ".heard = ...". */
#define ROW(n, a, p, ...) \
	{ \
		.name = (n), .app = (a), .people = (p), .want = __VA_ARGS__ \
	}

/* Play it and make one point of it; all payloads are looked at. */
void fixture_play(const struct fixture *, size_t n);
/* Each row of a table. */
#define FIXTURE_ROWS(rows) \
	fixture_rows((rows), sizeof(rows) / sizeof((rows)[0]))
void fixture_rows(const struct fixture *, size_t n);

/* The same without judging: all notes as text; malloc'ed. */
char *fixture_log(const struct fixture *, uint64_t seed);

/* Another call in the same world, with deeds of its own. */
struct sim_call *
fixture_call(struct sim_world *, const char *actions, int64_t after);

/* Are the members of that payload those that are documented? */
bool fixture_fields_good(const char *event, const char *payload);
/* One point for each event: the table is what the facts say. */
void fixture_fields_check(void);

#endif
