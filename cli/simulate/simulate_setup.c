/* bwcallback simulate: sets up the application, and a call in a world. */
#include <stdlib.h>
#include <time.h>

#include "sim/base/memory.h"
#include "sim/call/call.h"

#include "cli/common/findings.h"
#include "cli/simulate/simulate.h"

/* A path needs a host for a URL; a flow in this process ignores it. */
#define HOST "https://flow.invalid"

struct sim_wire *
simulate_wire(const struct simulate_options *o)
{
	const struct bw_reporter to = {.fn = finding_complain};

	return o->flow != NULL ? sim_wire_flow(o->flow, &to) : sim_wire_http();
}

char *
simulate_url(const struct simulate_options *o, const char *reference)
{
	if (reference == NULL)
		return NULL;
	if (o->flow != NULL)
		return sim_url_resolve(HOST "/", reference);
	return sim_url_resolve(o->url, reference);
}

int
simulate_refuse_url(
    const struct command *c, const struct simulate_options *o, const char *url)
{
	return command_refuse(c, "%.200s: not a URL of http or https%s", url,
	    o->flow == NULL && *url == '/'
		? ", and a path needs --flow or BWCALLBACK_CONFIG"
		: "");
}

void
simulate_run(struct sim_world *w, bool real_time)
{
	int64_t next;

	while (real_time && sim_scheduler_next(w->scheduler, &next)) {
		int64_t ms = next - sim_scheduler_now(w->scheduler);
		struct timespec t = {
		    (time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

		if (ms > 0)
			(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
		(void)sim_scheduler_step(w->scheduler);
	}
	sim_world_run(w);
}

static struct sim_target
target(const struct simulate_options *o, const char *url)
{
	return (struct sim_target){
	    .url = url, .user = o->user, .password = o->password};
}

struct sim_call *
simulate_begin(const struct simulate_options *o, struct sim_world *w,
    struct sim_role *person, struct sim_cast *cast)
{
	char *first = simulate_url(o, o->url);
	char *last = simulate_url(o, o->status_url);
	char *fallback = simulate_url(o, o->fallback_url);
	const struct sim_person p =
	    o->interactive ? simulate_keyboard() : sim_role_person(person);
	const struct sim_people people = sim_cast_people(cast);
	struct sim_call_options call = {.from = o->from,
	    .to = o->to,
	    .first = target(o, first),
	    .last = target(o, last != NULL ? last : first),
	    .fallback = target(o, fallback),
	    .machine_detection = o->machine_detection,
	    .machine = o->machine,
	    .machine_url = target(o, first),
	    .tag = o->tag};
	struct sim_call *c;

	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		call.sip[i] = o->sip[i];
	c = o->outbound ? sim_call_out(w, &call, &p, &people, 0)
			: sim_call_in(w, &call, &p, &people, 0);
	free(first);
	free(last);
	free(fallback);
	return c;
}
