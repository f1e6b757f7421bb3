/* bwcallback dev: a flow behind a web server on this machine. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/graph.h>
#include <bwcallback/tools/hash.h>

#include "cli/common/command.h"
#include "cli/common/findings.h"
#include "cli/common/terminal.h"
#include "cli/dev/dev_child.h"
#include "cli/dev/dev_room.h"

#define LOOK_MS	  300 /* between looks at the files */
#define MAX_PORTS 5   /* tried, when another program takes one first */

struct dev {
	const char *flow;
	struct dev_room room;
	struct dev_child responder, server;
	char inspector[1024]; /* its path */
	uint64_t seen;	      /* hash of when the files were written */
	off_t logged;	      /* bytes of the log before the responder */
	bool unserved;	      /* the responder has ended: its flow is broken */
	bool over;	      /* a signal has come */
};

/* Report what check finds. false: the flow cannot be served. */
static bool
check(struct dev *d)
{
	struct findings found = {0};
	const struct bw_reporter to = {findings_take, &found};
	struct bw_error e = {0};
	struct bw_graph *g = NULL;
	struct bw_section s;
	bool good = bw_graph_load(d->flow, &g, &to, &e) == BW_OK;

	if (!good && found.errors == 0)
		terminal_complain("%s", e.msg);
	/* Errors of the calls are only reported: others of the flow may work.
	 */
	if (good && bw_graph_check(g, BW_SERVER_NGINX, &to, &e) != BW_OK &&
	    found.errors == 0)
		terminal_complain("%s", e.msg);
	for (size_t i = 0; good && bw_config_section(bw_graph_config(g), i, &s);
	     i++) {
		if (strcmp(s.element, "inspector") == 0)
			(void)snprintf(d->inspector, sizeof(d->inspector),
			    "%.*s%.*s", (int)s.mount.n,
			    s.mount.n > 0 ? s.mount.p : "", (int)s.path.n,
			    s.path.p);
	}
	findings_print(&found, false);
	findings_free(&found);
	(void)fflush(stdout);
	bw_graph_free(g);
	return good;
}

static bool
is_xml(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".xml") == 0;
}

static uint64_t
add_file(uint64_t hash, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return bw_hash_byte(hash, 0);
	return bw_hash_str(
	    bw_hash_str(hash,
		(struct bw_str){(const char *)&st.st_mtim, sizeof(st.st_mtim)}),
	    (struct bw_str){(const char *)&st.st_ino, sizeof(st.st_ino)});
}

/*
 * Hash the modification times of the flow and of the files it may include. The
 * responder itself watches the files that are not XML.
 */
static uint64_t
look(const struct dev *d)
{
	uint64_t hash = add_file(BW_HASH_START, d->flow);
	const char *slash = strrchr(d->flow, '/');
	char folder[PATH_MAX], path[2 * PATH_MAX];
	const struct dirent *entry;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%.*s",
	    slash != NULL ? (int)(slash - d->flow) + 1 : 2,
	    slash != NULL ? d->flow : "./");
	dir = opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!is_xml(entry->d_name))
			continue;
		(void)snprintf(
		    path, sizeof(path), "%s%s", folder, entry->d_name);
		hash = add_file(hash, path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return hash;
}

/*
 * Extend PATH by our own folder, which has the responder, and by those of
 * nginx.
 */
static void
extend_path(void)
{
	const char *old = getenv("PATH");
	char own[PATH_MAX], *all = NULL, *slash;
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	own[n > 0 ? n : 0] = '\0';
	slash = strrchr(own, '/');
	if (slash != NULL)
		*slash = '\0';
	if (asprintf(&all, "%s:%s:/usr/sbin:/usr/local/sbin",
		old != NULL ? old : "/usr/bin:/bin", own) > 0)
		(void)setenv("PATH", all, 1);
	free(all);
}

static enum bw_err
start_responder(struct dev *d, struct bw_error *e)
{
	static const char *argv[] = {"bwcallback.fcgi", "--config", NULL,
	    "--overlay", NULL, "--listen", NULL, "--log", NULL,
	    "--drain-timeout", "1", NULL};
	struct stat st;

	d->logged = stat(d->room.log, &st) == 0 ? st.st_size : 0;
	d->unserved = false;
	argv[2] = d->flow;
	argv[4] = d->room.overlay;
	argv[6] = d->room.listen;
	argv[8] = d->room.log;
	return dev_child_start(&d->responder, argv, e);
}

static enum bw_err
start_server(struct dev *d, struct bw_error *e)
{
	static const char *argv[] = {"nginx", "-p", NULL, "-c", NULL, NULL};

	argv[2] = d->room.folder;
	argv[4] = d->room.nginx;
	return dev_child_start(&d->server, argv, e);
}

/*
 * Does the responder serve? Its socket takes connections before it has read the
 * flow, which could change meanwhile.
 */
static bool
responder_is_up(const struct dev *d)
{
	FILE *log = fopen(d->room.log, "re");
	char *line = NULL;
	size_t size = 0;
	bool up = false;

	if (log == NULL)
		return false;
	if (fseeko(log, d->logged, SEEK_SET) == 0) {
		while (!up && getline(&line, &size, log) > 0)
			up = strstr(line, " level=info event=start ") != NULL;
	}
	free(line);
	(void)fclose(log);
	return up;
}

/*
 * Do both serve? For nginx look at its pid file: another program may answer at
 * the port.
 */
static bool
is_up(const struct dev *d)
{
	return access(d->room.nginx_pid, F_OK) == 0 && responder_is_up(d);
}

