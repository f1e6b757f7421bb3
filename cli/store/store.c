/* bwcallback store: administer the store itself. */
#include "cli/store/store.h"

#include <stdio.h>

#include "cli/common/command.h"
#include "cli/common/store_option.h"
#include "cli/common/terminal.h"
#include "cli/common/units.h"

/* Groups of options, one bit for each action. */
enum {
	STATS = 1,
	CREATE = 2,
	VERIFY = 4,
	CHECK = 8,
	MOVE = 16,
	COMPACT = 32,
	/* of the store that --store or --config names */
	OF_ONE = STATS | VERIFY | CHECK | COMPACT
};

#define AT(member) .at = offsetof(struct store_options, member)
static const struct option_row rows[] = {
    STORE_OPTIONS_OF(OF_ONE, offsetof(struct store_options, store),
	offsetof(struct store_options, config)),
    {"json", NULL, "lines of JSON", .kind = OPTION_FLAG, AT(json),
	.group = STATS | CHECK},
    {"dry-run", NULL, "print the SQL instead", .kind = OPTION_FLAG, AT(dry_run),
	.group = CREATE},
    {"quick", NULL, "without reading all of it", .kind = OPTION_FLAG, AT(quick),
	.group = VERIFY},
    {"set-aside", NULL, "rename damaged files that the others do not need",
	.kind = OPTION_FLAG, AT(set_aside), .group = VERIFY},
    {"older", "AGE", "files whose events are all older than this",
	.kind = OPTION_NUMBER, AT(older), .form = &units_age, .group = COMPACT},
    {"close", NULL, "close FROM, and complete the move", .kind = OPTION_FLAG,
	AT(close), .excludes = "cancel", .group = MOVE},
    {"cancel", NULL, "open FROM again, if the move is not complete",
	.kind = OPTION_FLAG, AT(cancel), .group = MOVE},
    {"config", "FILE", "FROM and TO may be ids of its stores",
	.kind = OPTION_TEXT, AT(config), .group = MOVE},
    {.name = NULL},
};

static int run(const struct command *, int argc, char **argv);

static const struct command actions[] = {
    {"store stats", "how much it holds, and where its consumers are",
	"[OPTION...]", .options = rows, .group = STATS,
	.examples = "bwcallback store stats --config callbacks.xml",
	.run = run},
    {"store create", "make the tables of a store", "[OPTION...] URL",
	.options = rows, .group = CREATE, .least = 1, .most = 1,
	.examples = "bwcallback store create --dry-run postgresql:///callbacks",
	.run = run},
    {"store verify", "is it sound", "[OPTION...]", .options = rows,
	.group = VERIFY,
	.examples = "bwcallback store verify --config callbacks.xml",
	.run = run},
    {"store check", "could a database lose what was acknowledged?",
	"[OPTION...]", .options = rows, .group = CHECK,
	.examples = "bwcallback store check --config callbacks.xml",
	.run = run},
    {"store compact", "compress its full files", "[OPTION...]", .options = rows,
	.group = COMPACT,
	.examples = "bwcallback store compact --older 30d --config "
		    "callbacks.xml",
	.run = run},
    {"store move", "move it to another kind while it is in use",
	"[OPTION...] FROM TO", .options = rows, .group = MOVE, .least = 2,
	.most = 2,
	.examples =
	    "bwcallback store move sqlite:/var/lib/bwcallback/events.db "
	    "sqlite:/var/lib/bwcallback/new.db",
	.run = run},
    {.name = NULL},
};

static const struct {
	unsigned action;
	enum bw_err (*run)(const struct store_options *, struct bw_error *);
} functions[] = {
    {STATS, store_stats},
    {CREATE, store_create},
    {VERIFY, store_verify},
    {CHECK, store_check},
    {COMPACT, store_compact},
    {MOVE, store_move},
};

static enum bw_err
act(unsigned action, const struct store_options *o, struct bw_error *e)
{
	size_t i = 0;

	while (functions[i].action != action)
		i++;
	return functions[i].run(o, e);
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct store_options o = {.store = NULL};
	struct option_rest rest;
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status < 0 && (c->group & OF_ONE) != 0)
		status = store_need(c, o.store, &o.config);
	if (status >= 0)
		return status;
	o.argv = rest.argv;
	err = act(c->group, &o, &e);
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(&e, BW_ERR_IO, 0, "standard output: error");
	if (err != BW_OK)
		terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

const struct command command_store = {
    .name = "store",
    .summary = "administer the store itself",
    .usage = "ACTION [OPTION...]",
    .actions = actions,
};
