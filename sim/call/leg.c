/* Calls whose parties hear each other. */
#include "sim/call/leg.h"

/* The verb of a joined leg stops: notify the verb that created the leg. */
static void
stop_joined(struct sim_call *leg)
{
	void (*gone)(struct sim_call *) = leg->gone;

	/* The leg is still up: a REST action has redirected it. */
	if (!sim_call_is_up(leg) || gone == NULL)
		return;
	leg->gone = NULL;
	gone(leg);
}

static void
talk(struct sim_call *c)
{
	sim_person_turn_begin(c, &(struct sim_person_context){
				     .situation = SIM_TALKS,
				     .verb = c->verb->name,
				 });
}

void
sim_legs_join(struct sim_call *c, struct sim_call *leg)
{
	static const struct sim_verb joined = {
	    .name = "joined", .stop = stop_joined};

	leg->joined = true;
	sim_call_log(c, SIM_LOG_STATE, leg->id, "is joined");
	sim_interpreter_hold(leg, &joined, leg);
	talk(leg);
	talk(c);
}

void
sim_leg_wait(struct sim_call *c)
{
	sim_person_turn_begin(c, &(struct sim_person_context){
				     .situation = SIM_WAITS,
				     .verb = c->verb->name,
				 });
}
