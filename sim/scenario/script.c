/* REST requests of scenarios. */
#include "sim/scenario/script.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/rest.h"
#include "sim/deliver/callback_target.h"

/* In the order of the enum. */
static const char *const words[] = {
    "complete", "redirect", "pause-recording", "resume-recording"};

struct task {
	struct sim_world *world;
	struct sim_call *call;
	const struct sim_script *script;
	const char *file;
	struct sim_targets to;
};

enum sim_script_kind
sim_script_kind(const char *word)
{
	size_t i = 0;

	while (i < SIM_SCRIPT_RESUME && strcmp(words[i], word) != 0)
		i++;
	return (enum sim_script_kind)i;
}

void
sim_script_free(struct sim_script *s)
{
	free(s->conference);
	free(s->url);
	free(s->tag);
}

static int
send_request(const struct task *t)
{
	const struct sim_script *s = t->script;
	const char *call = sim_call_id(t->call);
	const struct sim_redirect redirect = {
	    .primary = sim_target_find(&t->to.primary),
	    .tag = s->tag,
	};

	switch (s->kind) {
	case SIM_SCRIPT_COMPLETE:
		if (s->conference != NULL)
			return sim_rest_conference_complete(
			    t->world, s->conference);
		return sim_rest_complete(t->world, call);
	case SIM_SCRIPT_REDIRECT:
		if (s->conference != NULL)
			return sim_rest_conference_redirect(
			    t->world, s->conference, &redirect);
		return sim_rest_redirect(t->world, call, &redirect);
	case SIM_SCRIPT_PAUSE:
		return sim_rest_recording(t->world, call, "paused");
	case SIM_SCRIPT_RESUME:
		break;
	}
	return sim_rest_recording(t->world, call, "recording");
}

static void
perform(void *arg)
{
	const struct task *t = arg;
	int status = send_request(t);

	if (status >= 300)
		sim_world_report(t->world, sim_call_id(t->call), "rest",
		    t->file, BW_SEVERITY_ERROR, "rest: %s, of line %d: %d",
		    words[t->script->kind], t->script->line, status);
}

static void
task_free(void *arg)
{
	struct task *t = arg;

	sim_targets_free(&t->to);
	free(t);
}

void
sim_script_enter(struct sim_world *w, struct sim_call *c,
    const struct sim_script *s, const char *file, const struct sim_target *to)
{
	struct task *t = sim_alloc(sizeof(*t));

	t->world = w;
	t->call = c;
	t->script = s;
	t->file = file;
	sim_targets_set(&t->to, to, NULL);
	sim_world_own(w, task_free, t);
	sim_scheduler_add(
	    w->scheduler, sim_world_now(w) + s->after, perform, t);
}
