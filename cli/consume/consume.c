/* bwcallback consume: pass stored events to a program or a URL. */
#include "cli/consume/consume.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "cli/common/command.h"
#include "cli/common/event_columns.h"
#include "cli/common/event_filter.h"
#include "cli/common/input.h"
#include "cli/common/store_option.h"
#include "cli/common/terminal.h"
#include "cli/common/units.h"

#define MAX_WORKERS 256

static bool
is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n > 0 && n <= BW_STORE_MAX_NAME && s[n] == '\0' && *s != '-';
}

/* What the command does, as groups of options. */
enum doing {
	TO_PROGRAM = 1,
	TO_URL = 2,
	LIST_DEAD = 4,
	RETRY_DEAD = 8,
	DROP_DEAD = 16,
	FORGET = 32,
	LIST = 64
};
#define RUN (TO_PROGRAM | TO_URL)
#define ANY (RUN | LIST_DEAD | RETRY_DEAD | DROP_DEAD | FORGET | LIST)

#define AT(member) .at = offsetof(struct consume_options, member)
static const struct option_row rows[] = {
    STORE_OPTIONS(offsetof(struct consume_options, store),
	offsetof(struct consume_options, config)),
    EVENT_FILTER_OPTIONS(offsetof(struct consume_options, filter), RUN),
    {"since", "TIME", "a new consumer begins there, else now",
	.kind = OPTION_NUMBER, AT(since), .form = &units_time, .group = RUN},
    {"workers", "N", "events at once (4)", .kind = OPTION_NUMBER, AT(workers),
	.form = &option_count, .min = 1, .max = MAX_WORKERS, .group = RUN},
    {"timeout", "AGE", "of one event (60s)", .kind = OPTION_NUMBER, AT(timeout),
	.form = &units_age, .min = 1, .group = RUN},
    {"tries", "N", "then it is a dead letter (12)", .kind = OPTION_NUMBER,
	AT(tries), .form = &option_count, .min = 1, .group = RUN},
    {"delay", "AGE", "before the second try, then doubled (1s)",
	.kind = OPTION_NUMBER, AT(delay), .form = &units_age, .group = RUN},
    {"lease", "AGE", "after a crash, others take over then (30s)",
	.kind = OPTION_NUMBER, AT(lease), .form = &units_age, .min = 1,
	.group = RUN},
    {"url", "URL", "post the events there", .kind = OPTION_TEXT, AT(url),
	.group = TO_URL},
    {"user", "NAME", "with --url: credentials", .kind = OPTION_TEXT, AT(user),
	.group = TO_URL},
    {"password-file", "FILE", "with --user: its first line is the password",
	.kind = OPTION_TEXT, AT(password_file), .group = TO_URL},
    {"once", NULL, "end when no event is left that can be handled now",
	.kind = OPTION_FLAG, AT(once), .group = RUN},
    {"list-dead", NULL, "what was given up, and why", .kind = OPTION_FLAG,
	AT(list), .group = LIST_DEAD},
    {"retry-dead", "ID", "try it again, or \"all\"", .kind = OPTION_TEXT,
	AT(retry), .group = RETRY_DEAD},
    {"drop-dead", "ID", "be done with it untried, or \"all\"",
	.kind = OPTION_TEXT, AT(drop), .group = DROP_DEAD},
    {"forget", NULL, "remove the consumer, with its dead letters",
	.kind = OPTION_FLAG, AT(forget), .group = FORGET},
    {"json", NULL, "lines of JSON", .kind = OPTION_FLAG, AT(json),
	.group = LIST_DEAD | LIST},
    {"reveal", NULL, "mask nothing but passwords", .kind = OPTION_FLAG,
	AT(reveal), .group = LIST_DEAD},
    {.name = NULL},
};

/*
 * "consume list" lists all consumers; with anything else to do, "list" is the
 * name of one.
 */
static bool
is_list(const struct consume_options *o, const struct option_rest *rest)
{
	return !rest->ended && strcmp(o->name, "list") == 0 && o->url == NULL &&
	       o->retry == NULL && o->drop == NULL && !o->list && !o->forget;
}

/* Take the name, and the program after "--". Returns -1 if they are valid. */
static int
take_arguments(const struct command *c, struct consume_options *o,
    const struct option_rest *rest)
{
	if (rest->before == 0)
		return command_refuse(c, "NAME, of the consumer, is missing");
	o->name = rest->argv[0];
	if (!is_name(o->name))
		return command_refuse(c,
		    "\"%.100s\" is no name: letters, digits, '.', '_' and "
		    "'-', at most %d",
		    o->name, BW_STORE_MAX_NAME);
	if (rest->before > 1)
		return command_refuse(c,
		    "\"%.100s\" is too much: a program stands after \"--\"",
		    rest->argv[1]);
	if (rest->ended && rest->argc == 1)
		return command_refuse(c, "PROGRAM is missing after \"--\"");
	if (rest->ended)
		o->program = rest->argv + 1;
	o->all = is_list(o, rest);
	return -1;
}

static enum doing
what_to_do(const struct consume_options *o)
{
	return o->all		  ? LIST
	       : o->list	  ? LIST_DEAD
	       : o->forget	  ? FORGET
	       : o->retry != NULL ? RETRY_DEAD
	       : o->drop != NULL  ? DROP_DEAD
	       : o->url != NULL	  ? TO_URL
				  : TO_PROGRAM;
}

