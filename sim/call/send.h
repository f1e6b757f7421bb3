#ifndef SIM_CALL_SEND_H
#define SIM_CALL_SEND_H

#include <json-c/json.h>

#include "sim/call/engine.h"

/*
 * Sends the callbacks of calls: as JSON or as a query, to the targets of a verb
 * or an account.
 */
struct sim_sending {
	const char *event;
	const char *about; /* callId, conferenceId */
	enum bw_family family;
	const struct sim_targets *targets;
	json_object *payload; /* the caller's */
	int64_t timeout;      /* milliseconds */
};

/* With an answer: send now and read the answer. Without: schedule it. */
void
sim_send(struct sim_world *, const struct sim_sending *, struct sim_answer *);

/*
 * Send an event of a call. members, specific to the event, may be NULL and stay
 * the caller's. Does nothing without a URL. A call that exceeds its limit of
 * callbacks ends.
 */
void sim_send_call(struct sim_call *, const char *event,
    const struct sim_targets *, json_object *members, struct sim_answer *);

#endif
