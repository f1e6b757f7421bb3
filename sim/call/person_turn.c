/* Asks the person for actions and performs them. */
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/engine.h"

/* Per situation: endless actions would stop the virtual clock. */
#define MAX_ACTIONS 1000

static void perform(void *arg);
static void ask_again(void *arg);

static void
ask_person(struct sim_call *c)
{
	struct sim_person_turn *t = &c->turn;

	if (c->person.next == NULL || t->context.count >= MAX_ACTIONS)
		return;
	t->context.time = sim_world_now(c->world);
	t->context.tag = c->tag;
	t->action = c->person.next(c->person.arg, &t->context);
	t->idle = t->action.kind == SIM_ACTION_NONE;
	if (!t->idle)
		sim_call_after(c, &t->timer, t->action.after, perform);
}

static void
ask_again(void *arg)
{
	ask_person(arg);
}

static const char *
number_of(const struct sim_call *c)
{
	if (c->parent != NULL)
		return c->transfer_to;
	return c->kind == SIM_CALL_IN ? c->from : c->to;
}

void
sim_person_turn_begin(struct sim_call *c, const struct sim_person_context *m)
{
	sim_person_turn_end(c);
	c->turn.context = *m;
	c->turn.context.call = c->id;
	c->turn.context.number = number_of(c);
	ask_person(c);
}

void
sim_person_turn_prompted(struct sim_call *c)
{
	struct sim_person_turn *t = &c->turn;

	if (t->context.prompted)
		return;
	t->context.prompted = true;
	if (t->idle && t->context.count == 0)
		ask_person(c);
}

void
sim_person_turn_round(struct sim_call *c)
{
	if (c->person.every_round)
		c->turn.context.prompted = false;
}

void
sim_person_turn_end(struct sim_call *c)
{
	sim_scheduler_cancel(c->world->scheduler, c->turn.timer);
	c->turn.timer = 0;
	c->turn.serial++;
}

static void
press(struct sim_call *c, char key)
{
	if (key == '\0' || strchr("0123456789*#ABCDabcd", key) == NULL)
		return;
	sim_call_log(c, SIM_LOG_KEY, NULL, (const char[]){key, '\0'});
	sim_call_key(c, key);
}

static void
talk(struct sim_call *c, const char *words, int64_t lasts)
{
	sim_call_log(c, SIM_LOG_TALKED, NULL, words != NULL ? words : "");
	if (c->verb != NULL && c->verb->talk != NULL)
		c->verb->talk(c, words, lasts);
}

static void
hang_up(struct sim_call *c)
{
	bool early = c->kind == SIM_CALL_IN && c->answered == 0;

	sim_call_log(c, SIM_LOG_ACTION, NULL, "hangs up");
	sim_call_end(c, early ? "cancel" : "hangup", NULL);
}

static void
act_on_ringing(struct sim_call *c, enum sim_action_kind kind)
{
	switch (kind) {
	case SIM_ACTION_ANSWER:
		sim_ring_answered(c);
		break;
	case SIM_ACTION_BUSY:
		sim_ring_failed(c, "busy", "Callee is busy");
		break;
	case SIM_ACTION_REJECT:
	case SIM_ACTION_HANGUP:
		sim_ring_failed(c, "rejected", "Callee rejected the call");
		break;
	case SIM_ACTION_ERROR:
		sim_ring_failed(c, "error", "Callee cannot be reached");
		break;
	case SIM_ACTION_NONE:
	case SIM_ACTION_KEY:
	case SIM_ACTION_TALK:
		break;
	}
}

static void
perform(void *arg)
{
	struct sim_call *c = arg;
	struct sim_person_turn *t = &c->turn;
	const struct sim_action d = t->action;
	uint64_t serial = t->serial;

	t->context.count++;
	if (t->context.situation == SIM_RINGS) {
		act_on_ringing(c, d.kind);
		return;
	}
	if (d.kind == SIM_ACTION_HANGUP)
		hang_up(c);
	else if (d.kind == SIM_ACTION_KEY)
		press(c, d.key);
	else if (d.kind == SIM_ACTION_TALK)
		talk(c, d.words, d.lasts);
	else
		return;
	if (t->serial == serial && sim_call_is_up(c))
		sim_call_after(c, &t->timer,
		    d.kind == SIM_ACTION_TALK ? d.lasts : 0, ask_again);
}
