#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "sim/call/sip_members.h"
#include "sim/deliver/deliver.h"
#include "sim/person/person.h"

struct sim_call;

/* Parameters of a new call. Strings are copied. */
struct sim_call_options {
	const char *from;
	const char *to;
	/*
	 * Targets of the events that no verb causes: the first (initiate, or
	 * answer if outbound) and the last.
	 */
	struct sim_target first;
	struct sim_target fallback;
	struct sim_target last;
	const char *tag;      /* outbound only */
	int64_t timeout;      /* of callbacks, ms; 0: the world's default */
	int64_t call_timeout; /* outbound: ringing time, ms; 0: 30 s */
	/*
	 * outbound: the mode, NULL, "sync" or "async", and its result ("human")
	 */
	const char *machine_detection;
	const char *machine;
	struct sim_target machine_url;
	bool queued;		       /* events have an enqueuedTime */
	const char *sip[SIM_SIP__MAX]; /* inbound; valid texts, or NULL */
};

/*
 * Schedule a call, after this many milliseconds. person is the other party: the
 * caller if inbound, the callee if outbound. people are those whom verbs call.
 * The call belongs to the world.
 */
struct sim_call *
sim_call_in(struct sim_world *, const struct sim_call_options *,
    const struct sim_person *, const struct sim_people *, int64_t after);
struct sim_call *
sim_call_out(struct sim_world *, const struct sim_call_options *,
    const struct sim_person *, const struct sim_people *, int64_t after);

const char *sim_call_id(const struct sim_call *);
/* The call with this id, even if it has ended; NULL: none. */
struct sim_call *sim_call_find(struct sim_world *, const char *id);
/* The cause of the call's end, "hangup"; NULL while it is up. */
const char *sim_call_cause(const struct sim_call *);

#endif