/* Each option must have an effect. Returns -1 if so. */
static int
check_effects(const struct command *c, const struct consume_options *o,
    const struct option_given *given)
{
	static const char *const names[] = {
	    [TO_PROGRAM] = "-- PROGRAM",
	    [TO_URL] = "--url",
	    [LIST_DEAD] = "--list-dead",
	    [RETRY_DEAD] = "--retry-dead",
	    [DROP_DEAD] = "--drop-dead",
	    [FORGET] = "--forget",
	    [LIST] = "\"list\"",
	};
	enum doing doing = what_to_do(o);

	for (size_t i = 0; i < given->n; i++) {
		if (!option_is_of(given->rows[i], doing))
			return command_refuse(c, "--%s has no effect with %s",
			    given->rows[i]->name, names[doing]);
	}
	return -1;
}

/* Exactly one action must be given. Returns -1 if so. */
static int
check_options(const struct command *c, const struct consume_options *o,
    const struct option_given *given)
{
	int things = (o->url != NULL) + (o->program != NULL) +
		     (o->retry != NULL) + (o->drop != NULL) + o->list + o->all +
		     o->forget;
	int status;

	if (things == 0)
		return command_refuse(c,
		    "what to do is missing: -- PROGRAM, --url, --list-dead, "
		    "--retry-dead, --drop-dead or --forget");
	if (things > 1)
		return command_refuse(c,
		    "only one of -- PROGRAM, --url, --list-dead, "
		    "--retry-dead, --drop-dead and --forget");
	if (store_is_url(o->store) && o->config != NULL)
		return command_refuse(c, "only one of --store and --config");
	status = check_effects(c, o, given);
	if (status < 0 && (o->user != NULL) != (o->password_file != NULL))
		return command_refuse(
		    c, "--user and --password-file belong together");
	return status;
}

static enum bw_err
act(struct bw_store *s, struct consume_options *o, struct bw_error *e)
{
	struct bw_buf password;
	enum bw_err err = BW_OK;

	if (o->all)
		return consume_list(s, o, e);
	if (o->list)
		return consume_list_dead(s, o, e);
	if (o->retry != NULL)
		return consume_retry_dead(s, o, e);
	if (o->drop != NULL)
		return consume_drop_dead(s, o, e);
	if (o->forget)
		return bw_store_consumer_remove(s, o->name, e);
	bw_buf_init(&password, BW_MAX_PASSWD);
	if (o->user != NULL)
		err = input_read_line(
		    o->password_file, &password, &o->password, e);
	if (err == BW_OK)
		err = consume_run(s, o, e);
	if (password.p != NULL)
		explicit_bzero(password.p, password.n);
	bw_buf_free(&password);
	return err;
}

/* Call before threads are started: they inherit the signal mask. */
static void
block_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

void
consume_log(const char *format, ...)
{
	char when[32], before[64];
	va_list ap;

	events_time(when, bw_realtime_ms());
	/* As in the log of the responder: 2026-03-01T10:00:00.000Z. */
	(void)snprintf(before, sizeof(before), "%.10sT%sZ ", when, when + 11);
	va_start(ap, format);
	terminal_log(before, format, ap);
	va_end(ap);
}

static int
consume(struct consume_options *o)
{
	struct bw_store *s = NULL;
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err;

	if (o->url != NULL || o->program != NULL)
		block_signals();
	if (o->url != NULL)
		(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	err = consume_check_target(o, &e);
	if (err == BW_OK)
		err = store_get(o->store, o->config, &s, &e);
	if (err == BW_OK)
		err = act(s, o, &e);
	curl_global_cleanup();
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(&e, BW_ERR_IO, 0, "standard output: error");
	if (err != BW_OK && s != NULL)
		consume_log("%s", e.msg);
	else if (err != BW_OK)
		terminal_complain("%s", e.msg);
	bw_store_free(s);
	return bw_err_exit(err);
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct consume_options o = {.since = -1,
	    .workers = 4,
	    .tries = 12,
	    .timeout = 60000,
	    .delay = 1000,
	    .lease = 30000};
	struct option_rest rest;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status < 0)
		status = take_arguments(c, &o, &rest);
	if (status < 0)
		status = check_options(c, &o, &rest.given);
	if (status < 0)
		status = store_need(c, o.store, &o.config);
	return status >= 0 ? status : consume(&o);
}

const struct command command_consume = {
    .name = "consume",
    .summary = "hand stored events to a program or a URL",
    .usage = "NAME [OPTION...] -- PROGRAM [ARG...]\n"
	     "NAME [OPTION...] --url URL\n"
	     "NAME [OPTION...] --list-dead\n"
	     "NAME [OPTION...] --retry-dead ID|--drop-dead ID|--forget\n"
	     "list [OPTION...]",
    .about =
	"Each event goes to the program, as JSON on standard input, or is "
	"posted to the URL, at least once and in order within a call or "
	"between two numbers. Exit status 0, or any 2xx, is yes; else it is "
	"tried again. Any number of consumers of one NAME share the work. The "
	"word \"list\" lists all consumers: the last event assigned, how many "
	"events are not done and how old the oldest is, dead letters, and when "
	"it was last seen.",
    .more =
	"TIME is 2h or 3d (ago), 2026-03-01 or 2026-03-01T10:00:00Z; AGE is "
	"90d, 12h, 30m or 10s.\n"
	"SIGTERM lets what is running finish; another one ends it.",
    .options = rows,
    .group = ANY,
    .most = -1,
    .examples = "bwcallback consume answers --config callbacks.xml --type "
		"message-received -- ./answer.sh\n"
		"bwcallback consume app --config callbacks.xml --url "
		"http://127.0.0.1:8000/events\n"
		"bwcallback consume list --config callbacks.xml",
    .run = run,
};
