/* bwcallback consume: hand stored events to a program or a URL. */
#include "cli/consume/consume.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/input.h"
#include "cli/common/store_option.h"
#include "cli/common/units.h"

#define MAX_WORKERS 256

static bool
is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n > 0 && n <= BW_STORE_MAX_NAME && s[n] == '\0' && *s != '-';
}

static bool
set_filter(struct bw_store_filter *f, const char *name, const char *value)
{
	const struct {
		const char *name;
		struct bw_str *to;
	} texts[] = {{"--family", &f->family}, {"--type", &f->type},
	    {"--call", &f->call}, {"--message", &f->message},
	    {"--number", &f->number}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) != 0)
			continue;
		*texts[i].to = (struct bw_str){value, strlen(value)};
		return true;
	}
	return false;
}

static bool
set_text(struct consume_options *o, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} texts[] = {{"--store", &o->store}, {"--config", &o->config},
	    {"--url", &o->url}, {"--user", &o->user},
	    {"--password-file", &o->password_file},
	    {"--retry-dead", &o->retry}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) != 0)
			continue;
		*texts[i].to = value;
		return true;
	}
	return false;
}

/* False: no such option, or its value is wrong. */
static bool
set_option(struct consume_options *o, const char *name, const char *value)
{
	if (set_filter(&o->filter, name, value) || set_text(o, name, value))
		return true;
	if (strcmp(name, "--workers") == 0)
		return units_count(value, &o->workers) &&
		       o->workers <= MAX_WORKERS;
	if (strcmp(name, "--tries") == 0)
		return units_count(value, &o->tries);
	if (strcmp(name, "--timeout") == 0)
		return units_age(value, &o->timeout) && o->timeout > 0;
	if (strcmp(name, "--delay") == 0)
		return units_age(value, &o->delay);
	if (strcmp(name, "--lease") == 0)
		return units_age(value, &o->lease) && o->lease > 0;
	o->from_the_past = true;
	return strcmp(name, "--since") == 0 && units_time(value, &o->since);
}

static bool
set_flag(struct consume_options *o, const char *name)
{
	const struct {
		const char *name;
		bool *to;
	} flags[] = {{"--list-dead", &o->list}, {"--forget", &o->forget},
	    {"--json", &o->json}, {"--reveal", &o->reveal}};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(name, flags[i].name) != 0)
			continue;
		*flags[i].to = true;
		return true;
	}
	return false;
}

static bool
parse(struct consume_options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			o->program = i + 1 < argc ? argv + i + 1 : NULL;
			return o->program != NULL;
		}
		if (strncmp(argv[i], "--", 2) != 0) {
			if (o->name != NULL || !is_name(argv[i]))
				return false;
			o->name = argv[i];
		} else if (!set_flag(o, argv[i])) {
			if (i + 1 == argc ||
			    !set_option(o, argv[i], argv[i + 1]))
				return false;
			i++;
		}
	}
	return true;
}

/* A name, a store, and exactly one thing to do. */
static bool
is_complete(const struct consume_options *o)
{
	int things = (o->url != NULL) + (o->program != NULL) +
		     (o->retry != NULL) + o->list + o->forget;

	return o->name != NULL && things == 1 &&
	       (o->store != NULL) != (o->config != NULL) &&
	       (o->user != NULL) == (o->password_file != NULL);
}

/* The first line of the file; the buffer is the caller's to free. */
static enum bw_err
read_password(struct consume_options *o, struct bw_buf *b, struct bw_error *e)
{
	enum bw_err err;

	if (o->user == NULL)
		return BW_OK;
	err = input_read(o->password_file, b, e);
	bw_buf_putc(b, '\0');
	if (err == BW_OK && b->err != BW_OK)
		err = bw_error_set(e, b->err, 0, "%s: %s", o->password_file,
		    bw_strerror(b->err));
	if (err != BW_OK)
		return err;
	b->p[strcspn(b->p, "\r\n")] = '\0';
	o->password = b->p;
	return BW_OK;
}

static enum bw_err
act(struct bw_store *s, struct consume_options *o, struct bw_error *e)
{
	struct bw_buf password;
	enum bw_err err;

	if (o->list)
		return consume_list_dead(s, o, e);
	if (o->retry != NULL)
		return consume_retry_dead(s, o, e);
	if (o->forget)
		return bw_store_consumer_remove(s, o->name, e);
	bw_buf_init(&password, BW_MAX_PASSWD);
	err = read_password(o, &password, e);
	if (err == BW_OK)
		err = consume_run(s, o, e);
	if (password.p != NULL)
		explicit_bzero(password.p, password.n);
	bw_buf_free(&password);
	return err;
}

/* Before there are threads, all of which inherit it. */
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

static int
run(int argc, char **argv)
{
	struct consume_options o = {.workers = 4,
	    .tries = 12,
	    .timeout = 60000,
	    .delay = 1000,
	    .lease = 30000};
	struct bw_store *s = NULL;
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err;

	if (!parse(&o, argc, argv) || !is_complete(&o))
		return command_usage("consume");
	if (o.url != NULL || o.program != NULL)
		block_signals();
	if (o.url != NULL)
		(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	err = store_get(o.store, o.config, &s, &e);
	if (err == BW_OK)
		err = act(s, &o, &e);
	bw_store_free(s);
	curl_global_cleanup();
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(&e, BW_ERR_IO, 0, "standard output: error");
	if (err != BW_OK)
		fprintf(stderr, "bwcallback: %s\n", e.msg);
	return bw_err_exit(err);
}

const struct command command_consume = {
    .name = "consume",
    .summary = "hand stored events to a program or a URL",
    .help =
	"usage: bwcallback consume NAME --store URL|--config FILE [OPTION...]\n"
	"                          -- PROGRAM [ARG...]\n"
	"       bwcallback consume NAME --store URL|--config FILE [OPTION...]\n"
	"                          --url URL\n"
	"       bwcallback consume NAME --store URL|--config FILE\n"
	"                          --list-dead|--retry-dead ID|--forget\n"
	"\n"
	"Each event goes to the program, as JSON on standard input, or is\n"
	"posted to the URL, at least once and in order within a call or\n"
	"between two numbers. Exit status 0, or any 2xx, is yes; else it is\n"
	"tried again. Any number of consumers of one NAME share the work.\n"
	"\n"
	"  --store URL      sqlite:PATH\n"
	"  --config FILE    the store of a configuration\n"
	"  --family F --type T --call ID --message ID --number N\n"
	"                   only such events\n"
	"  --since TIME     a new consumer begins there, else now; TIME is\n"
	"                   2h, 3d (ago), 2026-03-01 or "
	"2026-03-01T10:00:00Z\n"
	"  --workers N      events at once (4)\n"
	"  --timeout AGE    of one event (60s)\n"
	"  --tries N        then it is a dead letter (12)\n"
	"  --delay AGE      before the second try, then doubled (1s)\n"
	"  --lease AGE      after a crash, others take over then (30s)\n"
	"  --user NAME --password-file FILE   for --url: the file's first "
	"line\n"
	"  --list-dead      what was given up, and why\n"
	"  --retry-dead ID  try it again, or \"all\"\n"
	"  --forget         remove the consumer, with its dead letters\n"
	"  --json           lines of JSON\n"
	"  --reveal         mask nothing but passwords\n"
	"\n"
	"SIGTERM lets what is running finish; another one ends it.\n",
    .run = run,
};
