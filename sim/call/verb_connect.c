/*
 * Connect: an endpoint of the BRTC API is called. What its events carry is
 * documented in part only: the status, and ids.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/leg.h"
#include "sim/call/send.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

/* How long an endpoint rings is not documented. */
#define RING_TIMEOUT 30000

static void
tell(struct sim_call *leg, const char *status)
{
	struct sim_call *c = leg->parent;
	json_object *o = json_object_new_object();
	struct sim_targets places = {0};

	sim_json_text(o, "event", "connectStatus");
	sim_json_text(o, "status", status);
	sim_json_text(o, "accountId", c->world->account);
	sim_json_text(o, "callId", c->id);
	sim_json_text(o, "endpointId", leg->transfer_to);
	sim_json_text(o, "errorMessage", leg->message);
	sim_json_text(o, "errorId", leg->error_id);
	sim_targets_read(
	    &places, c->node, "eventCallbackUrl", c->document->base);
	if (places.primary.url != NULL)
		sim_send(c->world,
		    &(struct sim_sending){
			.event = "connectStatus",
			.about = c->id,
			.family = BW_FAMILY_BRTC,
			.places = &places,
			.payload = o,
		    },
		    NULL);
	sim_targets_free(&places);
	json_object_put(o);
}

static const char *
status_of(const struct sim_call *leg)
{
	static const struct {
		const char *cause;
		const char *status;
	} rows[] = {
	    {"busy", "DENIED"},
	    {"rejected", "DENIED"},
	    {"timeout", "TIMED_OUT"},
	    {"cancel", "CANCELED"},
	    {"hangup", "COMPLETED"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].cause, leg->cause) == 0)
			return rows[i].status;
	}
	return "FAILED";
}

struct connect {
	const xmlNode *endpoint; /* that is called */
	struct sim_call *leg;
};

static void call_endpoint(struct sim_call *);

/* The next endpoint is called when one does not answer, the next verb after
 * one that did. */
static void
leg_gone(struct sim_call *leg)
{
	struct sim_call *c = leg->parent;
	struct connect *k = c->state;

	k->leg = NULL;
	if (leg->cause != NULL)
		tell(leg, status_of(leg));
	if (c->cause != NULL)
		return;
	k->endpoint = sim_node_element(k->endpoint->next);
	if (leg->answered != 0 || k->endpoint == NULL)
		sim_interpreter_next(c);
	else
		call_endpoint(c);
}

static void
leg_answered(struct sim_call *leg)
{
	sim_legs_join(leg->parent, leg);
}

static void
call_endpoint(struct sim_call *c)
{
	static const struct sim_ringing ringing = {leg_answered, sim_call_end};
	struct connect *k = c->state;
	char *id = sim_node_text(k->endpoint);

	k->leg = sim_call_leg(c, SIM_CALL_SILENT, id);
	k->leg->gone = leg_gone;
	free(id);
	tell(k->leg, "INITIATED");
	sim_leg_wait(c);
	sim_call_ring(k->leg, &ringing, RING_TIMEOUT);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	struct connect *k = sim_alloc(sizeof(*k));

	k->endpoint = sim_node_element(node->children);
	c->state = k;
	call_endpoint(c);
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct connect *k = c->state;

	if (k->leg != NULL)
		sim_call_end(
		    k->leg, k->leg->answered == 0 ? "cancel" : "hangup", NULL);
	free(k);
}

const struct sim_verb sim_verb_connect = {
    .name = "Connect",
    .perhaps = true,
    .run = run,
    .stop = stop,
};
