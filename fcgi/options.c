#include <config.h>

#include "options.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "options/responder.h"

/* One may wait for the disk and one may hash a password; one is left. */
#define MIN_WORKERS 3

#define MAX_HELP 8192

/* No thread waits, so more threads than processors would only contend. */
static int64_t
default_workers(void)
{
	cpu_set_t set;
	int n =
	    sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	if (n + 1 > RESPONDER_MAX_WORKERS)
		return RESPONDER_MAX_WORKERS;
	return n + 1 > MIN_WORKERS ? n + 1 : MIN_WORKERS;
}

static int
print_help(void)
{
	const struct option_table table = {responder_rows, 1, NULL};
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
	bw_buf_puts(&b, "\nexamples:\n"
			"  bwcallback.fcgi --check callbacks.xml\n"
			"  bwcallback.fcgi --config callbacks.xml --listen "
			"unix:/run/bwcallback/bwcallback.sock,group=www-data\n"
			"\nbwcallback.fcgi(8) says more.\n");
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

static enum options_confine
confine_of(const char *word)
{
	if (word == NULL)
		return OPTIONS_CONFINE_TRY;
	return strcmp(word, "yes") == 0 ? OPTIONS_CONFINE_YES
					: OPTIONS_CONFINE_NO;
}

static int
take(struct options *o, const struct responder_settings *s)
{
	*o = (struct options){
	    .config = s->config,
	    .overlay = s->overlay,
	    .check = s->check,
	    .log = s->log,
	    .log_format =
		s->log_format != NULL && strcmp(s->log_format, "json") == 0
		    ? LOG_FORMAT_JSON
		    : LOG_FORMAT_LOGFMT,
	    .listen_n = s->listen.n,
	    .confine = confine_of(s->confine),
	    .writable_n = s->writable.n,
	    .workers = (unsigned)s->workers,
	    .programs = (unsigned)s->programs,
	    .receive_timeout = (unsigned)s->receive,
	    .drain_timeout = (unsigned)s->drain,
	};
	if (s->listen.n > OPTIONS_MAX_LISTEN)
		return refuse("--listen: more than 16 of them");
	for (size_t i = 0; i < s->listen.n; i++)
		o->listen[i] = s->listen.v[i];
	if (s->writable.n > OPTIONS_MAX_WRITABLE)
		return refuse("--writable: more than 16 of them");
	for (size_t i = 0; i < s->writable.n; i++)
		o->writable[i] = s->writable.v[i];
	return -1;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	struct responder_settings s = responder_defaults;
	const struct option_table table = {responder_rows, 1, &s};
	struct option_rest rest;
	struct bw_error e = {BW_OK, 0, ""};

	s.workers = default_workers();
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
