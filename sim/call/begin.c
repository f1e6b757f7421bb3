/* Creates calls and starts them. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/send.h"
#include "sim/call/voice_payload.h"

static struct sim_call *
new_call_of_kind(struct sim_world *w, enum sim_call_kind kind)
{
	struct sim_call_list *s = sim_call_list(w);
	struct sim_call *c = sim_alloc(sizeof(*c));
	char *uuid = sim_world_id(w, "");

	c->world = w;
	c->kind = kind;
	c->id = sim_world_id(w, "c");
	c->sip_id = sim_format("%s@sip.invalid", uuid);
	c->timeout = w->options.callback_timeout;
	c->started = c->enqueued = sim_world_now(w);
	c->next = s->calls;
	s->calls = c;
	free(uuid);
	return c;
}

static const char *const limits[] = {
    "Account call creation rate limit exceeded",
    "Account concurrent call limit exceeded",
};

/* Only calls made by verbs and REST requests count. */
const char *
sim_call_limit(struct sim_world *w)
{
	const struct sim_options *o = &w->options;
	int64_t second = sim_world_now(w) - 1000;
	int made = 0, up = 0;

	if (o->calls_per_second == 0 && o->concurrent_calls == 0)
		return NULL;
	for (struct sim_call *c = sim_call_list(w)->calls; c != NULL;
	     c = c->next) {
		if (c->kind == SIM_CALL_IN || c->kind == SIM_CALL_SILENT ||
		    c->ringing == NULL)
			continue;
		made += c->started > second;
		up += sim_call_is_up(c);
	}
	if (o->calls_per_second != 0 && made >= o->calls_per_second)
		return limits[0];
	if (o->concurrent_calls != 0 && up >= o->concurrent_calls)
		return limits[1];
	return NULL;
}

static void
fail_ringing(void *arg)
{
	sim_ring_failed(arg, "timeout", "Callee did not answer");
}

void
sim_call_ring(
    struct sim_call *c, const struct sim_ringing *ringing, int64_t timeout)
{
	c->ringing = ringing;
	c->started = sim_world_now(c->world);
	sim_call_after(c, &c->ring_timer, timeout, fail_ringing);
	sim_person_turn_begin(
	    c, &(struct sim_person_context){.situation = SIM_RINGS});
}

struct sim_call *
sim_call_leg(
    struct sim_call *parent, enum sim_call_kind kind, const char *number)
{
	struct sim_call *c = new_call_of_kind(parent->world, kind);

	c->parent = parent;
	c->from = sim_copy(parent->from);
	c->to = sim_copy(parent->to);
	c->transfer_to = sim_copy(number);
	c->timeout = parent->timeout;
	c->people = parent->people;
	if (c->people.find != NULL)
		c->person = c->people.find(c->people.arg, number);
	sim_call_log(c, SIM_LOG_CALL, number,
	    kind == SIM_CALL_LEG ? "transfer" : "third party");
	return c;
}

/* The result of machine detection and its duration. */
static json_object *
machine_members(const struct sim_call *c, int64_t ms)
{
	json_object *o = json_object_new_object();
	json_object *result = json_object_new_object();

	sim_json_text(result, "value", c->machine_result);
	json_object_object_add(result, "duration", sim_voice_duration(ms));
	json_object_object_add(o, "machineDetectionResult", result);
	return o;
}

/* Milliseconds. Invented, but silence and time-outs take long. */
static int64_t
detection_time(const struct sim_call *c)
{
	static const struct {
		const char *value;
		int64_t ms;
	} times[] = {
	    {"answering-machine", 4500},
	    {"tone-detected", 3500},
	    {"silence", 10000},
	    {"timeout", 15000},
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (strcmp(times[i].value, c->machine_result) == 0)
			return times[i].ms;
	}
	return 2500;
}

static void
machine_detected(void *arg)
{
	struct sim_call *c = arg;

	sim_interpreter_fetch(
	    c, "answer", &c->first, machine_members(c, detection_time(c)));
	sim_interpreter_next(c);
}

