/* bwcallback simulate telephone: one call, played over two pipes. */
#include "cli/simulate/telephone.h"

#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "sim/base/memory.h"

#include "cli/common/findings.h"
#include "cli/common/terminal.h"
#include "cli/common/units.h"

#define IDLE   60000
#define LENGTH 600000

#define OPTION(member) .at = offsetof(struct telephone_options, member)

const struct option_row simulate_telephone_options[] = {
    {"idle", "TIME", "the caller leaves after so long without a line (60s)",
	.kind = OPTION_NUMBER, .form = &units_age, .min = 1, OPTION(idle)},
    {"length", "TIME", "and after so long in all (10m)", .kind = OPTION_NUMBER,
	.form = &units_age, .min = 1, OPTION(length)},
    {"programs", NULL, "programs and modules run if the caller says so",
	.kind = OPTION_FLAG, OPTION(programs)},
    {.name = NULL},
};

/* A member that is a text, or else the default. */
static const char *
text_of(const struct telephone *t, const char *name, const char *otherwise)
{
	const char *text = telephone_member(t, name);

	return text != NULL ? text : otherwise;
}

/* Set the options that a "call" has; false: it has a wrong one. */
static bool
understand(const struct telephone *t, struct simulate_options *o)
{
	const char *at = telephone_member(t, "at");
	json_object *seed = NULL;

	if (strcmp(telephone_member(t, "do"), "call") != 0)
		return false;
	o->from = text_of(t, "from", o->from);
	o->to = text_of(t, "to", o->to);
	o->url = text_of(t, "path", "/voice");
	if (json_object_object_get_ex(t->said, "seed", &seed))
		o->seed = json_object_get_int64(seed);
	return *o->url == '/' && (at == NULL || units_time.parse(at, &o->at));
}

static void
play(struct telephone *t, struct simulate_options *o, struct sim_wire *wire)
{
	struct sim_log_observer observer = {telephone_log, t};
	const struct sim_permission permission = telephone_permission(t);
	const struct sim_person caller = telephone_caller(t);
	const struct sim_people callees = telephone_callees(t);
	struct sim_world *w =
	    sim_world_new(&o->world, wire, &observer, o->at, (uint64_t)o->seed);
	char *url = simulate_url(o, o->url);
	const struct sim_target target = {.url = url, .user = o->user};
	const struct sim_call_options call = {
	    .from = o->from, .to = o->to, .first = target, .last = target};

	t->begin = t->now = o->at;
	bw_buf_puts(&t->at, "initiate");
	sim_wire_permit(wire, &permission);
	(void)sim_call_in(w, &call, &caller, &callees, 0);
	free(url);
	sim_world_run(w);
	sim_world_free(w);
}

/* Read what begins the call, and play it. */
static void
serve(struct telephone *t, struct simulate_options *o, struct sim_wire *wire)
{
	bool begun = false;
	json_object *first;

	while (!begun && telephone_read(t)) {
		begun = understand(t, o);
		if (!begun)
			telephone_refuse(t,
			    "a call begins with call, which may have from, to, "
			    "path, at and seed");
	}
	/* The options point into it. */
	first = t->said;
	t->said = NULL;
	if (begun)
		play(t, o, wire);
	json_object_put(first);
	printf("{\"kind\":\"bye\",\"reason\":\"%s\"}\n",
	    t->left != NULL ? t->left : "hangup");
}

static int
run(struct simulate_options *o, const struct telephone_options *own)
{
	struct telephone t = {
	    .options = own, .until = bw_monotonic_ms() + own->length};
	const struct bw_reporter to = {.fn = finding_complain};
	struct bw_graph *graph = NULL;
	struct sim_wire *wire;

	if (bw_graph_load(o->flow, &graph, NULL, NULL) == BW_OK)
		t.graph = graph;
	wire = sim_wire_flow(o->flow, &to);
	if (wire == NULL || t.graph == NULL) {
		sim_wire_free(wire);
		bw_graph_free(graph);
		return 78;
	}
	bw_buf_init(&t.in, TELEPHONE_MAX_LINE);
	bw_buf_init(&t.at, TELEPHONE_MAX_LINE);
	sim_role_init(&t.callee);
	serve(&t, o, wire);
	sim_role_free(&t.callee);
	bw_buf_free(&t.at);
	bw_buf_free(&t.in);
	json_object_put(t.said);
	free(t.words);
	sim_wire_free(wire);
	bw_graph_free(graph);
	return 0;
}

int
simulate_telephone(const struct command *c, int argc, char **argv)
{
	struct telephone_options own = {.idle = IDLE, .length = LENGTH};
	struct simulate_options o;
	struct bw_error e = {BW_OK, 0, ""};
	int status;

	simulate_options_init(&o);
	status = simulate_options_parse(&o, c, argc, argv, &own);
	if (status < 0 && o.flow == NULL)
		status = command_refuse_config(c, "--flow");
	if (status < 0 && telephone_confine(own.programs, &e) != BW_OK) {
		terminal_complain("%s", e.msg);
		status = bw_err_exit(e.code);
	}
	if (status < 0)
		status = run(&o, &own);
	simulate_options_free(&o);
	return status;
}
