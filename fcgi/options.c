#include <config.h>

#include "options.h"

#include <getopt.h>
#include <stdio.h>

#include "config_path.h"

/*
 * Callbacks wait for little but external programs, so more threads than
 * processors only help with those.
 */
#define DEFAULT_WORKERS 16

/* Bandwidth gives up on a voice callback after 15 seconds. */
#define DEFAULT_RECEIVE 10
#define DEFAULT_DRAIN	20
#define MAX_SECONDS	3600

static const char help[] =
    "usage: bwcallback.fcgi [OPTION...]\n"
    "\n"
    "Answer Bandwidth's callbacks behind a web server, as FastCGI or CGI.\n"
    "\n"
    "  --config FILE             configuration; without it, BWCALLBACK_CONFIG\n"
    "                            in the environment, callbacks.xml beside "
    "this\n"
    "                            program, or\n"
    "                            " CONFIG_PATH_DEFAULT "\n"
    "  --check FILE              only check a configuration\n"
    "  --listen unix:PATH[,mode=0660][,group=GROUP]\n"
    "  --listen HOST:PORT        listen there; may be repeated. Without it,\n"
    "                            the socket is descriptor 0 or LISTEN_FDS\n"
    "  --workers N               threads that answer (16)\n"
    "  --log FILE|syslog         instead of standard error\n"
    "  --receive-timeout SECONDS for a whole request to arrive (10)\n"
    "  --drain-timeout SECONDS   for running requests at the end (20)\n"
    "  --version, --help\n"
    "\n"
    "See bwcallback.fcgi(8).\n";

enum {
	OPT_CONFIG = 256,
	OPT_CHECK,
	OPT_LISTEN,
	OPT_WORKERS,
	OPT_LOG,
	OPT_RECEIVE,
	OPT_DRAIN,
	OPT_VERSION
};

static const struct option longs[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"check", required_argument, NULL, OPT_CHECK},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"workers", required_argument, NULL, OPT_WORKERS},
    {"log", required_argument, NULL, OPT_LOG},
    {"receive-timeout", required_argument, NULL, OPT_RECEIVE},
    {"drain-timeout", required_argument, NULL, OPT_DRAIN},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int
usage(const char *what, const char *value)
{
	if (what != NULL)
		fprintf(stderr, "bwcallback.fcgi: %s: %s\n", value, what);
	fputs("bwcallback.fcgi: see \"bwcallback.fcgi --help\"\n", stderr);
	return 64;
}

/* A decimal number from 1 to max. */
static bool
parse_number(const char *s, unsigned max, unsigned *n)
{
	unsigned v = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || v > max)
			return false;
		v = v * 10 + (unsigned)(*s - '0');
	}
	*n = v;
	return v >= 1 && v <= max;
}

static int
add_listen(struct options *o, const char *value)
{
	if (o->listen_n == OPTIONS_MAX_LISTEN)
		return usage("too many --listen", value);
	o->listen[o->listen_n++] = value;
	return -1;
}

static int
take(struct options *o, int option, const char *value)
{
	switch (option) {
	case OPT_CONFIG:
		o->config = value;
		return -1;
	case OPT_CHECK:
		o->check = value;
		return -1;
	case OPT_LISTEN:
		return add_listen(o, value);
	case OPT_WORKERS:
		return parse_number(value, OPTIONS_MAX_WORKERS, &o->workers)
			   ? -1
			   : usage("expected a number of workers, 1 to 256",
				 value);
	case OPT_LOG:
		o->log = value;
		return -1;
	case OPT_RECEIVE:
		return parse_number(value, MAX_SECONDS, &o->receive_timeout)
			   ? -1
			   : usage("expected seconds, 1 to 3600", value);
	case OPT_DRAIN:
		return parse_number(value, MAX_SECONDS, &o->drain_timeout)
			   ? -1
			   : usage("expected seconds, 1 to 3600", value);
	case OPT_VERSION:
		puts("bwcallback.fcgi " VERSION);
		return 0;
	case 'h':
		fputs(help, stdout);
		return 0;
	default:
		return usage(NULL, NULL);
	}
}

int
options_parse(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){
	    .workers = DEFAULT_WORKERS,
	    .receive_timeout = DEFAULT_RECEIVE,
	    .drain_timeout = DEFAULT_DRAIN,
	};
	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		int rc = take(o, option, optarg);

		if (rc >= 0)
			return rc;
	}
	if (optind < argc)
		return usage("unexpected argument", argv[optind]);
	return -1;
}
