/* bwcallback simulate: play Bandwidth. */
#include "cli/simulate/simulate.h"

#include <string.h>

#include <curl/curl.h>

#include "cli/common/command.h"
#include "cli/simulate/family_run.h"

static const struct simulate_action actions[] = {
    {"assumptions", simulate_assumptions},
    {"call", simulate_call},
    {"explore", simulate_explore},
    {"test", simulate_test},
};

static int
run(int argc, char **argv)
{
	int status = 64;
	bool found = false;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (argc < 2 || strcmp(argv[1], actions[i].name) != 0)
			continue;
		found = true;
		status = actions[i].run(argc - 1, argv + 1);
	}
	if (!found)
		status = argc > 1 && family_find(argv[1]) != NULL
			     ? simulate_family(argc - 1, argv + 1)
			     : simulate_usage();
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
    .help =
	"usage: bwcallback simulate call [OPTION...] URL|--flow FILE [PATH]\n"
	"       bwcallback simulate message|report|code|order|portout|\n"
	"           tollfree|emergency|endpoint [OPTION...] URL|--flow FILE "
	"[PATH]\n"
	"       bwcallback simulate explore [OPTION...] URL|--flow FILE "
	"[PATH]\n"
	"       bwcallback simulate test [OPTION...] SCENARIOS...\n"
	"\n"
	"Plays a call as Bandwidth would: sends its callbacks to the URL, or\n"
	"answers them with the configuration FILE in this process, follows\n"
	"the BXML, and tells what happened. Time is simulated.\n"
	"\n"
	"  --flow FILE           no server: this configuration answers\n"
	"  --user U --password-file F\n"
	"                        credentials for the challenge\n"
	"  --from N --to N       who calls, and whom\n"
	"  --digits WORDS        what the caller does at each Gather or "
	"Record:\n"
	"                        keys, silence, say=TEXT or hangup, with\n"
	"                        commas between; @2.5 after one is a time\n"
	"  --callee N=WORDS      what somebody called does: busy, rejects,\n"
	"                        absent, unreachable, or as above\n"
	"  --outbound            the application called; --digits is what\n"
	"                        the person called does\n"
	"  --status-url URL      for the last callback, if not the same\n"
	"  --fallback-url URL    when the first one fails\n"
	"  --interactive         you are the caller\n"
	"  --real-time           as slow as a call is\n"
	"  --assume NAME=VALUE   what the documentation leaves open; see\n"
	"                        \"bwcallback simulate assumptions\"\n"
	"  --at TIME             it is then, 2026-03-01T10:00:00Z\n"
	"  --seed N              the same ids and dice again\n"
	"  --calls N             so many calls, and how long callbacks took\n"
	"  --concurrency N       at once (10)\n"
	"  --from-log CALL       a call from the store of the flow: what "
	"would\n"
	"                        be answered today, and the difference\n"
	"  --store URL           it is in this one\n"
	"  --reveal              mask nothing of it but passwords\n"
	"  --fail N=WHAT         the Nth callback has a timeout, a 503, or a\n"
	"                        cut answer\n"
	"  --tag TEXT            outbound: that the application gave the call\n"
	"  --machine-detection sync|async --machine WORD\n"
	"                        outbound: what is found, human if not given\n"
	"  --json                for programs\n"
	"\n"
	"What is no call is played with all that comes of it. Beside --flow,\n"
	"--user, --password-file, --assume, --at, --seed and --json:\n"
	"\n"
	"  message   [--out] --from N --to N... --text T --media FILE...\n"
	"            --error CODE --reason T --failing N --receipts --sent\n"
	"            --read --tag T --priority P --channel C --carrier C\n"
	"            --ours N --suggestion T --latitude L --longitude L\n"
	"  report    --event E --error CODE --reason T --parts N --mask N\n"
	"  code      --to N --error CODE --reason T\n"
	"  order     --type T --status S... --number N... --customer ID\n"
	"            --message T --note T --lost\n"
	"  portout   --pon P --pin P --account A --zip Z --name N "
	"--number N...\n"
	"  tollfree  --number N --state S... --reason T --key-file F\n"
	"  emergency --from N --to N\n"
	"  endpoint  --tags T --to X --to-type T --fallback-url URL --api\n"
	"\n"
	"explore tries whatever callers could do, and tells each way that "
	"ends\n"
	"badly, with the command that plays it:\n"
	"\n"
	"  --callers N           so many of them (5000)\n"
	"  --jobs N              at once\n"
	"\n"
	"The exit code is 0 when nothing was wrong, 1 when something was, 64\n"
	"for wrong use.\n",
    .run = run,
};
