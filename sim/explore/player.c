/* Plays scripted callers against an application. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/explore/player.h"
#include "sim/person/role.h"
#include "sim/wire/wire_late_cache.h"

/* Limit per call: loops are detected earlier. */
#define MAX_CALLBACKS 100

struct sim_player {
	const struct sim_explore_options *options;
	struct sim_wire *application;
	struct sim_late_cache *cache;
	struct sim_wire *cached; /* application; late answers cached */
	struct sim_wire *wire;	 /* the same, with an injected fault */

	/* For the current call. */
	struct sim_fault_finder *finder;
	struct sim_role role;
	struct sim_cast cast;
	struct sim_person person; /* the role's */
	struct sim_people people; /* the cast's */
	struct sim_wire_fault wire_fault;
};

static void
send_with_fault(void *arg, const struct sim_request *q, struct sim_reply *r)
{
	struct sim_player *s = arg;

	sim_wire_fault_send(&s->wire_fault, s->cached, q, r);
	s->finder->request_number = s->wire_fault.last;
	s->finder->wire_fault = s->wire_fault.applied;
}

static void
send_cached(void *arg, const struct sim_request *q, struct sim_reply *r)
{
	struct sim_player *s = arg;

	sim_late_cache_send(s->cache, s->application, q, r);
}

struct sim_player *
sim_player_new(const struct sim_explore_options *o)
{
	struct sim_wire *application = o->wire(o->wire_arg);
	struct sim_player *s;

	if (application == NULL)
		return NULL;
	s = sim_alloc(sizeof(*s));
	s->options = o;
	s->application = application;
	s->cache = sim_late_cache_new();
	s->cached = sim_wire_script(send_cached, s);
	s->wire = sim_wire_script(send_with_fault, s);
	return s;
}

void
sim_player_free(struct sim_player *s)
{
	if (s == NULL)
		return;
	sim_wire_free(s->wire);
	sim_wire_free(s->cached);
	sim_late_cache_free(s->cache);
	sim_wire_free(s->application);
	free(s);
}

/* Record the situation; hang up once the outcome is known. */
static struct sim_action
caller_next(void *arg, const struct sim_person_context *context)
{
	struct sim_player *s = arg;
	struct sim_action action;

	sim_fault_finder_caller(s->finder, context, s->role.next);
	if (s->finder->stop_call) {
		action = (struct sim_action){.kind = SIM_ACTION_HANGUP};
	} else {
		action = s->person.next(s->person.arg, context);
	}
	if (action.kind == SIM_ACTION_HANGUP)
		s->finder->hangup_time = context->time + action.after;
	return action;
}

struct callee {
	struct sim_player *player;
	struct sim_person person;
};

static struct sim_action
callee_next(void *arg, const struct sim_person_context *context)
{
	struct callee *c = arg;

	sim_fault_finder_callee(c->player->finder, context);
	return c->person.next(c->person.arg, context);
}

/* Owned by the world: callees are used until it ends. */
struct world_of_play {
	struct sim_player *player;
	struct sim_world *world;
};

static struct sim_person
find_callee(void *arg, const char *number)
{
	struct world_of_play *p = arg;
	struct callee *c = sim_alloc(sizeof(*c));

	sim_world_own(p->world, free, c);
	c->player = p->player;
	c->person = p->player->people.find(p->player->people.arg, number);
	return (struct sim_person){callee_next, c, false};
}

static void
add_moves(struct sim_role *r, const struct sim_caller *c)
{
	static const enum sim_act_kind kinds[] = {
	    [SIM_MOVE_SILENCE] = SIM_ACT_SILENCE,
	    [SIM_MOVE_KEYS] = SIM_ACT_KEYS,
	    [SIM_MOVE_SAY] = SIM_ACT_SAY,
	    [SIM_MOVE_HANGUP] = SIM_ACT_HANGUP,
	};

	for (size_t i = 0; i < c->moves_n; i++) {
		const struct sim_move *context = &c->moves[i];

		sim_role_add(
		    r, kinds[context->kind], context->words, context->after);
	}
}

static void
add_callee(struct sim_role *r, const struct sim_callee *c)
{
	if (c->does != NULL && sim_role_parse(r, c->does, NULL) != BW_OK)
		return;
	if (*c->keys != '\0')
		sim_role_add(r, SIM_ACT_KEYS, c->keys, -1);
}

static void
cast_roles(struct sim_player *s, const struct sim_caller *caller)
{
	sim_role_init(&s->role);
	sim_cast_init(&s->cast);
	add_moves(&s->role, caller);
	for (size_t i = 0; i < caller->callees_n; i++) {
		const struct sim_callee *c = &caller->callees[i];

		add_callee(sim_cast_role(&s->cast, c->number), c);
	}
	s->person = sim_role_person(&s->role);
	s->people = sim_cast_people(&s->cast);
}

void
sim_player_play(struct sim_player *s, const struct sim_caller *caller,
    uint64_t serial, struct sim_fault_finder *finder)
{
	const struct sim_entry_point *entry_point =
	    &s->options->entry_points[caller->entry_point];
	const struct sim_log_observer observer = {sim_fault_finder_log, finder};
	const struct sim_person person = {caller_next, s, false};
	struct sim_call_options call = entry_point->call;
	struct sim_options options = s->options->world;
	uint64_t seed = sim_hash_int(s->options->seed, serial);
	struct world_of_play world_of_play = {.player = s};
	const struct sim_people people = {find_callee, &world_of_play};

	options.most_callbacks = MAX_CALLBACKS;
	sim_fault_finder_init(finder, &s->options->world);
	s->finder = finder;
	sim_wire_forget(s->application);
	sim_wire_fault_init(
	    &s->wire_fault, caller->wire_fault, caller->wire_fault_at);
	cast_roles(s, caller);
	world_of_play.world =
	    sim_world_new(&options, s->wire, &observer, caller->start, seed);
	if (caller->machine != NULL)
		call.machine = caller->machine;
	for (size_t i = 0; i < SIM_SIP__MAX; i++) {
		const char *text = caller->sip.texts[i];

		call.sip[i] = *text != '\0' ? text : NULL;
	}
	if (call.sip[SIM_SIP_HEADERS] != NULL && *call.from == '+')
		call.from = SIM_SIP_CALLER;
	if (entry_point->outbound)
		sim_call_out(world_of_play.world, &call, &person, &people, 0);
	else
		sim_call_in(world_of_play.world, &call, &person, &people, 0);
	sim_world_run(world_of_play.world);
	sim_world_free(world_of_play.world);
	sim_role_free(&s->role);
	sim_cast_free(&s->cast);
}

int64_t
sim_player_start(const struct sim_player *s)
{
	return s->options->start;
}
