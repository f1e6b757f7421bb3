/* bwcallback events: examine stored events. */
#include "cli/events/events.h"

#include <string.h>

#include "cli/common/command.h"
#include "cli/common/event_filter.h"
#include "cli/common/store_option.h"
#include "cli/common/terminal.h"
#include "cli/common/units.h"

/* Groups of options, one bit for each action. */
enum {
	LIST = 1,
	SHOW = 2,
	THREAD = 4,
	FOLLOW = 8,
	COUNT = 16,
	EXPORT = 32,
	REPLAY = 64,
	BACKUP = 128,
	PRUNE = 256,
	CALL = 512,
	SOME =
	    LIST | THREAD | CALL | FOLLOW | COUNT | EXPORT, /* of the events */
	STORED = LIST | COUNT | EXPORT /* events that are stored already */
};

/* "500" or "500,503" */
static enum bw_err
set_statuses(void *to, const char *value, struct bw_error *e)
{
	int *statuses = to;

	memset(statuses, 0, BW_STORE_MAX_STATUSES * sizeof(*statuses));
	for (size_t i = 0; i < BW_STORE_MAX_STATUSES; i++) {
		int status = 0;
		size_t n = 0;

		for (; n < 3 && value[n] >= '0' && value[n] <= '9'; n++)
			status = status * 10 + (value[n] - '0');
		if (n < 3 || status < 100 || status > 599)
			break;
		statuses[i] = status;
		if (value[n] == '\0')
			return BW_OK;
		if (value[n] != ',')
			break;
		value += n + 1;
	}
	return bw_error_set(e, BW_ERR_USAGE, 0,
	    "must be a status from 100 to 599, or up to %d of them: 500,503",
	    BW_STORE_MAX_STATUSES);
}

#define AT(member) .at = offsetof(struct events_options, member)
static const struct option_row rows[] = {
    STORE_OPTIONS(offsetof(struct events_options, store),
	offsetof(struct events_options, config)),
    EVENT_FILTER_OPTIONS(offsetof(struct events_options, filter), SOME),
    {"since", "TIME", "only events that came then or later",
	.kind = OPTION_NUMBER, AT(filter.since), .form = &units_time,
	.group = SOME},
    {"until", "TIME", "only events that came before", .kind = OPTION_NUMBER,
	AT(filter.until), .form = &units_time, .group = SOME},
    {"failed", NULL, "only with the fallback, an error, or failed handling",
	.kind = OPTION_FLAG, AT(filter.failed), .group = STORED},
    {"fallback", NULL, "only with the fallback as the answer",
	.kind = OPTION_FLAG, AT(filter.fallback), .group = STORED},
    {"slow", "TIME", "only with an answer that took so long or longer",
	.kind = OPTION_NUMBER, AT(filter.slow), .form = &units_span, .min = 1,
	.group = STORED},
    {"status", "N,...", "only with one of these statuses as the answer",
	.kind = OPTION_CUSTOM, AT(filter.statuses), .parse = set_statuses,
	.impossible = "99", .group = STORED},
    {"limit", "N", "how many (50)", .kind = OPTION_NUMBER, AT(limit),
	.form = &option_count, .min = 1, .group = LIST},
    {"older", "AGE", "those older than this", .kind = OPTION_NUMBER, AT(older),
	.form = &units_age, .group = PRUNE},
    {"larger", "SIZE", "the oldest, while the store is larger than this",
	.kind = OPTION_NUMBER, AT(larger), .form = &units_size, .group = PRUNE},
    {"sqlite", "FILE", "into a new SQLite database, for SQL, unmasked",
	.kind = OPTION_TEXT, AT(sqlite), .group = EXPORT},
    {"url", "URL", "send it there, not through the configuration",
	.kind = OPTION_TEXT, AT(url), .group = REPLAY},
    {"user", "NAME", "with --url: credentials", .kind = OPTION_TEXT, AT(user),
	.group = REPLAY},
    {"password-file", "FILE", "with --user: its first line is the password",
	.kind = OPTION_TEXT, AT(password_file), .group = REPLAY},
    {"json", NULL, "lines of JSON", .kind = OPTION_FLAG, AT(json),
	.group = SOME | SHOW},
    {"reveal", NULL, "mask nothing but passwords", .kind = OPTION_FLAG,
	AT(reveal),
	.group = LIST | SHOW | THREAD | CALL | FOLLOW | EXPORT | REPLAY},
    {.name = NULL},
};

#define TIMES "TIME is 2h or 3d (ago), 2026-03-01 or 2026-03-01T10:00:00Z."

static int run(const struct command *, int argc, char **argv);

