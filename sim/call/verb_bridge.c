/* Bridge: joins this call and another call of the account. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/leg.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

/* State of both calls while they are joined. */
struct bridge {
	struct sim_call *call; /* the one that ran the verb */
	struct sim_call *target;
	struct sim_targets target_complete;
};

static const struct sim_verb target_verb;

static void
fail(struct sim_call *c, const char *cause, char *message)
{
	json_object *o = json_object_new_object();
	char *id = sim_world_id(c->world, "");

	sim_call_report(c, NULL, message);
	sim_json_text(o, "cause", cause);
	sim_json_text(o, "errorMessage", message);
	sim_json_text(o, "errorId", id);
	free(id);
	free(message);
	sim_interpreter_finish(c, "bridgeCompleteUrl", "bridgeComplete", o);
}

static void
talk(struct sim_call *c)
{
	sim_person_turn_begin(c, &(struct sim_person_context){
				     .situation = SIM_TALKS,
				     .verb = "Bridge",
				 });
}

static void
join(struct sim_call *c, struct sim_call *target)
{
	struct bridge *b = sim_alloc(sizeof(*b));

	b->call = c;
	b->target = target;
	sim_targets_read(&b->target_complete, c->node,
	    "bridgeTargetCompleteUrl", c->document->base);
	c->state = b;
	sim_interpreter_stop(target);
	sim_call_answer(target);
	sim_interpreter_hold(target, &target_verb, b);
	sim_call_log(c, SIM_LOG_STATE, target->id, "is joined");
	talk(target);
	talk(c);
}

/* Is it already joined with another call? */
static bool
is_joined(const struct sim_call *target)
{
	return target->verb != NULL &&
	       target->turn.context.situation == SIM_TALKS;
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	char *id = sim_node_text(node);
	struct sim_call *target = sim_call_find(c->world, id);
	const char *cause = NULL, *why = NULL;

	if (target == NULL || target->kind == SIM_CALL_SILENT) {
		cause = "unknown";
		why = "does not exist";
	} else if (target == c) {
		cause = "rejected";
		why = "cannot be bridged with itself";
	} else if (!sim_call_is_up(target)) {
		cause = "rejected";
		why = "has ended";
	} else if (target->kind != SIM_CALL_IN && target->answered == 0) {
		cause = "rejected";
		why = "is not answered";
	} else if (target->verb == &sim_verb_forward) {
		cause = "rejected";
		why = "is being forwarded";
	} else if (is_joined(target)) {
		cause = "busy";
		why = "is already bridged with another call";
	}
	if (cause != NULL)
		fail(c, cause, sim_format("Call %s %s", id, why));
	else
		join(c, target);
	free(id);
	return cause != NULL ? SIM_DONE : SIM_RUNS;
}

static void
bridge_free(struct bridge *b)
{
	sim_targets_free(&b->target_complete);
	free(b);
}

/* The call that ran the verb leaves first. */
static void
stop(struct sim_call *c)
{
	struct bridge *b = c->state;
	struct sim_call *target = b->target;

	target->state = NULL;
	if (b->target_complete.primary.url != NULL) {
		sim_interpreter_stop(target);
		sim_interpreter_fetch(
		    target, "bridgeTargetComplete", &b->target_complete, NULL);
	} else {
		sim_call_end(target, "hangup", NULL);
	}
	bridge_free(b);
}

/* The target leaves first. */
static void
stop_target(struct sim_call *target)
{
	struct bridge *b = target->state;
	struct sim_call *c = b->call;

	c->state = NULL;
	bridge_free(b);
	sim_interpreter_finish(c, "bridgeCompleteUrl", "bridgeComplete", NULL);
}

static const struct sim_verb target_verb = {
    .name = "Bridge",
    .stop = stop_target,
};

const struct sim_verb sim_verb_bridge = {
    .name = "Bridge",
    .may_answer = true,
    .run = run,
    .stop = stop,
};
