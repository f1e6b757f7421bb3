#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "sim/deliver/deliver.h"
#include "sim/person/person.h"

struct sim_call;

/* How a call begins. Everything is copied. */
struct sim_call_options {
	const char *from;
	const char *to;
	/*
	 * Where the application wants the events that no verb causes: the
	 * first (initiate, or answer when outbound) and the last.
	 */
	struct sim_target first;
	struct sim_target fallback;
	struct sim_target last;
	const char *tag;      /* outbound only */
	int64_t timeout;      /* of callbacks, ms; 0: the world's */
	int64_t call_timeout; /* outbound: how long it rings, ms; 0: 30 s */
	/* outbound: NULL, "sync" or "async", and what it finds ("human") */
	const char *machine_detection;
	const char *machine;
	struct sim_target machine_url;
	bool queued; /* events have an enqueuedTime */
	/*
	 * inbound: more members of the initiate event, a JSON object, or NULL:
	 * {"diversion": {"origTo": "+19195550142"}}
	 */
	const char *fields;
};

/*
 * Begin a call when the world runs, after so many milliseconds. person is the
 * one outside: who calls in, or who is called. people are those whom verbs
 * call. The call belongs to the world.
 */
struct sim_call *
sim_call_in(struct sim_world *, const struct sim_call_options *,
    const struct sim_person *, const struct sim_people *, int64_t after);
struct sim_call *
sim_call_out(struct sim_world *, const struct sim_call_options *,
    const struct sim_person *, const struct sim_people *, int64_t after);

const char *sim_call_id(const struct sim_call *);
/* The call of an id, also of one that ended; NULL: there never was one. */
struct sim_call *sim_call_find(struct sim_world *, const char *id);
/* Ended: the cause, "hangup"; NULL while it lasts. */
const char *sim_call_cause(const struct sim_call *);

#endif
