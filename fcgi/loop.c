#include <config.h>

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
#include <bwcallback/tools/parked.h>
#include <bwcallback/tools/process.h>

#include "idle_sweep.h"
#include "log.h"
#include "options/responder.h"
#include "worker.h"

#define MILLISECOND ((int64_t)1000000)
#define SECOND	    (1000 * MILLISECOND)

/* Intervals of checking deadlines and of draining. */
#define TICK	   (1000 * MILLISECOND)
#define TICK_DRAIN (10 * MILLISECOND)

/* How long the last answers may take after the drain timeout. */
#define GIVE_UP SECOND

/*
 * Pause before accepting again when descriptors have run out, and between two
 * log lines about it.
 */
#define PAUSE	 (100 * MILLISECOND)
#define COMPLAIN (10 * SECOND)

struct loop {
	struct server *server;
	struct worker *workers[RESPONDER_MAX_WORKERS];
	unsigned workers_n;
	int signals;
	int64_t drain_began; /* 0: not draining */
	int64_t gave_up;     /* when the drain timeout was over; 0: not yet */
	int64_t last_complaint;
	int64_t resume_at; /* when to resume paused listeners; 0: none */
	int64_t sweep_at;
	bool stop_now; /* a second signal to end has arrived */
};

static void
stop_workers(struct loop *l)
{
	uint64_t one = 1;

	if (write(l->server->quit, &one, sizeof(one)) != sizeof(one))
		abort(); /* writing 1 to an eventfd of value 0 cannot fail */
	for (unsigned i = 0; i < l->workers_n; i++)
		worker_join(l->workers[i]);
	l->workers_n = 0;
}

