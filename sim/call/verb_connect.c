/*
 * Connect: calls an endpoint of the BRTC API. The payloads of its events are
 * documented in part only: the status, and ids.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/leg.h"
#include "sim/call/send.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

/* The ringing time of an endpoint is undocumented. */
#define RING_TIMEOUT 30000

static void
send_status(struct sim_call *leg, const char *status)
{
	struct sim_call *c = leg->parent;
	json_object *o = json_object_new_object();
	struct sim_targets targets = {0};

	sim_json_text(o, "event", "connectStatus");
	sim_json_text(o, "status", status);
	sim_json_text(o, "accountId", c->world->account);
	sim_json_text(o, "callId", c->id);
	sim_json_text(o, "endpointId", leg->transfer_to);
	sim_json_text(o, "errorMessage", leg->message);
	sim_json_text(o, "errorId", leg->error_id);
	sim_targets_read(
	    &targets, c->node, "eventCallbackUrl", c->document->base);
	if (targets.primary.url != NULL)
		sim_send(c->world,
		    &(struct sim_sending){
			.event = "connectStatus",
			.about = c->id,
			.family = BW_FAMILY_BRTC,
			.targets = &targets,
			.payload = o,
		    },
		    NULL);
	sim_targets_free(&targets);
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
	const xmlNode *endpoint; /* the one being called */
	struct sim_call *leg;
};

static void call_endpoint(struct sim_call *);

/*
 * If the endpoint did not answer, call the next one; otherwise continue with
 * the next verb.
 */
static void
leg_gone(struct sim_call *leg)
{
	struct sim_call *c = leg->parent;
	struct connect *connect = c->state;

	connect->leg = NULL;
	if (leg->cause != NULL)
		send_status(leg, status_of(leg));
	if (c->cause != NULL)
		return;
	connect->endpoint = sim_node_element(connect->endpoint->next);
	if (leg->answered != 0 || connect->endpoint == NULL)
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
	struct connect *connect = c->state;
	char *id = sim_node_text(connect->endpoint);

	connect->leg = sim_call_leg(c, SIM_CALL_SILENT, id);
	connect->leg->gone = leg_gone;
	free(id);
	send_status(connect->leg, "INITIATED");
	sim_leg_wait(c);
	sim_call_ring(connect->leg, &ringing, RING_TIMEOUT);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	struct connect *connect = sim_alloc(sizeof(*connect));

	connect->endpoint = sim_node_element(node->children);
	c->state = connect;
	call_endpoint(c);
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct connect *connect = c->state;

	if (connect->leg != NULL)
		sim_call_end(connect->leg,
		    connect->leg->answered == 0 ? "cancel" : "hangup", NULL);
	free(connect);
}

const struct sim_verb sim_verb_connect = {
    .name = "Connect",
    .may_answer = true,
    .run = run,
    .stop = stop,
};
