/* bwcallback check: would this configuration do what it is meant to? */
#include <stdio.h>
#include <string.h>

#include <bwcallback/graph.h>

#include "cli/common/command.h"
#include "cli/common/findings.h"

struct options {
	bool json;   /* --json: one line for each finding */
	bool strict; /* --strict: warnings count */
	enum bw_server server;
};

static enum bw_err
check(const char *file, const struct options *o)
{
	struct findings found = {0};
	const struct bw_reporter to = {findings_take, &found};
	struct bw_graph *graph = NULL;
	struct bw_error error = {0};
	enum bw_err err;

	err = bw_graph_load(file, &graph, &to, &error);
	if (err == BW_OK)
		err = bw_graph_check(graph, o->server, &to, &error);
	bw_graph_free(graph);
	if (err != BW_OK && found.errors == 0)
		fprintf(stderr, "bwcallback: %s\n", error.msg);
	if (err == BW_OK && found.failed)
		err = BW_ERR_NOMEM;
	if (err == BW_OK && o->strict && found.warnings > 0)
		err = BW_ERR_CONFIG;
	findings_print(&found, o->json);
	if (fflush(stdout) != 0 && err == BW_OK)
		err = BW_ERR_IO;
	return err;
}

static int
run(int argc, char **argv)
{
	struct options o = {0};
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "--json") == 0) {
			o.json = true;
		} else if (strcmp(argv[i], "--strict") == 0) {
			o.strict = true;
		} else if (strcmp(argv[i], "--server") == 0 && i + 1 < argc) {
			o.server = bw_server_of(argv[++i]);
			if (o.server == BW_SERVER_UNKNOWN)
				return command_usage("check");
		} else {
			return command_usage("check");
		}
	}
	if (i + 1 != argc)
		return command_usage("check");
	return bw_err_exit(check(argv[i], &o));
}

const struct command command_check = {
    .name = "check",
    .summary = "find what is wrong with a configuration and its call flow",
    .help =
	"usage: bwcallback check [--json] [--strict] [--server NAME] FILE\n"
	"\n"
	"Load a configuration, follow every URL in its answers that leads\n"
	"back here, and print what is wrong, one line for each finding. When\n"
	"nothing is wrong nothing is printed.\n"
	"\n"
	"  --json         print each finding as a JSON object\n"
	"  --strict       warnings fail, too\n"
	"  --server NAME  also what that server's usual limits do not let\n"
	"                 through: nginx, apache (mod_proxy_fcgi), fcgid\n"
	"                 (mod_fcgid) or cgi\n"
	"\n"
	"The exit code is 0 without errors, 78 with one, 66 when the file\n"
	"cannot be read.\n",
    .run = run,
};
