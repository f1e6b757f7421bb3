/* Refer: tells the caller's SIP endpoint to call another URI. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/leg.h"
#include "sim/call/send.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

/* The final NOTIFY must arrive within 30 s (Programmable Voice, Refer). */
#define NOTIFY_TIMEOUT 30000

/*
 * Failed referrals: the response to REFER, and the one that NOTIFY reports (RFC
 * 3515). 0: none.
 */
static const struct outcome {
	const char *cause;
	int refer;
	int notify;
} outcomes[] = {
    {"busy", 202, 486},
    {"rejected", 603, 0},
    {"timeout", 202, 0},
    {"error", 202, 404},
};

static json_object *
members_of(const char *status)
{
	json_object *o = json_object_new_object();

	sim_json_text(o, "referCallStatus", status);
	return o;
}

static void
add_code(json_object *o, const char *name, int code)
{
	if (code != 0)
		json_object_object_add(o, name, json_object_new_int(code));
}

/* For information only: the platform no longer controls the call. */
static void
leg_answered(struct sim_call *leg)
{
	struct sim_call *c = leg->parent;
	json_object *o = members_of("success");
	struct sim_targets targets = {0};
	struct sim_answer answer;

	add_code(o, "referSipResponseCode", 202);
	add_code(o, "notifySipResponseCode", 200);
	sim_targets_read(
	    &targets, c->node, "referCompleteUrl", c->document->base);
	sim_answer_init(&answer);
	sim_send_call(c, "referComplete", &targets, o, &answer);
	sim_answer_free(&answer);
	sim_targets_free(&targets);
	json_object_put(o);
	sim_call_end(c, "hangup", NULL);
}

static void
leg_failed(struct sim_call *leg, const char *cause, const char *why)
{
	struct sim_call *c = leg->parent;
	json_object *o = members_of("failure");

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (strcmp(outcomes[i].cause, cause) != 0)
			continue;
		add_code(o, "referSipResponseCode", outcomes[i].refer);
		add_code(o, "notifySipResponseCode", outcomes[i].notify);
	}
	sim_call_end(leg, cause, why);
	sim_interpreter_finish(c, "referCompleteUrl", "referComplete", o);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	static const struct sim_ringing ringing = {leg_answered, leg_failed};
	struct sim_call *leg;
	char *uri;

	if (c->kind != SIM_CALL_IN || strncasecmp(c->from, "sip", 3) != 0) {
		sim_call_report(c, "the call ends: application-error",
		    "Refer: the caller is not a SIP URI");
		sim_call_end(c, "application-error",
		    "Refer needs an inbound SIP URI call");
		return SIM_DONE;
	}
	uri = sim_node_text(sim_node_element(node->children));
	leg = sim_call_leg(c, SIM_CALL_SILENT, uri);
	free(uri);
	c->state = leg;
	sim_leg_wait(c);
	sim_call_ring(leg, &ringing, NOTIFY_TIMEOUT);
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct sim_call *leg = c->state;

	sim_call_end(leg, leg->answered == 0 ? "cancel" : "hangup", NULL);
}

const struct sim_verb sim_verb_refer = {
    .name = "Refer",
    .may_answer = true,
    .run = run,
    .stop = stop,
};
