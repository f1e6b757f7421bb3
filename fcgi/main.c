#include <config.h>

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/config.h>
#include <bwcallback/tools/parked.h>
#include <bwcallback/tools/process.h>
#include <fcgiapp.h>

#include "cgi.h"
#include "config_path.h"
#include "confine.h"
#include "log.h"
#include "loop.h"
#include "main.h"
#include "options.h"
#include "responder.h"

/*
 * Requests reuse nearly all memory, so threads seldom contend in malloc(), and
 * each arena costs memory.
 */
#define ARENAS 2

/*
 * Block signals; the main thread reads them from a descriptor. libfcgi takes an
 * interrupted read for the end of a body. Call before another thread starts,
 * and before FCGX_Init() installs handlers.
 */
static void
block_signals(sigset_t *taken)
{
	static const int faults[] = {
	    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	sigemptyset(taken);
	sigaddset(taken, SIGTERM);
	sigaddset(taken, SIGINT);
	sigaddset(taken, SIGUSR1);
	sigaddset(taken, SIGHUP);
}

static int
fail(const struct bw_error *e)
{
	log_event(LOG_LEVEL_ERROR, "start", "%s", e->msg);
	return bw_err_exit(e->code);
}

static int
serve(struct server *s, const struct options *o,
    struct live_config *live_config, const sigset_t *signals)
{
	struct bw_error e = {0};
	enum bw_err err = BW_OK;
	int rc;

	if (FCGX_Init() != 0)
		err = bw_error_set(
		    &e, BW_ERR_INTERNAL, 0, "libfcgi: initialization failed");
	if (err == BW_OK)
		err = responder_test(&s->feeds, &e);
	if (err == BW_OK && !s->feeds)
		log_event(LOG_LEVEL_WARNING, "start",
		    "this libfcgi reads requests by itself: each one costs "
		    "more time");
	if (err == BW_OK)
		err = server_init(s, o, live_config, &e);
	rc = err == BW_OK ? loop_run(s, signals) : fail(&e);
	server_free(s);
	return rc;
}

static int
run_fastcgi(struct server *s, const struct options *o)
{
	struct bw_error e = {0};
	struct live_config live_config;
	sigset_t signals;
	int rc;

	block_signals(&signals);
	if (confine(o, &e) != BW_OK)
		return fail(&e);
	if (live_config_init(&live_config, o->config, &e) == BW_OK)
		rc = serve(s, o, &live_config, &signals);
	else
		rc = fail(&e);
	live_config_free(&live_config);
	bw_programs_end_helpers();
	return rc;
}

static int
no_socket(void)
{
	fputs("bwcallback.fcgi: nothing to serve: descriptor 0 is not a "
	      "listening socket,\n"
	      "and there is no LISTEN_FDS, no --listen and no CGI request.\n"
	      "Try \"bwcallback.fcgi --listen unix:/run/bwcallback.sock\".\n",
	    stderr);
	return bw_err_exit(BW_ERR_USAGE);
}

static int
run(struct server *s, const struct options *o)
{
	struct bw_error e = {0};
	int rc;

	if (log_open(o->log, o->log_format, &e) != BW_OK ||
	    listeners_open(&s->listeners, o, &e) != BW_OK) {
		fprintf(stderr, "bwcallback.fcgi: %s\n", e.msg);
		rc = bw_err_exit(e.code);
	} else if (s->listeners.n > 0) {
		rc = run_fastcgi(s, o);
	} else if (cgi_is_request()) {
		rc = cgi_run(o);
	} else {
		rc = no_socket();
	}
	listeners_close(&s->listeners);
	log_close();
	return rc;
}

/*
 * If the program was started without some of descriptors 0 to 2, open /dev/null
 * for them. Otherwise a file or socket would get such a number, and receive
 * lines for standard error.
 */
static void
fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
fcgi_main(int argc, char **argv)
{
	static struct server server = {.epoll = -1, .quit = -1, .wake = -1};
	struct options o;
	char room[CONFIG_PATH_MAX];
	int rc;

	fill_standard_descriptors();
	rc = options_parse(&o, cgi_has_foreign_arguments() ? 1 : argc, argv);
	if (rc >= 0)
		return rc;
	bw_config_overlay(o.overlay);
	if (o.check != NULL)
		return live_config_check(o.check);
	if (o.config == NULL)
		o.config = config_path_find(room);
	/*
	 * If it was ignored at start, exit statuses of programs would be lost.
	 */
	signal(SIGCHLD, SIG_DFL);
	mallopt(M_ARENA_MAX, ARENAS);
	bw_programs_limit(o.programs);
	return run(&server, &o);
}

/* Weak: the single-file program has its own main(). */
__attribute__((weak)) int
main(int argc, char **argv)
{
	return fcgi_main(argc, argv);
}
