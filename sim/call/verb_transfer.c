/* Transfer: rings several numbers and joins the first that answers. */
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/call/leg.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

#define MOST_LEGS 8 /* maximum numbers of a Transfer */

struct transfer {
	struct sim_call *legs[MOST_LEGS]; /* NULL: ended */
	size_t n;
	size_t up;
	struct sim_call *winner;
	struct sim_call *last; /* the last leg that ended */
	bool ending;
};

static struct transfer *
transfer_of(const struct sim_call *leg)
{
	return leg->parent->state;
}

/* The event describes the leg that answered, or else the last failed leg. */
static void
finish(struct sim_call *c, const struct sim_call *leg)
{
	json_object *members = json_object_new_object();
	const char *cause = leg->cause != NULL ? leg->cause : "hangup";

	sim_json_text(members, "transferCallerId", leg->transfer_caller);
	sim_json_text(members, "transferTo", leg->transfer_to);
	sim_json_text(members, "cause", cause);
	sim_json_text(members, "errorMessage", leg->message);
	sim_json_text(members, "errorId", leg->error_id);
	sim_interpreter_finish(
	    c, "transferCompleteUrl", "transferComplete", members);
}

static void
leg_gone(struct sim_call *leg)
{
	struct transfer *t = transfer_of(leg);

	for (size_t i = 0; i < t->n; i++) {
		if (t->legs[i] == leg) {
			t->legs[i] = NULL;
			t->up--;
		}
	}
	if (t->ending)
		return;
	if (leg == t->winner || (t->winner == NULL && t->up == 0))
		finish(leg->parent, leg);
}

static void
end_legs(struct transfer *t, const struct sim_call *but)
{
	for (size_t i = 0; i < t->n; i++) {
		struct sim_call *leg = t->legs[i];

		if (leg != NULL && leg != but)
			sim_call_end(leg,
			    leg->answered == 0 ? "cancel" : "hangup", NULL);
	}
}

static void
ready(struct sim_call *leg)
{
	sim_legs_join(leg->parent, leg);
}

static void
leg_answered(struct sim_call *leg)
{
	struct transfer *t = transfer_of(leg);

	t->winner = leg;
	end_legs(t, leg);
	if (leg->first.primary.url != NULL)
		sim_interpreter_fetch(leg, "transferAnswer", &leg->first, NULL);
	else
		ready(leg);
}

static const struct sim_ringing ringing = {leg_answered, sim_call_end};

/* The caller id shown to the legs; by default the other party's number. */
static const char *
caller_id(const struct sim_call *c, const xmlNode *node)
{
	const char *given = sim_attr_given(node, "transferCallerId");

	if (given != NULL)
		return given;
	return c->kind == SIM_CALL_IN ? c->from : c->to;
}

static struct sim_call *
make_leg(struct sim_call *c, const xmlNode *node, const xmlNode *callee)
{
	char *number = sim_node_text(callee);
	struct sim_call *leg = sim_call_leg(c, SIM_CALL_LEG, number);
	const char *tag = sim_attr_given(callee, "tag");
	const char *base = c->document->base;

	leg->transfer_caller = sim_copy(caller_id(c, node));
	leg->call_timeout = sim_attr_time(node, "callTimeout");
	leg->gone = leg_gone;
	leg->ready = ready;
	sim_targets_read(&leg->first, callee, "transferAnswerUrl", base);
	sim_targets_read(&leg->last, callee, "transferDisconnectUrl", base);
	if (tag == NULL && c->world->options.leg_inherits_tag)
		tag = c->tag;
	if (tag != NULL)
		sim_call_set_tag(leg, tag);
	free(number);
	return leg;
}

static void
ring(struct sim_call *leg)
{
	const char *limit = sim_call_limit(leg->world);

	if (limit != NULL)
		sim_call_end(leg, "account-limit", limit);
	else
		sim_call_ring(leg, &ringing, leg->call_timeout);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	struct transfer *t = sim_alloc(sizeof(*t));
	const xmlNode *callee = sim_node_element(node->children);

	c->state = t;
	for (; callee != NULL && t->n < MOST_LEGS;
	     callee = sim_node_element(callee->next)) {
		t->legs[t->n++] = make_leg(c, node, callee);
		t->up++;
	}
	sim_leg_wait(c);
	/* If the last leg fails at once, t has been freed. */
	for (size_t i = 0, n = t->n; c->state == t && i < n; i++)
		ring(t->legs[i]);
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct transfer *t = c->state;

	t->ending = true;
	end_legs(t, NULL);
	free(t);
}

const struct sim_verb sim_verb_transfer = {
    .name = "Transfer",
    .answers = true,
    .run = run,
    .stop = stop,
};