static const struct command actions[] = {
    {"events list", "a table, newest last", "[OPTION...]", .more = TIMES,
	.options = rows, .group = LIST,
	.examples = "bwcallback events list --config callbacks.xml --type "
		    "message-failed --since 1d",
	.run = run},
    {"events show", "all there is about one event; its number or key",
	"[OPTION...] ID", .options = rows, .group = SHOW, .least = 1, .most = 1,
	.examples = "bwcallback events show --config callbacks.xml 1",
	.run = run},
    {"events thread", "what became of a message", "[OPTION...] MESSAGE",
	.more = TIMES, .options = rows, .group = THREAD, .least = 1, .most = 1,
	.examples = "bwcallback events thread --config callbacks.xml "
		    "17b2c94e0d5f4a6e8c31",
	.run = run},
    {"events call", "what happened in a call: callbacks, answers, and why",
	"[OPTION...] CALL", .more = TIMES, .options = rows, .group = CALL,
	.least = 1, .most = 1,
	.examples = "bwcallback events call --config callbacks.xml "
		    "c-15ac29a2-1331029c",
	.run = run},
    {"events follow", "print events as they come", "[OPTION...]", .more = TIMES,
	.options = rows, .group = FOLLOW,
	.examples =
	    "bwcallback events follow --config callbacks.xml --family voice",
	.run = run},
    {"events count", "by family and type", "[OPTION...]", .more = TIMES,
	.options = rows, .group = COUNT,
	.examples = "bwcallback events count --config callbacks.xml --since 1d",
	.run = run},
    {"events export", "all as lines of JSON, or into an SQLite database",
	"[OPTION...]", .more = TIMES, .options = rows, .group = EXPORT,
	.examples = "bwcallback events export --config callbacks.xml --since "
		    "1d >events.jsonl",
	.run = run},
    {"events replay",
	"an event through the configuration, whose programs run, or to a URL, "
	"and compare the answers",
	"[OPTION...] ID", .options = rows, .group = REPLAY, .least = 1,
	.most = 1,
	.examples = "bwcallback events replay --config callbacks.xml 1",
	.run = run},
    {"events backup", "copy the store while it is in use", "[OPTION...] FILE",
	.options = rows, .group = BACKUP, .least = 1, .most = 1,
	.takes_files = true,
	.examples = "bwcallback events backup --config callbacks.xml backup.db",
	.run = run},
    {"events prune", "remove old events that consumers have had",
	"[OPTION...] --older AGE|--larger SIZE",
	.more = "AGE is 90d, 12h, 30m, 10s; SIZE is 500k, 200M, 2G.",
	.options = rows, .group = PRUNE,
	.examples =
	    "bwcallback events prune --config callbacks.xml --older 90d",
	.run = run},
    {.name = NULL},
};

static const struct {
	unsigned action;
	enum bw_err (*run)(struct bw_store *, const struct events_options *,
	    struct bw_error *);
} functions[] = {
    {LIST, events_list},
    {SHOW, events_show},
    {THREAD, events_thread},
    {CALL, events_call},
    {FOLLOW, events_follow},
    {COUNT, events_count},
    {EXPORT, events_export},
    {REPLAY, events_replay},
    {BACKUP, events_backup},
    {PRUNE, events_prune},
};

static enum bw_err
act(unsigned action, struct bw_store *s, const struct events_options *o,
    struct bw_error *e)
{
	size_t i = 0;

	while (functions[i].action != action)
		i++;
	return functions[i].run(s, o, e);
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct events_options o = {.limit = 50};
	struct option_rest rest;
	struct bw_store *s = NULL;
	struct bw_error e = {BW_OK, 0, ""}, away = {BW_OK, 0, ""};
	enum bw_err err;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status < 0)
		status = store_need(c, o.store, &o.config);
	if (status < 0 && (o.user != NULL) != (o.password_file != NULL))
		status = command_refuse(
		    c, "--user and --password-file belong together");
	if (status >= 0)
		return status;
	o.argv = rest.argv;
	err = (c->group & SOME) != 0 && o.sqlite == NULL
		  ? store_get_all(o.store, o.config, &away, &s, &e)
		  : store_get(o.store, o.config, &s, &e);
	if (err == BW_OK)
		err = act(c->group, s, &o, &e);
	bw_store_free(s);
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(&e, BW_ERR_IO, 0, "standard output: error");
	if (err == BW_OK && away.code != BW_OK) {
		e = away;
		err = e.code;
	}
	if (err != BW_OK)
		terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

const struct command command_events = {
    .name = "events",
    .summary = "look at stored events, replay, back up, prune",
    .usage = "ACTION --store URL|--config FILE [OPTION...]",
    .actions = actions,
};
