/* Conference: makes the call a member. */
#include "sim/call/conference.h"
#include "sim/call/verbs.h"

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	if (!sim_conference_join(c, node)) {
		sim_call_report(c, "the call ends: error",
		    "Conference: full, the limit is 20 members");
		sim_call_end(c, "error", "Conference is full");
		return SIM_DONE;
	}
	sim_person_turn_begin(c, &(struct sim_person_context){
				     .situation = SIM_CONFERS,
				     .verb = "Conference",
				 });
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	sim_conference_leave(c->state, c);
}

const struct sim_verb sim_verb_conference = {
    .name = "Conference",
    .answers = true,
    .run = run,
    .stop = stop,
};
