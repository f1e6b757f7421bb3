#ifndef SIM_CALL_SEND_H
#define SIM_CALL_SEND_H

#include <json-c/json.h>

#include "sim/call/engine.h"

/*
 * Callbacks of calls on their way: members as JSON or as a query, to where a
 * verb or an account says.
 */
struct sim_sending {
	const char *event;
	const char *about; /* callId, conferenceId */
	enum bw_family family;
	const struct sim_targets *targets;
	json_object *payload; /* the caller's */
	int64_t timeout;      /* milliseconds */
};

/* With an answer: at once, and it is wanted. Without one: soon. */
void
sim_send(struct sim_world *, const struct sim_sending *, struct sim_answer *);

/*
 * An event of a call; members, which may be NULL, are the event's own and
 * stay the caller's. Nothing happens when there is no URL. A call that has
 * had its share of callbacks ends.
 */
void sim_send_call(struct sim_call *, const char *event,
    const struct sim_targets *, json_object *members, struct sim_answer *);

#endif
