/* bwcallback events: look at what is stored. */
#include "cli/events/events.h"

#include <string.h>

#include "cli/common/command.h"
#include "cli/common/store_option.h"
#include "cli/common/units.h"

static const struct events_action actions[] = {
    {"list", 0, events_list},
    {"show", 1, events_show},
    {"thread", 1, events_thread},
    {"follow", 0, events_follow},
    {"count", 0, events_count},
    {"export", 0, events_export},
    {"replay", 1, events_replay},
    {"backup", 1, events_backup},
    {"prune", 0, events_prune},
};

static bool
set_text(struct bw_str *to, const char *value)
{
	*to = (struct bw_str){value, strlen(value)};
	return true;
}

/* An option that has a value; false when there is no such, or it is wrong. */
static bool
set_option(struct events_options *o, const char *name, const char *value)
{
	struct bw_store_filter *f = &o->filter;
	const struct {
		const char *name;
		struct bw_str *to;
	} texts[] = {{"--family", &f->family}, {"--type", &f->type},
	    {"--call", &f->call}, {"--message", &f->message},
	    {"--number", &f->number}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) == 0)
			return set_text(texts[i].to, value);
	}
	if (strcmp(name, "--store") == 0)
		o->store = value;
	else if (strcmp(name, "--config") == 0)
		o->config = value;
	else if (strcmp(name, "--url") == 0)
		o->url = value;
	else if (strcmp(name, "--user") == 0)
		o->user = value;
	else if (strcmp(name, "--password-file") == 0)
		o->password_file = value;
	else if (strcmp(name, "--since") == 0)
		return units_time(value, &f->since);
	else if (strcmp(name, "--until") == 0)
		return units_time(value, &f->until);
	else if (strcmp(name, "--older") == 0)
		return units_age(value, &o->older);
	else if (strcmp(name, "--larger") == 0)
		return units_size(value, &o->larger);
	else if (strcmp(name, "--limit") == 0)
		return units_count(value, &o->limit);
	else
		return false;
	return true;
}

static bool
parse_options(struct events_options *o, int argc, char **argv)
{
	int n = 0;

	o->argv = argv;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0)
			argv[n++] = argv[i];
		else if (strcmp(argv[i], "--json") == 0)
			o->json = true;
		else if (strcmp(argv[i], "--reveal") == 0)
			o->reveal = true;
		else if (i + 1 == argc || !set_option(o, argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	o->argc = n;
	return true;
}

static int
run_action(const struct events_action *a, const struct events_options *o)
{
	struct bw_store *s = NULL;
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err = store_get(o->store, o->config, &s, &e);

	if (err == BW_OK)
		err = a->run(s, o, &e);
	bw_store_free(s);
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(&e, BW_ERR_IO, 0, "standard output: error");
	if (err != BW_OK)
		fprintf(stderr, "bwcallback: %s\n", e.msg);
	return bw_err_exit(err);
}

static int
run(int argc, char **argv)
{
	struct events_options o = {.limit = 50};

	for (size_t i = 0; argc > 1 && i < sizeof(actions) / sizeof(actions[0]);
	     i++) {
		if (strcmp(argv[1], actions[i].name) != 0)
			continue;
		if (!parse_options(&o, argc - 2, argv + 2) ||
		    o.argc != actions[i].arguments ||
		    (o.store == NULL && o.config == NULL))
			break;
		return run_action(&actions[i], &o);
	}
	return command_usage("events");
}

const struct command command_events = {
    .name = "events",
    .summary = "look at stored events, replay, back up, prune",
    .help =
	"usage: bwcallback events ACTION --store URL|--config FILE "
	"[OPTION...]\n"
	"\n"
	"  list           a table, newest last (--limit N, 50)\n"
	"  show ID        all there is about one event; its number or key\n"
	"  thread ID      what became of a message\n"
	"  follow         print events as they come\n"
	"  count          by family and type\n"
	"  export         all as lines of JSON\n"
	"  replay ID      through the configuration, whose programs run, or "
	"to\n"
	"                 --url URL, and compare the answers\n"
	"  backup FILE    copy the store while it is in use\n"
	"  prune          remove those --older AGE, or the oldest when the\n"
	"                 store is --larger SIZE, that consumers have had\n"
	"\n"
	"  --store URL    sqlite:PATH\n"
	"  --config FILE  the store of a configuration\n"
	"  --family F --type T --call ID --message ID --number N\n"
	"  --since TIME --until TIME   only such events; TIME is 2h, 3d "
	"(ago),\n"
	"                 2026-03-01 or 2026-03-01T10:00:00Z\n"
	"  --user NAME --password-file FILE   for --url: the file's first "
	"line\n"
	"  --json         lines of JSON\n"
	"  --reveal       mask nothing but passwords\n"
	"\n"
	"AGE is 90d, 12h, 30m, 10s; SIZE is 500k, 200M, 2G.\n",
    .run = run,
};