static enum bw_err
start_workers(struct loop *l, struct bw_error *e)
{
	while (l->workers_n < l->server->options->workers) {
		enum bw_err err =
		    worker_start(&l->workers[l->workers_n], l->server, e);

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
 * Accept the connections in the queue of an own socket, which arrived before
 * the end. The queue of an inherited socket is for the next process.
 */
static void
accept_queued(struct server *s, struct listener *l)
{
	int fd;

	while ((fd = accept4(
		    l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct connection *c = worker_admit(s, l, fd);

		if (c == NULL)
			continue;
		connection_hold_busy(c); /* workers spin until it is released */
		if (server_watch(s, c))
			connection_unhold(c);
		else
			connection_close(&s->connections, c);
	}
}

static void
begin_drain(struct loop *l)
{
	struct server *s = l->server;

	if (l->drain_began != 0) {
		l->stop_now = true;
		return;
	}
	l->drain_began = bw_monotonic_ns();
	l->sweep_at = l->drain_began;
	log_event(LOG_LEVEL_INFO, "drain",
	    "draining: %u connections open, %u s for running requests",
	    atomic_load(&s->connections.open), s->options->drain_timeout);
	atomic_store(&s->phase, SERVER_DRAINS);
	bw_callback_end_parts();
	listeners_unlink(&s->listeners);
	for (size_t i = 0; i < s->listeners.n; i++) {
		if (s->listeners.at[i].own)
			accept_queued(s, &s->listeners.at[i]);
	}
	listeners_shutdown(&s->listeners);
}

/* Schedule the retry of a listener whose accept() failed in a worker. */
static void
schedule_resume(struct loop *l, int64_t now)
{
	struct server *s = l->server;
	int err = atomic_exchange(&s->accept_errno, 0);

	if (err == 0 || l->drain_began != 0)
		return;
	l->resume_at = idle_make_room(s, now) ? now : now + PAUSE;
	if (l->last_complaint != 0 && now - l->last_complaint < COMPLAIN)
		return;
	l->last_complaint = now;
	log_event(LOG_LEVEL_ERROR, "accept",
	    "cannot accept connections, will retry: %s (%u are open)",
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
handle_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(l);
		else
			begin_drain(l);
	}
}

/* Nanoseconds until the next timer; -1 if there is no connection. */
static int64_t
wait_time(struct loop *l, int64_t now)
{
	struct server *s = l->server;
	int64_t next =
	    bw_earlier(l->sweep_at, atomic_load(&s->tasks.timers.next));

	if (l->resume_at != 0 && l->resume_at < next)
		next = l->resume_at;
	if (l->drain_began == 0 && l->resume_at == 0) {
		atomic_store(&s->asleep, true);
		if (atomic_load(&s->connections.open) == 0)
			return -1;
		atomic_store(&s->asleep, false);
	}
	atomic_store(&s->wakes_at, next);
	/* A task may have been parked just now, with an earlier deadline. */
	next = bw_earlier(next, atomic_load(&s->tasks.timers.next));
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

	if (time > 0) /* rounded up: otherwise it would wake early and spin */
		time = (time + MILLISECOND - 1) / MILLISECOND;
	(void)poll(p, 2, (int)time);
	atomic_store(&l->server->asleep, false);
	if (p[1].revents & POLLIN) {
		ssize_t ignored = read(l->server->wake, &woken, sizeof(woken));

		(void)ignored;
	}
	if (p[0].revents & POLLIN)
		handle_signals(l);
}

/*
 * Continue the parked requests as if their deadlines had passed. Called
 * repeatedly, because further requests are parked meanwhile.
 */
static void
give_up(struct loop *l, int64_t now)
{
	if (l->gave_up == 0)
		l->gave_up = now;
	atomic_store(&l->server->gives_up, true);
	timers_expire(&l->server->tasks.timers, INT64_MAX);
}

/* Are all connections closed, or is the time up? */
static bool
is_drained(struct loop *l, int64_t now)
{
	struct server *s = l->server;
	int64_t limit = (int64_t)s->options->drain_timeout * SECOND;

	if (now - l->drain_began >= SERVER_LINGER_NS)
		atomic_store(&s->phase, SERVER_ENDS);
	if (atomic_load(&s->connections.open) == 0 || l->stop_now)
		return true;
	if (now - l->drain_began >= limit)
		give_up(l, now);
	return l->gave_up != 0 && now - l->gave_up >= GIVE_UP;
}

static int
finish(struct loop *l)
{
	unsigned left = atomic_load(&l->server->connections.open);

	if (left > 0) {
		log_event(LOG_LEVEL_ERROR, "stop",
		    "drain timeout: ended with %u open connections", left);
		/* Workers may be doing anything: exit without cleanup. */
		_exit(bw_err_exit(BW_ERR_DEADLINE));
	}
	stop_workers(l);
	if (l->gave_up != 0) {
		log_event(LOG_LEVEL_ERROR, "stop",
		    "drain timeout: the last requests were not waited for");
		return bw_err_exit(BW_ERR_DEADLINE);
	}
	log_event(LOG_LEVEL_INFO, "stop", "all requests are answered");
	return 0;
}

static void
log_helpers(void)
{
	struct bw_error e = {0};

	if (bw_programs_helpers_lost(&e))
		log_event(LOG_LEVEL_WARNING, "confine", "%s", e.msg);
}

static void
serve_until_drained(struct loop *l)
{
	for (;;) {
		int64_t now;

		wait_for_something(l);
		now = bw_monotonic_ns();
		timers_expire(&l->server->tasks.timers, now);
		schedule_resume(l, now);
		if (l->resume_at != 0 && now >= l->resume_at)
			resume_listeners(l);
		if (l->drain_began != 0 && is_drained(l, now))
			return;
		if (now >= l->sweep_at) {
			log_helpers();
			idle_sweep(l->server, now);
			l->sweep_at =
			    now + (l->drain_began != 0 ? TICK_DRAIN : TICK);
		}
	}
}

/* Only now: what starts may have failed for want of memory or descriptors. */
static void
log_start(const struct server *s)
{
	for (size_t i = 0; i < s->listeners.n; i++) {
		char name[256];

		listener_name(&s->listeners.at[i], name, sizeof(name));
		log_event(LOG_LEVEL_INFO, "start",
		    "bwcallback.fcgi " VERSION " serves %s on %s, %u workers",
		    s->live_config->file, name, s->options->workers);
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
		log_start(s);
		serve_until_drained(&l);
		rc = finish(&l);
	}
	close(l.signals);
	return rc;
}
