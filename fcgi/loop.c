#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "idle_sweep.h"
#include "log.h"
#include "request_run.h"
#include "worker.h"

#define MILLISECOND ((int64_t)1000000)
#define SECOND	    (1000 * MILLISECOND)

/* How often times are looked at. */
#define TICK	   (1000 * MILLISECOND)
#define TICK_DRAIN (10 * MILLISECOND)
#define TICK_CREW  MILLISECOND

/* Pause of accepting when descriptors have run out, and between complaints. */
#define PAUSE	 (100 * MILLISECOND)
#define COMPLAIN (10 * SECOND)

struct loop {
	struct server *server;
	struct worker *workers[OPTIONS_MAX_WORKERS];
	unsigned workers_n;
	int signals;
	int64_t drain_began; /* 0: not draining */
	int64_t complained;
	int64_t resume_at; /* when paused listeners are tried; 0: none */
	int64_t sweep_at;
	bool hurry; /* told twice to end */
};

static void
stop_workers(struct loop *l)
{
	uint64_t one = 1;

	if (write(l->server->quit, &one, sizeof(one)) != sizeof(one))
		abort(); /* an eventfd at 0 always takes a 1 */
	worker_pool_dismiss(&l->server->worker_pool);
	for (unsigned i = 0; i < l->workers_n; i++)
		worker_join(l->workers[i]);
	l->workers_n = 0;
}

static enum bw_err
start_workers(struct loop *l, struct bw_error *e)
{
	while (l->workers_n < l->server->options->workers) {
		enum bw_err err = worker_start(
		    &l->workers[l->workers_n], l->server, l->workers_n, e);

		if (err != BW_OK) {
			stop_workers(l);
			return err;
		}
		l->workers_n++;
	}
	return BW_OK;
}

static void
reload(struct loop *l)
{
	struct bw_error e = {0};

	if (log_reopen(&e) != BW_OK)
		log_event(LOG_LEVEL_ERROR, "log", "%s", e.msg);
	live_config_reload(l->server->live_config);
}

/*
 * What waits in the queue of a socket of our own came before the end; the
 * queue of an inherited one is for our successor.
 */
static void
take_queue(struct server *s, struct listener *l)
{
	int fd;

	while ((fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct connection *c = worker_admit(s, l, fd);

		if (c == NULL)
			continue;
		connection_lend(c); /* workers wait for it from now on */
		if (server_watch(s, c))
			connection_unhold(c);
		else
			connection_close(&s->connections, c, false);
	}
}

static void
begin_drain(struct loop *l)
{
	struct server *s = l->server;

	if (l->drain_began != 0) {
		l->hurry = true;
		return;
	}
	l->drain_began = bw_monotonic_ns();
	l->sweep_at = l->drain_began;
	log_event(LOG_LEVEL_INFO, "drain",
	    "ending: %u connections are open, running requests have %u s",
	    atomic_load(&s->connections.open), s->options->drain_timeout);
	atomic_store(&s->phase, SERVER_DRAINS);
	listeners_unlink(&s->listeners);
	for (size_t i = 0; i < s->listeners.n; i++) {
		if (s->listeners.at[i].own)
			take_queue(s, &s->listeners.at[i]);
	}
	listeners_shutdown(&s->listeners);
}

/* A worker found that a listener gives no connection. */
static void
note_pause(struct loop *l, int64_t now)
{
	struct server *s = l->server;
	int err = atomic_exchange(&s->accept_errno, 0);

	if (err == 0 || l->drain_began != 0)
		return;
	l->resume_at = now + PAUSE;
	if (l->complained != 0 && now - l->complained < COMPLAIN)
		return;
	l->complained = now;
	log_event(LOG_LEVEL_ERROR, "accept",
	    "no connection can be accepted, trying again: %s (%u are open)",
	    strerror(err), atomic_load(&s->connections.open));
}

static void
resume_listeners(struct loop *l)
{
	struct server *s = l->server;

	l->resume_at = 0;
	for (size_t i = 0; i < s->listeners.n; i++) {
		if (atomic_exchange(&s->listeners.at[i].paused, false))
			server_arm(s, i);
	}
}

static void
take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(l);
		else
			begin_drain(l);
	}
}

