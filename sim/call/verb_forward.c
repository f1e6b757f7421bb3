/* Forward: hands a ringing call over to another number. */
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/leg.h"
#include "sim/call/verbs.h"

static void
leg_gone(struct sim_call *leg)
{
	struct sim_call *c = leg->parent;

	c->state = NULL;
	sim_call_end(c, leg->cause, leg->message);
}

static void
leg_answered(struct sim_call *leg)
{
	sim_call_answer(leg->parent);
	sim_legs_join(leg->parent, leg);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	static const struct sim_ringing ringing = {leg_answered, sim_call_end};
	struct sim_call *leg;

	if (c->kind != SIM_CALL_IN || c->answered != 0) {
		sim_call_report(c, "the call ends: application-error",
		    "Forward: the call is already answered");
		sim_call_end(c, "application-error",
		    "Forward needs an unanswered inbound call");
		return SIM_DONE;
	}
	leg = sim_call_leg(c, SIM_CALL_SILENT, sim_attr_given(node, "to"));
	leg->gone = leg_gone;
	c->state = leg;
	sim_leg_wait(c);
	sim_call_ring(leg, &ringing, sim_attr_time(node, "callTimeout"));
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct sim_call *leg = c->state;

	leg->gone = NULL;
	sim_call_end(leg, leg->answered == 0 ? "cancel" : "hangup", NULL);
}

const struct sim_verb sim_verb_forward = {
    .name = "Forward",
    .run = run,
    .stop = stop,
};
