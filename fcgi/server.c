#include "server.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bwcallback/tools/operation.h>

static enum bw_err
failed(struct bw_error *e, const char *what)
{
	return bw_error_set(
	    e, BW_ERR_IO, errno, "server: %s: %s", what, strerror(errno));
}

static unsigned
connection_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) < 0 ||
	    rl.rlim_cur > SERVER_MAX_CONNECTIONS)
		return SERVER_MAX_CONNECTIONS;
	return (unsigned)rl.rlim_cur;
}

static enum bw_err
watch_first(struct server *s, struct bw_error *e)
{
	struct epoll_event ev = {
	    .events = EPOLLIN, .data.u64 = SERVER_TAG_QUIT};

	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->quit, &ev) < 0)
		return failed(e, "epoll");
	for (size_t i = 0; i < s->listeners.n; i++) {
		ev.events = EPOLLIN | EPOLLONESHOT;
		ev.data.u64 = SERVER_TAG_LISTEN + i;
		if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listeners.at[i].fd,
			&ev) < 0)
			return failed(e, "epoll");
	}
	return BW_OK;
}

/* For <metrics>. */
static void
report_load(void *arg, struct bw_operation_load *l)
{
	struct server *s = arg;
	unsigned resting = atomic_load(&s->resting),
		 open = atomic_load(&s->connections.open),
		 idle = connections_idle(&s->connections);

	l->workers = atomic_load(&s->workers);
	l->workers_busy = l->workers > resting ? l->workers - resting : 0;
	l->connections = open;
	l->connections_idle = idle < open ? idle : open;
}

enum bw_err
server_init(struct server *s, const struct options *o,
    struct live_config *live_config, struct bw_error *e)
{
	enum bw_err err;

	s->options = o;
	s->live_config = live_config;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->quit = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->epoll < 0 || s->quit < 0 || s->wake < 0)
		return failed(e, "epoll");
	err = tasks_init(&s->tasks, s, e);
	if (err == BW_OK)
		err = connections_init(&s->connections, connection_limit(), e);
	bw_operation_set_load(report_load, s);
	return err == BW_OK ? watch_first(s, e) : err;
}

void
server_free(struct server *s)
{
	bw_operation_set_load(NULL, NULL);
	connections_free(&s->connections);
	tasks_free(&s->tasks);
	if (s->epoll >= 0)
		close(s->epoll);
	if (s->quit >= 0)
		close(s->quit);
	if (s->wake >= 0)
		close(s->wake);
}

void
server_arm(struct server *s, size_t listener)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT,
	    .data.u64 = SERVER_TAG_LISTEN + listener};

	if (atomic_load(&s->phase) == SERVER_SERVES)
		(void)epoll_ctl(
		    s->epoll, EPOLL_CTL_MOD, s->listeners.at[listener].fd, &ev);
}

/*
 * Edge-triggered: each arrival wakes one worker, and bytes that are already
 * there wake no other. So watching needs no system call after each request, and
 * an incomplete request costs nothing while waiting for the rest.
 */
bool
server_watch(struct server *s, struct connection *c)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
	    .data.u64 = connection_tag(&s->connections, c)};
	int fd = connection_fd(&s->connections, c);

	c->watched = epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
	return c->watched;
}

bool
server_watch_again(struct server *s, struct connection *c)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
	    .data.u64 = connection_tag(&s->connections, c)};
	int fd = connection_fd(&s->connections, c);

	do {
		if (epoll_ctl(s->epoll, EPOLL_CTL_MOD, fd, &ev) != 0)
			return false;
	} while (!connection_release(c));
	return true;
}

void
server_wake(struct server *s)
{
	uint64_t one = 1;
	ssize_t ignored = write(s->wake, &one, sizeof(one));

	(void)ignored;
}

void
server_wake_before(struct server *s, int64_t when)
{
	if (when < atomic_load(&s->wakes_at))
		server_wake(s);
}