static void
send_machine_result(void *arg)
{
	struct sim_call *c = arg;
	json_object *members;

	if (!sim_call_is_up(c))
		return;
	members = machine_members(c, detection_time(c));
	sim_send_call(
	    c, "machineDetectionComplete", &c->machine, members, NULL);
	json_object_put(members);
}

static void
callee_answered(struct sim_call *c)
{
	static const struct sim_verb detecting = {.name = "machine detection"};
	const char *mode = c->machine_mode;

	if (mode != NULL && strcmp(mode, "sync") == 0) {
		sim_interpreter_hold(c, &detecting, NULL);
		sim_person_turn_begin(
		    c, &(struct sim_person_context){.situation = SIM_WAITS});
		sim_call_after(
		    c, &c->timer, detection_time(c), machine_detected);
		return;
	}
	if (mode != NULL) {
		uint64_t slot = 0;

		sim_call_after(
		    c, &slot, detection_time(c), send_machine_result);
	}
	sim_interpreter_fetch(c, "answer", &c->first, NULL);
}

static void
start_outbound(void *arg)
{
	static const struct sim_ringing outbound = {
	    callee_answered, sim_call_end};
	struct sim_call *c = arg;
	const char *limit = sim_call_limit(c->world);

	if (!sim_call_is_up(c))
		return;
	c->started = c->enqueued = sim_world_now(c->world);
	sim_call_log(c, SIM_LOG_CALL, c->to, "outbound");
	if (limit != NULL)
		sim_call_end(c, "account-limit", limit);
	else
		sim_call_ring(c, &outbound, c->call_timeout);
}

static json_object *
initiate_members(const struct sim_call *c)
{
	json_object *o = json_object_new_object();
	char *id = *c->from == '+' ? sim_world_id(c->world, "") : NULL;
	const char *texts[SIM_SIP__MAX];

	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		texts[i] = c->sip[i];
	sim_sip_add(o, texts, id);
	free(id);
	return o;
}

static void
start_inbound(void *arg)
{
	struct sim_call *c = arg;

	if (!sim_call_is_up(c))
		return;
	c->started = c->enqueued = sim_world_now(c->world);
	sim_call_log(c, SIM_LOG_CALL, c->from, "inbound");
	sim_interpreter_fetch(c, "initiate", &c->first, initiate_members(c));
}

static struct sim_call *
new_call(struct sim_world *w, enum sim_call_kind kind,
    const struct sim_call_options *o, const struct sim_person *person,
    const struct sim_people *people)
{
	struct sim_call *c = new_call_of_kind(w, kind);

	c->from = sim_copy(o->from);
	c->to = sim_copy(o->to);
	sim_targets_set(&c->first, &o->first, &o->fallback);
	sim_targets_set(&c->last, &o->last, NULL);
	sim_targets_set(&c->machine, &o->machine_url, NULL);
	c->machine_mode = sim_copy(o->machine_detection);
	c->machine_result = sim_copy(o->machine != NULL ? o->machine : "human");
	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		c->sip[i] = sim_copy(o->sip[i]);
	c->queued = o->queued && kind == SIM_CALL_OUT;
	c->call_timeout = o->call_timeout != 0 ? o->call_timeout : 30000;
	if (o->timeout != 0)
		c->timeout = o->timeout;
	if (o->tag != NULL && kind == SIM_CALL_OUT)
		sim_call_set_tag(c, o->tag);
	c->person = *person;
	if (people != NULL)
		c->people = *people;
	return c;
}

struct sim_call *
sim_call_in(struct sim_world *w, const struct sim_call_options *o,
    const struct sim_person *person, const struct sim_people *people,
    int64_t after)
{
	struct sim_call *c = new_call(w, SIM_CALL_IN, o, person, people);
	uint64_t slot = 0;

	sim_call_after(c, &slot, after, start_inbound);
	return c;
}

struct sim_call *
sim_call_out(struct sim_world *w, const struct sim_call_options *o,
    const struct sim_person *person, const struct sim_people *people,
    int64_t after)
{
	struct sim_call *c = new_call(w, SIM_CALL_OUT, o, person, people);
	uint64_t slot = 0;

	sim_call_after(c, &slot, after, start_outbound);
	return c;
}