/* The next thing to do at a time; -1 when there is no connection at all. */
static int64_t
wait_time(struct loop *l, int64_t now)
{
	struct server *s = l->server;
	int64_t next = l->sweep_at;

	if (worker_pool_look(&s->worker_pool))
		return TICK_CREW;
	if (l->resume_at != 0 && l->resume_at < next)
		next = l->resume_at;
	if (l->drain_began == 0 && l->resume_at == 0) {
		atomic_store(&s->asleep, true);
		if (atomic_load(&s->connections.open) == 0)
			return -1;
		atomic_store(&s->asleep, false);
	}
	return next > now ? next - now : 0;
}

static void
wait_for_something(struct loop *l)
{
	struct pollfd p[] = {
	    {.fd = l->signals, .events = POLLIN},
	    {.fd = l->server->wake, .events = POLLIN},
	};
	int64_t time = wait_time(l, bw_monotonic_ns());
	uint64_t woken;

	if (time > 0) /* rounded up, or it would wake early and spin */
		time = (time + MILLISECOND - 1) / MILLISECOND;
	(void)poll(p, 2, (int)time);
	atomic_store(&l->server->asleep, false);
	if (p[1].revents & POLLIN) {
		ssize_t ignored = read(l->server->wake, &woken, sizeof(woken));

		(void)ignored;
	}
	if (p[0].revents & POLLIN)
		take_signals(l);
}

/* Is there nothing left to do, or no time left to do it? */
static bool
is_drained(struct loop *l, int64_t now)
{
	struct server *s = l->server;
	int64_t limit = (int64_t)s->options->drain_timeout * SECOND;

	if (now - l->drain_began >= SERVER_LINGER_NS)
		atomic_store(&s->phase, SERVER_ENDS);
	return atomic_load(&s->connections.open) == 0 ||
	       now - l->drain_began >= limit || l->hurry;
}

static int
finish(struct loop *l)
{
	unsigned left = atomic_load(&l->server->connections.open);

	if (left > 0) {
		log_event(LOG_LEVEL_ERROR, "stop",
		    "ended with %u connections still open", left);
		/* Workers may be in the middle of anything. */
		_exit(bw_err_exit(BW_ERR_DEADLINE));
	}
	stop_workers(l);
	log_event(LOG_LEVEL_INFO, "stop", "all requests are answered");
	return 0;
}

static void
serve_until_drained(struct loop *l)
{
	for (;;) {
		int64_t now;

		wait_for_something(l);
		now = bw_monotonic_ns();
		note_pause(l, now);
		if (l->resume_at != 0 && now >= l->resume_at)
			resume_listeners(l);
		if (l->drain_began != 0 && is_drained(l, now))
			return;
		if (now >= l->sweep_at) {
			idle_sweep(l->server, now);
			l->sweep_at =
			    now + (l->drain_began != 0 ? TICK_DRAIN : TICK);
		}
	}
}

int
loop_run(struct server *s, const sigset_t *signals)
{
	struct loop l = {.server = s};
	struct bw_error e = {0};
	enum bw_err err;
	int rc;

	l.signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l.signals < 0) {
		log_event(
		    LOG_LEVEL_ERROR, "start", "signalfd: %s", strerror(errno));
		return bw_err_exit(BW_ERR_IO);
	}
	err = start_workers(&l, &e);
	if (err != BW_OK) {
		log_event(LOG_LEVEL_ERROR, "start", "%s", e.msg);
		rc = bw_err_exit(err);
	} else {
		serve_until_drained(&l);
		rc = finish(&l);
	}
	close(l.signals);
	return rc;
}
