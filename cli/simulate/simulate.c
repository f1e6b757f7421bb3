/* bwcallback simulate: simulate Bandwidth. */
#include "cli/simulate/simulate.h"

#include <curl/curl.h>

#include "cli/common/command.h"
#include "cli/simulate/family_run.h"
#include "cli/simulate/telephone.h"

/* Arguments that name the application: a URL or a flow. */
#define AT_URL "[OPTION...] URL\n[OPTION...] --flow FILE [PATH]"

#define WITHOUT \
	"Without URL and --flow, the configuration of BWCALLBACK_CONFIG " \
	"answers.\n"
#define EXIT \
	"The exit code is 0 when nothing was wrong, 1 when something was, " \
	"64 for wrong use."

static int run(const struct command *, int argc, char **argv);

static const struct command actions[] = {
    {"simulate call", "a call, told as it goes", AT_URL,
	"Plays a call as Bandwidth would: sends its callbacks to the URL, or "
	"answers them with the configuration FILE in this process, follows "
	"the BXML, and tells what happened. Time is simulated.",
	WITHOUT EXIT, NULL, simulate_options, SIMULATE_FOR_CALL, .most = 1,
	.examples = "bwcallback simulate call --flow callbacks.xml --digits 1 "
		    "--at 2026-03-04T15:00:00Z",
	.run = run},
    {"simulate explore", "whatever callers could do", AT_URL,
	"Tries whatever callers could do, and tells each way that ends badly, "
	"with the command that plays it.",
	WITHOUT EXIT, NULL, simulate_options, SIMULATE_FOR_EXPLORE, .most = 1,
	.examples = "bwcallback simulate explore --flow callbacks.xml",
	.run = run},
    {"simulate test", "scenarios, as tests",
	"[--flow FILE|--url URL] [OPTION...] SCENARIOS...",
	"Plays the scenarios of files or folders, bwcallback-scenario(5), and "
	"prints TAP. Without --flow and --url, the configuration that a file "
	"names answers, or that of BWCALLBACK_CONFIG.",
	EXIT, NULL, simulate_options, SIMULATE_FOR_TEST, .least = 1, .most = -1,
	.takes_files = true,
	.examples = "bwcallback simulate test scenarios/sales.xml", .run = run},
    {"simulate telephone", "a call whose caller is another program",
	"--flow FILE [OPTION...]",
	"Plays one call with the configuration FILE in this process. What the "
	"caller does is read from standard input, what happens is written to "
	"standard output, as JSON, one object a line.",
	EXIT, simulate_telephone_options, simulate_options,
	SIMULATE_FOR_TELEPHONE,
	.examples = "echo '{\"do\":\"call\"}' | "
		    "bwcallback simulate telephone --flow callbacks.xml",
	.run = run},
#define FAMILY(name, summary, example) \
	{ \
		"simulate " #name, summary, AT_URL, NULL, WITHOUT EXIT, \
		    family_##name##_options, simulate_options, \
		    SIMULATE_FOR_FAMILY, \
		    .most = 1, \
		    .examples = "bwcallback simulate " #name \
				" --flow callbacks.xml" example, \
		    .run = run \
	}
    FAMILY(message, "a message, received or sent", " --text \"Are you open?\""),
    FAMILY(report, "delivery reports of the International A2P API",
	" --event UNDELIVERED"),
    FAMILY(code, "what became of a code of the MFA API", ""),
    FAMILY(order, "the notifications of an order of numbers",
	" --type portins --status SUBMITTED --status FOC"),
    FAMILY(portout, "may these numbers go?", " --number 9195550102 --pin 0471"),
    FAMILY(tollfree, "the verification of a toll-free number",
	" --number +18885550100"),
    FAMILY(emergency, "where does a call for help come from?", ""),
    FAMILY(endpoint, "a device of a BRTC endpoint comes and goes", ""),
    {"simulate assumptions", "what --assume can set, and holds without it", "",
	.examples = "bwcallback simulate assumptions", .run = run},
    {.name = NULL},
};

static int
act(const struct command *c, int argc, char **argv)
{
	if (c->group == SIMULATE_FOR_FAMILY)
		return simulate_family(c, argc, argv);
	if (c->group == SIMULATE_FOR_CALL)
		return simulate_call(c, argc, argv);
	if (c->group == SIMULATE_FOR_TELEPHONE)
		return simulate_telephone(c, argc, argv);
	if (c->group == SIMULATE_FOR_EXPLORE)
		return simulate_explore(c, argc, argv);
	if (c->group == SIMULATE_FOR_TEST)
		return simulate_test(c, argc, argv);
	return simulate_assumptions(c, argc, argv);
}

static int
run(const struct command *c, int argc, char **argv)
{
	int status;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	status = act(c, argc, argv);
	curl_global_cleanup();
	if (fflush(stdout) != 0 && status == 0) {
		fputs("bwcallback: standard output: error\n", stderr);
		status = 74;
	}
	return status;
}

const struct command command_simulate = {
    .name = "simulate",
    .summary = "play Bandwidth: calls and all else, without an account",
    .usage = "ACTION [OPTION...] URL\n"
	     "ACTION [OPTION...] --flow FILE [PATH]\n"
	     "test [OPTION...] SCENARIOS...",
    .about =
	"Plays Bandwidth: sends its callbacks to the URL, or answers them with "
	"the configuration FILE in this process, and tells what happened. Time "
	"is simulated.",
    .more = EXIT,
    .actions = actions,
};
