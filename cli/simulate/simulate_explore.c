/* bwcallback simulate explore: find faults with thousands of callers. */
#include "cli/simulate/simulate_explore.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/memory.h"
#include "sim/explore/flow_vocabulary.h"

#include "cli/common/findings.h"
#include "cli/common/terminal.h"

#define CALLERS 5000
/*
 * Default start of the calls to a flow: a Wednesday, 10 a.m. in New York.
 * Fixed, so that the same flow is always explored in the same way.
 */
#define START INT64_C(1767798000000)
#define SEED  1
#define TAG   "c-00000000-0000-4000-8000-000000000000"

struct doors {
	struct sim_entry_point *list;
	char **urls; /* three for each entry: first, last, fallback */
	size_t n;
};

static struct sim_target
target(const struct simulate_options *o, const char *url)
{
	return (struct sim_target){
	    .url = url, .user = o->user, .password = o->password};
}

static void
add_door(struct doors *d, const struct simulate_options *o, const char *first,
    const char *machine_detection, bool outbound)
{
	char **urls;

	d->list = sim_resize(d->list, d->n, d->n + 1, sizeof(*d->list));
	d->urls = sim_resize(d->urls, d->n * 3, d->n * 3 + 3, sizeof(char *));
	urls = &d->urls[d->n * 3];
	urls[0] = simulate_url(o, first);
	urls[1] =
	    simulate_url(o, o->status_url != NULL ? o->status_url : first);
	urls[2] = simulate_url(o, o->fallback_url);
	d->list[d->n++] = (struct sim_entry_point){
	    .outbound = outbound,
	    .call = {.from = o->from,
		.to = o->to,
		.first = target(o, urls[0]),
		.last = target(o, urls[1]),
		.fallback = target(o, urls[2]),
		.machine_detection = machine_detection,
		.machine_url = target(o, urls[0]),
		.tag = outbound ? o->tag : NULL},
	};
}

static void
free_doors(struct doors *d)
{
	for (size_t i = 0; i < d->n * 3; i++)
		free(d->urls[i]);
	free(d->urls);
	free(d->list);
}

static bool
are_urls(const struct doors *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->list[i].call.first.url == NULL ||
		    d->list[i].call.last.url == NULL)
			return false;
	}
	return d->n > 0;
}

/* The URL or path in the arguments, or all entry points of the flow. */
static enum bw_err
find_doors(struct doors *d, const struct simulate_options *o,
    struct sim_lexicon *lexicon, struct bw_error *e)
{
	struct sim_vocabulary flow = {.n = 0};
	enum bw_err err = BW_OK;

	if (o->flow != NULL)
		err = sim_vocabulary_read(o->flow, &flow, lexicon, e);
	if (err == BW_OK && o->argc > 0)
		add_door(d, o, o->argv[0], o->machine_detection, o->outbound);
	for (size_t i = 0; err == BW_OK && o->argc == 0 && i < flow.n; i++)
		add_door(d, o, flow.entrances[i].path,
		    flow.entrances[i].machine_detection,
		    flow.entrances[i].outbound);
	sim_vocabulary_free(&flow);
	if (err == BW_OK && !are_urls(d))
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    o->argc > 0 ? "%s: no URL of http or https, and no path"
				: "%s: no rule for initiate or answer in a "
				  "<voice>, so no call begins here",
		    o->argc > 0 ? o->argv[0] : o->flow);
	return err;
}

static struct sim_wire *
make_wire(void *arg)
{
	return simulate_wire(arg);
}

struct progress {
	size_t callers;
	bool shown;
};

static void
show_progress(void *arg, size_t played, size_t found)
{
	struct progress *p = arg;

	if (isatty(STDERR_FILENO) == 0)
		return;
	p->shown = true;
	fprintf(stderr, "\r%zu of %zu callers, %zu found ", played, p->callers,
	    found);
}

static void
log_coverage(struct coverage *c, const struct sim_exploration *e)
{
	for (size_t i = 0; c != NULL && i < e->reached_n; i++) {
		const struct sim_position *spot = &e->reached[i].position;
		struct sim_reply reply = {
		    .rule_file = *spot->file != '\0' ? spot->file : NULL,
		    .rule_line = spot->line};

		coverage_log(c, &(struct sim_log_entry){
				    .kind = SIM_LOG_REQUEST, .reply = &reply});
	}
}

static int
explore(struct simulate_options *o, const struct doors *d,
    struct sim_exploration *e)
{
	const struct bw_reporter quiet = {.fn = NULL};
	struct progress progress = {.callers = (size_t)o->callers};
	struct sim_explore_options x = {.wire = make_wire,
	    .wire_arg = o,
	    .entry_points = d->list,
	    .entry_points_n = d->n,
	    .world = o->world,
	    .start = o->at,
	    .seed = (uint64_t)o->seed,
	    .callers = (size_t)o->callers,
	    .threads = (size_t)o->jobs,
	    .progress = show_progress,
	    .progress_arg = &progress};
	struct coverage *c;
	bool explored = sim_explore(&x, e);

	if (progress.shown)
		fputs("\r\033[K", stderr);
	if (!explored)
		return 78;
	c = o->flow != NULL ? coverage_new(o->flow, &quiet) : NULL;
	log_coverage(c, e);
	explore_report(o, d->list, e, c);
	coverage_free(c);
	return e->findings_n > 0 ? 1 : 0;
}

/* Set the defaults. Ids may be constant for a flow, but not for a server. */
static void
settle(struct simulate_options *o, const struct simulate_options *standard)
{
	if (o->seed == 0)
		o->seed = o->flow != NULL ? SEED : standard->seed;
	if (o->tag == NULL)
		o->tag = TAG;
	if (o->argc > 0)
		o->url = o->argv[0];
	if (o->at == 0)
		o->at = o->flow != NULL ? START : standard->at;
}

static int
run(const struct command *c, struct simulate_options *o)
{
	struct sim_exploration e = {.played = 0};
	struct doors doors = {.n = 0};
	struct bw_error error = {BW_OK, 0, ""};
	enum bw_err err = find_doors(&doors, o, &e.lexicon, &error);
	int status;

	if (err == BW_OK)
		status = explore(o, &doors, &e);
	else if (err == BW_ERR_USAGE)
		status = command_refuse(c, "%s", error.msg);
	else {
		terminal_complain("%s", error.msg);
		status = bw_err_exit(err);
	}
	free_doors(&doors);
	sim_exploration_free(&e);
	return status;
}

int
simulate_explore(const struct command *c, int argc, char **argv)
{
	struct simulate_options o, standard;
	int status;

	simulate_options_init(&o);
	standard = o;
	o.at = o.seed = 0;
	o.callers = CALLERS;
	status = simulate_options_parse(&o, c, argc, argv, NULL);
	if (status < 0 && o.argc == 0 && o.flow == NULL)
		status = command_refuse_config(c, "URL, or --flow,");
	if (status < 0) {
		settle(&o, &standard);
		status = run(c, &o);
	}
	simulate_options_free(&o);
	return status;
}
