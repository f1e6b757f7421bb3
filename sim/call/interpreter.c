/* The interpreter: runs documents verb by verb. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/engine.h"
#include "sim/call/send.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

static void step(void *arg);

static void
schedule_step(struct sim_call *c)
{
	if (c->step == 0 && !c->stepping && sim_call_is_up(c)) {
		c->step = sim_scheduler_add(
		    c->world->scheduler, sim_world_now(c->world), step, c);
	}
}

static void
drop_pending(struct sim_call *c)
{
	free(c->pending.event);
	sim_targets_free(&c->pending.targets);
	json_object_put(c->pending.members);
	c->pending = (struct sim_pending){0};
}

/* Stop the running verb. */
static void
end_verb(struct sim_call *c)
{
	const struct sim_verb *verb = c->verb;

	if (verb == NULL)
		return;
	c->verb = NULL;
	sim_person_turn_end(c);
	sim_scheduler_cancel(c->world->scheduler, c->timer);
	c->timer = 0;
	if (verb->stop != NULL && c->state != NULL)
		verb->stop(c);
	c->state = NULL;
	c->node = NULL;
}

void
sim_interpreter_document(struct sim_call *c, struct sim_document *d)
{
	sim_document_free(c->document);
	c->document = d;
	schedule_step(c);
}

void
sim_interpreter_fetch(struct sim_call *c, const char *event,
    struct sim_targets *targets, json_object *members)
{
	drop_pending(c);
	c->pending.event = sim_copy(event);
	sim_targets_move(&c->pending.targets, targets);
	c->pending.members = members;
	schedule_step(c);
}

void
sim_interpreter_finish(struct sim_call *c, const char *attribute,
    const char *event, json_object *members)
{
	if (sim_attr_given(c->node, attribute) != NULL) {
		struct sim_targets targets = {0};

		sim_targets_read(
		    &targets, c->node, attribute, c->document->base);
		sim_interpreter_fetch(c, event, &targets, members);
	} else {
		json_object_put(members);
		schedule_step(c);
	}
	end_verb(c);
}

void
sim_interpreter_next(struct sim_call *c)
{
	end_verb(c);
	schedule_step(c);
}

void
sim_interpreter_stop(struct sim_call *c)
{
	end_verb(c);
	sim_scheduler_cancel(c->world->scheduler, c->step);
	c->step = 0;
	drop_pending(c);
	sim_document_free(c->document);
	c->document = NULL;
}

void
sim_interpreter_hold(
    struct sim_call *c, const struct sim_verb *verb, void *state)
{
	c->verb = verb;
	c->state = state;
}

/* The event that decides which verbs the answer may have. */
static const char *
answering(const struct sim_call *c)
{
	if (c->kind == SIM_CALL_LEG && !c->joined)
		return "transferAnswer";
	return c->pending.event;
}

static struct sim_document *
read_answer(
    struct sim_call *c, const struct sim_answer *answer, bool another_chance)
{
	return sim_document_read(c->world,
	    &(struct sim_reading){
		.about = c->id,
		.event = c->pending.event,
		.answering = answering(c),
		.otherwise = another_chance ? "the fallback URL is requested"
					    : "the call ends: invalid-bxml",
	    },
	    answer);
}

/* An account can have invalid BXML treated as a failed callback. */
static struct sim_document *
ask_fallback(struct sim_call *c, struct sim_answer *answer)
{
	struct sim_targets only = {.primary = c->pending.targets.fallback};

	sim_answer_free(answer);
	sim_answer_init(answer);
	sim_send_call(c, c->pending.event, &only, c->pending.members, answer);
	return answer->delivered ? read_answer(c, answer, false) : NULL;
}

static void
fetch(struct sim_call *c)
{
	bool chance = c->world->options.fallback_for_invalid &&
		      c->pending.targets.fallback.url != NULL;
	struct sim_document *d = NULL;
	struct sim_answer answer;

	sim_answer_init(&answer);
	sim_send_call(c, c->pending.event, &c->pending.targets,
	    c->pending.members, &answer);
	chance = chance && answer.delivered && !answer.fallback;
	if (answer.delivered)
		d = read_answer(c, &answer, chance);
	if (d == NULL && chance)
		d = ask_fallback(c, &answer);
	drop_pending(c);
	if (d != NULL)
		sim_interpreter_document(c, d);
	else if (answer.delivered)
		sim_call_end(c, "invalid-bxml", "Invalid BXML");
	else
		sim_call_end(c, "callback-error", answer.why);
	sim_answer_free(&answer);
}

/* The last verb is complete. */
static void
finish_document(struct sim_call *c)
{
	sim_document_free(c->document);
	c->document = NULL;
	if (c->parent != NULL && !c->joined && c->ready != NULL)
		c->ready(c);
	else
		sim_call_end(c, "hangup", NULL);
}

static void
begin_verb(struct sim_call *c, const xmlNode *node)
{
	const struct sim_verb *verb = sim_verb_find((const char *)node->name);
	const char *tag = sim_attr_given(node, "tag");
	char *detail = sim_verb_detail(node);

	sim_call_log(c, SIM_LOG_VERB, verb->name, detail);
	free(detail);
	if (tag != NULL)
		sim_call_set_tag(c, tag);
	if (verb->answers ||
	    (verb->may_answer && c->world->options.pause_answers))
		sim_call_answer(c);
	c->verb = verb;
	c->node = node;
	if (verb->run(c, node) == SIM_DONE && c->verb == verb)
		end_verb(c);
}

/* Run verbs until one takes time or requests another document. */
static void
run_verbs(struct sim_call *c)
{
	while (sim_call_is_up(c) && c->verb == NULL &&
	       c->pending.event == NULL && c->document != NULL) {
		const xmlNode *node = sim_document_step(c->document);

		if (node == NULL)
			finish_document(c);
		else
			begin_verb(c, node);
	}
}

/*
 * Events sent at this time are delivered before the next document is requested:
 * the step defers the request once.
 */
static void
step(void *arg)
{
	struct sim_call *c = arg;

	c->step = 0;
	if (c->pending.event != NULL && !c->pending.waited) {
		c->pending.waited = true;
		schedule_step(c);
		return;
	}
	c->stepping = true;
	if (c->pending.event != NULL)
		fetch(c);
	run_verbs(c);
	c->stepping = false;
	if (c->pending.event != NULL)
		schedule_step(c);
}
