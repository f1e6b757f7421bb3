/* Plays a scenario and checks its expectations. */
#include "sim/scenario/scenario_run.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call.h"
#include "sim/scenario/expect.h"

#define FROM "+19195550142"
#define TO   "+19195550100"

struct observers {
	struct sim_expectation *expectation;
	const struct sim_log_observer *other;
};

static void
log_entry(void *arg, const struct sim_log_entry *n)
{
	struct observers *a = arg;

	sim_expectation_log(a->expectation, n);
	if (a->other->fn != NULL)
		a->other->fn(a->other->arg, n);
}

static struct sim_target
target(const struct sim_scenario_options *o, const char *url)
{
	return (struct sim_target){
	    .url = url, .user = o->user, .password = o->password};
}

static char *
resolve(const struct sim_scenario_options *o, const char *url)
{
	return url != NULL ? sim_url_resolve(o->base, url) : NULL;
}

static void
enter_scripts(const char *file, const struct sim_scenario_options *o,
    struct sim_world *w, const struct sim_scenario *s, struct sim_call *c)
{
	for (size_t i = 0; i < s->scripts_n; i++) {
		char *url = resolve(o, s->scripts[i].url);
		const struct sim_target to = target(o, url);

		sim_script_enter(w, c, &s->scripts[i], file, &to);
		free(url);
	}
}

static void
enter_calls(const char *file, const struct sim_scenario_options *o,
    struct sim_world *w, struct sim_scenario *s)
{
	char *first = resolve(o, s->url != NULL ? s->url : o->url);
	char *last = resolve(o, s->status_url);
	char *fallback = resolve(o, s->fallback_url);
	const struct sim_person p = sim_role_person(&s->role);
	const struct sim_people people = sim_cast_people(&s->cast);
	struct sim_call_options call = {
	    .from = s->from != NULL ? s->from : FROM,
	    .to = s->to != NULL ? s->to : TO,
	    .first = target(o, first),
	    .last = target(o, last != NULL ? last : first),
	    .fallback = target(o, fallback)};

	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		call.sip[i] = s->sip[i];
	enter_scripts(file, o, w, s,
	    s->outbound ? sim_call_out(w, &call, &p, &people, 0)
			: sim_call_in(w, &call, &p, &people, 0));
	for (size_t i = 0; i < s->also_n; i++) {
		struct sim_also *a = &s->also[i];
		const struct sim_person other = sim_role_person(&a->role);
		struct sim_call_options more = call;
		char *url = resolve(o, a->url);

		more.from = a->from != NULL ? a->from : FROM;
		more.to = a->to != NULL ? a->to : call.to;
		if (url != NULL)
			more.first.url = more.last.url = url;
		(void)sim_call_in(w, &more, &other, &people, a->after);
		free(url);
	}
	free(first);
	free(last);
	free(fallback);
}

static void
enter_subject(const struct sim_scenario_options *o, struct sim_world *w,
    const struct sim_scenario *s)
{
	char *url = resolve(
	    o, s->url != NULL ? s->url : sim_subject_url(s->subject.kind));
	const struct sim_target to = target(o, url);

	sim_subject_enter(w, &s->subject, &to);
	free(url);
}

static void
rewind_all(struct sim_scenario *s)
{
	sim_role_rewind(&s->role);
	sim_cast_rewind(&s->cast);
	for (size_t i = 0; i < s->also_n; i++)
		sim_role_rewind(&s->also[i].role);
}

char *
sim_scenario_run(const char *file, struct sim_scenario *s,
    const struct sim_scenario_options *o)
{
	struct observers a = {sim_expectation_new(file, s), &o->observer};
	const struct sim_log_observer observer = {log_entry, &a};
	struct sim_world *w = sim_world_new(&o->options, o->wire, &observer,
	    s->at >= 0 ? s->at : o->at, o->seed);
	char *text;

	sim_wire_forget(o->wire);
	if (s->subject.kind != SIM_SUBJECT_CALL)
		enter_subject(o, w, s);
	else
		enter_calls(file, o, w, s);
	sim_world_run(w);
	sim_world_free(w);
	sim_expectation_stored(a.expectation, sim_wire_store(o->wire),
	    sim_wire_config(o->wire) != NULL);
	text = sim_copy(sim_expectation_end(a.expectation));
	sim_expectation_free(a.expectation);
	rewind_all(s);
	return text;
}
