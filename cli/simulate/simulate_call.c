/* bwcallback simulate call: one call, printed as it happens. */
#include <stdlib.h>
#include <strings.h>

#include "cli/common/terminal.h"
#include "cli/simulate/simulate.h"

static const char *
act_name(const struct sim_act *a)
{
	static const char *const names[] = {
	    [SIM_ACT_SILENCE] = "silence", [SIM_ACT_HANGUP] = "hangup"};

	if (a == NULL)
		return NULL;
	return a->text != NULL ? a->text : names[a->kind];
}

static int
play(struct simulate_options *o, struct sim_wire *wire)
{
	struct live_output *output =
	    live_output_new(o->json, o->log != NULL && !o->reveal);
	struct sim_log_observer observer = live_output_observer(output);
	struct sim_world *w =
	    sim_world_new(&o->world, wire, &observer, o->at, (uint64_t)o->seed);
	int status;

	(void)simulate_begin(o, w, &o->person, &o->cast);
	simulate_run(w, o->real_time);
	sim_world_free(w);
	status = live_output_end(output, act_name(sim_role_undone(&o->person)));
	live_output_free(output);
	return status;
}

struct unlucky {
	struct sim_wire_fault *wire_fault;
	struct sim_wire *wire;
};

static void
ask_unlucky(void *arg, const struct sim_request *ask, struct sim_reply *r)
{
	const struct unlucky *u = arg;

	sim_wire_fault_send(u->wire_fault, u->wire, ask, r);
}

/* Play a call in which one callback fails. */
static int
play_unlucky(struct simulate_options *o, struct sim_wire *wire)
{
	struct unlucky u = {&o->fail, wire};
	struct sim_wire *w = sim_wire_script(ask_unlucky, &u);
	int status = play(o, w);

	sim_wire_free(w);
	return status;
}

/*
 * Take the URL, which may be omitted with a flow. Returns -1 if the arguments
 * go together.
 */
static int
take_url(const struct command *c, struct simulate_options *o)
{
	if (o->argc == 0 && o->flow == NULL)
		return command_refuse_config(c, "URL, or --flow,");
	o->url = o->argc == 1 ? o->argv[0] : "/voice";
	if (o->sip[SIM_SIP_HEADERS] != NULL &&
	    strncasecmp(o->from, "sip", 3) != 0)
		return command_refuse(c,
		    "--sip-headers: Bandwidth sends them for a SIP URI, and "
		    "--from %.60s is none",
		    o->from);
	if (o->log != NULL && o->flow == NULL)
		return command_refuse(c, "--from-log needs --flow");
	return -1;
}

/*
 * Replay the stored call. If it would differ today, print all of the new call.
 */
static int
play_again(struct simulate_options *o, struct sim_wire *wire)
{
	struct bw_error e = {BW_OK, 0, ""};
	size_t different = 0;
	enum bw_err err = simulate_log(o, wire, &different, &e);

	if (err != BW_OK) {
		terminal_complain("%s", e.msg);
		return bw_err_exit(err);
	}
	if (different == 0) {
		puts("\nThe call would be the same today.");
		return 0;
	}
	puts("\nToday, with a caller who does the same:\n");
	(void)play(o, wire);
	return 1;
}

static int
run(const struct command *c, struct simulate_options *o)
{
	struct sim_wire *wire;
	char *url = simulate_url(o, o->url);
	int status = 78;

	if (url == NULL)
		return simulate_refuse_url(c, o, o->url);
	free(url);
	/*
	 * Load the flow before a load test too: its errors are then printed
	 * once.
	 */
	wire = simulate_wire(o);
	if (wire != NULL && o->calls > 0)
		status = simulate_load(o);
	else if (wire != NULL && o->log != NULL)
		status = play_again(o, wire);
	else if (wire != NULL && o->fail.kind != SIM_WIRE_FAULT_NONE)
		status = play_unlucky(o, wire);
	else if (wire != NULL)
		status = play(o, wire);
	sim_wire_free(wire);
	return status;
}

int
simulate_call(const struct command *c, int argc, char **argv)
{
	struct simulate_options o;
	int status;

	simulate_options_init(&o);
	status = simulate_options_parse(&o, c, argc, argv, NULL);
	if (status < 0)
		status = take_url(c, &o);
	if (status < 0)
		status = run(c, &o);
	simulate_options_free(&o);
	return status;
}