static bool
has_ended(struct dev *d)
{
	return atomic_load(&d->responder.ended) ||
	       atomic_load(&d->server.ended);
}

/* Wait for a signal to end us, at most so many milliseconds. */
static bool
is_over(struct dev *d, const sigset_t *signals, long ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	if (!d->over)
		d->over = sigtimedwait(signals, NULL, &t) > 0;
	return d->over;
}

/* false: one of the servers has ended, or a signal has come. */
static bool
wait_until_up(struct dev *d, const sigset_t *signals)
{
	while (!is_up(d)) {
		if (has_ended(d) || is_over(d, signals, 20))
			return false;
	}
	return true;
}

static void
print_address(const struct dev *d)
{
	printf("\n  http://%s:%s@127.0.0.1:%d%s/play\n\n"
	       "plays calls; the user is %s, the password %s. Callbacks go to "
	       "http://127.0.0.1:%d. Ctrl-C ends it, and what was stored is "
	       "gone.\n",
	    DEV_USER, d->room.password, d->room.port, d->inspector, DEV_USER,
	    d->room.password, d->room.port);
	(void)fflush(stdout);
}

/* Serve the changed flow, or go on with the one before. */
static enum bw_err
reload(struct dev *d, const sigset_t *signals, struct bw_error *e)
{
	enum bw_err err;

	d->seen = look(d);
	if (!check(d)) {
		d->unserved = atomic_load(&d->responder.ended);
		puts(d->unserved ? "dev: nothing is served until it is mended"
				 : "dev: the flow before this change is still "
				   "served");
		(void)fflush(stdout);
		return BW_OK;
	}
	dev_child_stop(&d->responder);
	err = start_responder(d, e);
	if (err == BW_OK && wait_until_up(d, signals))
		puts("dev: the changed flow is served");
	(void)fflush(stdout);
	return err;
}

static enum bw_err
say_ended(struct dev *d, struct bw_error *e)
{
	bool server = atomic_load(&d->server.ended);
	struct dev_child *c = server ? &d->server : &d->responder;

	dev_child_stop(c);
	return bw_error_set(e, BW_ERR_PROGRAM, c->why.sys, "dev: %s: %s",
	    server ? "nginx" : "bwcallback.fcgi",
	    c->why.msg[0] != '\0' ? c->why.msg : "it ended");
}

/* Has nginx ended because another program took the port first? */
static bool
lost_port(struct dev *d)
{
	return atomic_load(&d->server.ended) && dev_room_port_taken(&d->room);
}

/*
 * Start both servers. BW_OK with *up false: a signal came, or one of them has
 * ended.
 */
static enum bw_err
start(struct dev *d, const sigset_t *signals, bool *up, struct bw_error *e)
{
	enum bw_err err = start_responder(d, e);

	*up = false;
	for (int i = 0; err == BW_OK && i < MAX_PORTS; i++) {
		dev_child_stop(&d->server);
		err = dev_room_choose_port(&d->room, e);
		if (err == BW_OK)
			err = start_server(d, e);
		if (err != BW_OK)
			break;
		*up = wait_until_up(d, signals);
		if (*up || !lost_port(d))
			break;
	}
	return err;
}

static enum bw_err
serve(struct dev *d, const sigset_t *signals, struct bw_error *e)
{
	bool up;
	enum bw_err err = start(d, signals, &up, e);

	if (err != BW_OK)
		return err;
	if (!up)
		return has_ended(d) ? say_ended(d, e) : BW_OK;
	print_address(d);
	while (err == BW_OK && !is_over(d, signals, LOOK_MS)) {
		/*
		 * The responder exits if the flow was broken after we checked
		 * it.
		 */
		if (look(d) != d->seen)
			err = reload(d, signals, e);
		else if (atomic_load(&d->server.ended) ||
			 (atomic_load(&d->responder.ended) && !d->unserved))
			return say_ended(d, e);
	}
	return err;
}

static enum bw_err
run_flow(const char *flow, struct bw_error *e)
{
	struct dev d = {.flow = flow};
	sigset_t signals;
	enum bw_err err;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	extend_path();
	err = dev_room_make(&d.room, e);
	if (err == BW_OK) {
		bw_config_overlay(d.room.overlay);
		d.seen = look(&d);
		err = check(&d) ? serve(&d, &signals, e)
				: bw_error_set(e, BW_ERR_CONFIG, 0,
				      "dev: %s cannot be served", flow);
	}
	dev_child_stop(&d.server);
	dev_child_stop(&d.responder);
	bw_config_overlay(NULL);
	dev_room_remove(&d.room);
	return err;
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct option_rest rest;
	struct bw_error e = {0};
	const char *flow;
	enum bw_err err;
	int status = command_parse(c, argc, argv, NULL, NULL, &rest);

	if (status >= 0)
		return status;
	flow = rest.argc > 0 ? rest.argv[0] : command_config();
	if (flow == NULL)
		return command_refuse_config(c, "FLOW");
	err = run_flow(flow, &e);
	if (err != BW_OK)
		terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

const struct command command_dev = {
    .name = "dev",
    .summary = "serve a flow on this machine, with pages and a telephone",
    .usage = "[FLOW]",
    .about =
	"Serves a configuration behind nginx at a free port of this machine, "
	"with a temporary store, and prints the address of its pages: events, "
	"the flow, a telephone. When a file is saved, prints what \"bwcallback "
	"check\" finds, and serves the changed flow. Ends with Ctrl-C.",
    .most = 1,
    .takes_files = true,
    .examples = "bwcallback dev shop/callbacks.xml",
    .run = run,
};
