/* bwcallback upgrade: what this version changes for a running installation. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/config.h>
#include <bwcallback/tools/graph.h>
#include <bwcallback/tools/store.h>

#include "cli/common/command.h"
#include "cli/common/findings.h"
#include "cli/common/terminal.h"

struct options {
	bool check; /* --check */
};

static const struct change {
	int version;
	const char *scope, *text;
} changes[] = {
#define CHANGE(version, scope, text) {version, scope, text},
#include "cli/upgrade/changes.def"
#undef CHANGE
};

/* What is known of the store. */
struct known {
	const char *url; /* NULL: the configuration has none */
	bool exists;
	struct bw_store_tables tables;
};

static void
print_file(const char *what, const char *name)
{
	printf("%s: ", what);
	terminal_text(stdout, (struct bw_str){name, strlen(name)});
	fputs(": ", stdout);
}

/* Print whether it can be loaded, and how much bwcallback check finds. */
static enum bw_err
read_config(const char *file, struct bw_graph **graph, struct bw_error *e)
{
	struct findings found = {0};
	const struct bw_reporter to = {findings_take, &found};
	enum bw_err err = bw_graph_load(file, graph, &to, e);

	if (err == BW_OK || found.errors > 0)
		print_file("configuration", file);
	if (err != BW_OK && found.errors > 0)
		puts("this version refuses it:");
	if (found.errors > 0)
		e->msg[0] = '\0'; /* printed with its place */
	if (err != BW_OK) {
		findings_print(&found, false);
		return err;
	}
	err = bw_graph_check(*graph, BW_SERVER_UNKNOWN, &to, e);
	/* An error of the flow is no reason not to upgrade. */
	if (err == BW_ERR_CONFIG) {
		err = BW_OK;
		*e = (struct bw_error){0};
	}
	if (err == BW_OK)
		printf("this version loads it; bwcallback check finds %zu "
		       "errors and %zu warnings\n",
		    found.errors, found.warnings);
	findings_free(&found);
	return err;
}

static enum bw_err
read_tables(struct known *k, struct bw_error *e)
{
	enum bw_err err = bw_store_tables(k->url, &k->tables, e);

	k->exists = err == BW_OK && k->tables.version > 0;
	if (err != BW_ERR_NOFILE)
		return err;
	*e = (struct bw_error){0};
	return BW_OK;
}

static bool
is_older(const struct known *k)
{
	return k->exists && k->tables.version < k->tables.newest;
}

static void
print_store(const struct known *k)
{
	const struct bw_store_tables *t = &k->tables;

	print_file("store", k->url);
	if (!k->exists)
		puts("does not exist yet");
	else if (!is_older(k) && t->events == 0)
		printf("tables of version %d, as this version has them\n",
		    t->version);
	else if (!is_older(k))
		printf("%llu events are still being moved to tables of "
		       "version %d\n",
		    (unsigned long long)t->events, t->version);
	else
		printf("tables of version %d, this version makes %d: the "
		       "responder moves %llu events with its first one; "
		       "until then new events go to the spool and commands "
		       "refuse the store\n"
		       "store: no previous version can use it then: make a "
		       "backup before, with the bwcallback that is installed "
		       "now\n",
		    t->version, t->newest, (unsigned long long)t->events);
}

static bool
has_section(const struct bw_config *config, const char *element)
{
	struct bw_section section;

	for (size_t i = 0; bw_config_section(config, i, &section); i++) {
		if (strcmp(section.element, element) == 0)
			return true;
	}
	return false;
}

/* Without a store, the age of the previous program is not known. */
static bool
concerns(const struct change *n, const struct bw_config *config,
    const struct known *k)
{
	if (k->exists && k->tables.version >= n->version)
		return false;
	if (strcmp(n->scope, "store") == 0)
		return k->exists;
	return *n->scope == '\0' || has_section(config, n->scope);
}

static void
print_changes(const struct bw_config *config, const struct known *k)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (concerns(&changes[i], config, k))
			printf("notice: %s\n", changes[i].text);
	}
}

static enum bw_err
check(const char *file, struct bw_error *e)
{
	struct bw_graph *graph = NULL;
	struct known k = {.url = NULL};
	enum bw_err err = read_config(file, &graph, e);

	if (err == BW_OK)
		k.url = bw_config_store(bw_graph_config(graph));
	if (k.url != NULL)
		err = read_tables(&k, e);
	if (err == BW_OK && k.url != NULL)
		print_store(&k);
	if (err == BW_OK)
		print_changes(bw_graph_config(graph), &k);
	bw_graph_free(graph);
	if (fflush(stdout) != 0 && err == BW_OK)
		err = bw_error_set(e, BW_ERR_IO, 0, "standard output");
	return err;
}

static const struct option_row rows[] = {
    {"check", NULL, "change nothing, only print what an upgrade changes",
	.kind = OPTION_FLAG, .at = offsetof(struct options, check)},
    {.name = NULL},
};

static int
run(const struct command *c, int argc, char **argv)
{
	struct options o = {0};
	struct option_rest rest;
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);
	const char *file = rest.argc > 0 ? rest.argv[0] : command_config();

	if (status >= 0)
		return status;
	if (!o.check)
		return command_refuse(c,
		    "--check is missing; the upgrade itself is to install this "
		    "version and to restart bwcallback.fcgi");
	if (file == NULL)
		return command_refuse_config(c, "FILE");
	err = check(file, &e);
	if (e.msg[0] != '\0')
		terminal_complain("upgrade: %s", e.msg);
	return bw_err_exit(err);
}

const struct command command_upgrade = {
    .name = "upgrade",
    .summary = "what this version changes, before it is installed",
    .usage = "--check [FILE]",
    .about =
	"Before an upgrade, run the new program where the old one serves: it "
	"prints whether it takes the configuration, what becomes of the store, "
	"and a notice for each change that concerns this installation. It "
	"changes nothing. Without FILE, the configuration is that of "
	"BWCALLBACK_CONFIG.",
    .more = "The exit code is 0 when the upgrade can be done, 78 when this "
	    "version refuses the configuration, 65 when the store is newer "
	    "than this version.",
    .options = rows,
    .group = 1,
    .most = 1,
    .takes_files = true,
    .examples = "bwcallback upgrade --check callbacks.xml",
    .run = run,
};
