/* bwcallback check: check a configuration for errors and likely mistakes. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/graph.h>

#include "cli/check/locations.h"
#include "cli/common/command.h"
#include "cli/common/findings.h"
#include "cli/common/terminal.h"
#include "cli/common/units.h"

struct options {
	bool json;   /* --json: print one JSON line for each finding */
	bool strict; /* --strict: treat warnings as errors */
	enum bw_server server;
	const char *server_file; /* --server-file */
	int64_t at;		 /* --at: the time for calendars; 0: now */
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
	if (err == BW_OK)
		bw_graph_check_dates(
		    graph, o->at != 0 ? o->at : bw_realtime_ms(), &to);
	if (err == BW_OK && o->server_file != NULL)
		err = locations_compare(bw_graph_config(graph), o->server,
		    o->server_file, &to, &error);
	if (err != BW_OK && found.errors == 0)
		terminal_complain("%s", error.msg);
	if (err == BW_OK && found.failed)
		err = BW_ERR_NOMEM;
	if (err == BW_OK && o->strict && found.warnings > 0)
		err = BW_ERR_CONFIG;
	findings_print(&found, o->json);
	if (graph != NULL && found.errors == 0 &&
	    o->server != BW_SERVER_UNKNOWN && o->server_file == NULL &&
	    !o->json)
		locations_print(bw_graph_config(graph), o->server);
	bw_graph_free(graph);
	if (fflush(stdout) != 0 && err == BW_OK)
		err = BW_ERR_IO;
	return err;
}

static enum bw_err
set_server(void *to, const char *value, struct bw_error *e)
{
	enum bw_server server = bw_server_of(value);

	if (server == BW_SERVER_UNKNOWN)
		return bw_error_set(e, BW_ERR_USAGE, 0, "not a server");
	*(enum bw_server *)to = server;
	return BW_OK;
}

#define AT(member) .at = offsetof(struct options, member)
static const struct option_row rows[] = {
    {"json", NULL, "print each finding as a JSON object", .kind = OPTION_FLAG,
	AT(json)},
    {"strict", NULL, "warnings fail, too", .kind = OPTION_FLAG, AT(strict)},
    {"server", "NAME",
	"also what that server's usual limits do not let through, and the line "
	"that hands over all sections; apache is mod_proxy_fcgi, fcgid "
	"mod_fcgid",
	.kind = OPTION_CUSTOM, AT(server), .words = "nginx|apache|fcgid|cgi",
	.parse = set_server},
    {"server-file", "FILE",
	"compare the sections with the paths that this file of the --server "
	"hands over, instead of printing what it needs",
	.kind = OPTION_TEXT, AT(server_file)},
    {"at", "TIME",
	"check the calendars at this time, such as 2026-03-01, instead of now",
	.kind = OPTION_NUMBER, .form = &units_time, AT(at)},
    {.name = NULL},
};

static int
run(const struct command *c, int argc, char **argv)
{
	struct options o = {0};
	struct option_rest rest;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);
	const char *file = rest.argc > 0 ? rest.argv[0] : command_config();

	if (status >= 0)
		return status;
	if (file == NULL)
		return command_refuse_config(c, "FILE");
	if (o.server_file != NULL && o.server == BW_SERVER_UNKNOWN)
		return command_refuse(c,
		    "--server-file needs --server, which says how to read it");
	return bw_err_exit(check(file, &o));
}

const struct command command_check = {
    .name = "check",
    .summary = "find what is wrong with a configuration and its call flow",
    .usage = "[OPTION...] [FILE]",
    .about =
	"Load a configuration, follow every URL in its answers that leads back "
	"here, and print what is wrong, one line for each finding. When "
	"nothing is wrong nothing is printed, except for what --server prints. "
	"Without FILE, the configuration is that of BWCALLBACK_CONFIG.",
    .more = "The exit code is 0 without errors, 78 with one, 66 when the file "
	    "cannot be read.",
    .options = rows,
    .group = 1,
    .most = 1,
    .takes_files = true,
    .examples = "bwcallback check --strict callbacks.xml",
    .run = run,
};
