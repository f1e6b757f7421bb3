#include <config.h>

#include "options.h"

#include <stdio.h>

#include "config_path.h"
#include "options/option.h"

/*
 * Callbacks wait for little but external programs, so more threads than
 * processors only help with those.
 */
#define DEFAULT_WORKERS 16

/* Bandwidth gives up on a voice callback after 15 seconds. */
#define DEFAULT_RECEIVE 10
#define DEFAULT_DRAIN	20
#define MAX_SECONDS	3600

#define MAX_HELP 8192

/* What the table sets. */
struct settings {
	const char *config, *check, *log;
	struct option_list listen;
	int64_t workers, receive, drain;
	bool version;
};

#define AT(member) .at = offsetof(struct settings, member)
#define NUMBER(member, most) \
	.kind = OPTION_NUMBER, AT(member), .form = &option_count, .min = 1, \
	.max = (most)

static const struct option_row rows[] = {
    {"config", "FILE",
	"configuration; without it, BWCALLBACK_CONFIG in the environment, "
	"callbacks.xml beside this program, or " CONFIG_PATH_DEFAULT,
	.kind = OPTION_TEXT, AT(config)},
    {"check", "FILE", "only check a configuration", .kind = OPTION_TEXT,
	AT(check)},
    {"listen", "ADDRESS",
	"listen there: unix:PATH[,mode=0660][,group=GROUP], or HOST:PORT. "
	"Without it, the socket is descriptor 0 or LISTEN_FDS",
	.kind = OPTION_LIST, AT(listen)},
    {"workers", "N", "threads that answer (16)",
	NUMBER(workers, OPTIONS_MAX_WORKERS)},
    {"log", "FILE|syslog", "instead of standard error", .kind = OPTION_TEXT,
	AT(log)},
    {"receive-timeout", "SECONDS", "for a whole request to arrive (10)",
	NUMBER(receive, MAX_SECONDS)},
    {"drain-timeout", "SECONDS", "for running requests at the end (20)",
	NUMBER(drain, MAX_SECONDS)},
    {"version", NULL, "print the version", .kind = OPTION_FLAG, AT(version)},
    {.name = NULL},
};

static int
print_help(void)
{
	const struct option_table table = {rows, 1, NULL};
	struct bw_buf b;
	enum bw_err err;

	bw_buf_init(&b, MAX_HELP);
	bw_buf_puts(&b,
	    "usage: bwcallback.fcgi [OPTION...]\n"
	    "\n"
	    "Answer Bandwidth's callbacks behind a web server, as FastCGI or "
	    "CGI.\n"
	    "\n");
	option_put_help(&b, &table, 1);
	bw_buf_puts(&b, "\nbwcallback.fcgi(8) says more.\n");
	err = b.err;
	if (err == BW_OK && fwrite(b.p, 1, b.n, stdout) != b.n)
		err = BW_ERR_IO;
	bw_buf_free(&b);
	return bw_err_exit(err);
}

static int
refuse(const char *what)
{
	fprintf(stderr,
	    "bwcallback.fcgi: %s\n"
	    "bwcallback.fcgi: see \"bwcallback.fcgi --help\"\n",
	    what);
	return 64;
}

static int
take(struct options *o, const struct settings *s)
{
	*o = (struct options){
	    .config = s->config,
	    .check = s->check,
	    .log = s->log,
	    .listen_n = s->listen.n,
	    .workers = (unsigned)s->workers,
	    .receive_timeout = (unsigned)s->receive,
	    .drain_timeout = (unsigned)s->drain,
	};
	if (s->listen.n > OPTIONS_MAX_LISTEN)
		return refuse("--listen: more than 16 of them");
	for (size_t i = 0; i < s->listen.n; i++)
		o->listen[i] = s->listen.v[i];
	return -1;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	struct settings s = {.workers = DEFAULT_WORKERS,
	    .receive = DEFAULT_RECEIVE,
	    .drain = DEFAULT_DRAIN};
	const struct option_table table = {rows, 1, &s};
	struct option_rest rest;
	struct bw_error e = {BW_OK, 0, ""};

	if (option_parse(&table, 1, argc, argv, &rest, &e) != BW_OK)
		return refuse(e.msg);
	if (rest.help)
		return print_help();
	if (s.version) {
		puts("bwcallback.fcgi " VERSION);
		return 0;
	}
	if (rest.argc > 0) {
		(void)bw_error_set(&e, BW_ERR_USAGE, 0,
		    "\"%.100s\" is too much: there are only options",
		    rest.argv[0]);
		return refuse(e.msg);
	}
	return take(o, &s);
}
