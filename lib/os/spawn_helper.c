#include <config.h>

#include "os/spawn_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "os/spawn_helper_message.h"
#include "os/spawn_helper_serve.h"

#define HELPERS 2

/* How often a request is repeated because its helper has ended. */
#define TRIES 3

/* How long a new helper may take. */
#define FORK_NS INT64_C(1000000000)

/*
 * The numbers of the descriptors never change: a new helper's replaces the old
 * one's (dup3), so threads need no lock.
 */
static struct {
	atomic_bool exist;
	int sockets[HELPERS];
	atomic_flag tended; /* a thread looks for helpers that have ended */
	atomic_uint lost;   /* since bw_programs_helpers_lost() */
} helpers = {.tended = ATOMIC_FLAG_INIT};

bool
bwi_spawn_helper_exists(void)
{
	return atomic_load(&helpers.exist);
}

static bool
has_ended(int i)
{
	struct pollfd p = {.fd = helpers.sockets[i]};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

/*
 * Reap exited helpers, and forked processes that could not execute their
 * program. Only these are in our process group: each program has its own.
 */
static void
reap_ended(void)
{
	while (waitpid(0, NULL, WNOHANG) > 0)
		;
}

static void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * Read replies until the process has executed the program, which closes the
 * pipe, or has failed.
 */
static int
wait_for_replies(int from, int64_t deadline, pid_t *pid)
{
	struct bwi_helper_reply r;
	ssize_t n;

	*pid = 0;
	for (;;) {
		if (!bwi_helper_poll(from, POLLIN, deadline))
			return ETIMEDOUT;
		n = read(from, &r, sizeof(r));
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(r))
			return *pid != 0 ? 0 : EPIPE;
		if (r.sys != 0) {
			if (r.pid != 0)
				reap(r.pid);
			*pid = 0;
			return r.sys;
		}
		*pid = r.pid;
	}
}

/* The first descriptor is set here. *pid may be set after ETIMEDOUT, too. */
static int
ask(int socket, const struct bwi_helper_request *r, int *fds, size_t nfds,
    int64_t deadline, pid_t *pid)
{
	int replies[2], sys;

	*pid = 0;
	if (pipe2(replies, O_CLOEXEC) != 0)
		return errno;
	fds[BWI_HELPER_REPLY] = replies[1];
	sys = bwi_helper_send(socket, r, fds, nfds, deadline);
	close(replies[1]);
	if (sys == 0)
		sys = wait_for_replies(replies[0], deadline, pid);
	close(replies[0]);
	return sys;
}

/* Replace a helper that has ended by one that another helper forks. */
static void
replace(int ended, int other)
{
	const struct bwi_helper_request r = {.kind = BWI_HELPER_FORK};
	int64_t deadline = bw_monotonic_ns() + FORK_NS;
	int fds[BWI_HELPER_MAX_FDS], ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return;
	fds[BWI_HELPER_SOCKET] = ends[1];
	/* A helper keeps its reply pipe until it serves. */
	if (ask(helpers.sockets[other], &r, fds, BWI_HELPER_FORK_FDS, deadline,
		&pid) == 0)
		(void)dup3(ends[0], helpers.sockets[ended], O_CLOEXEC);
	close(ends[0]);
	close(ends[1]);
}

/* Look for helpers that have ended, unless another thread does. */
static void
tend(void)
{
	if (atomic_flag_test_and_set(&helpers.tended))
		return;
	for (int i = 0; i < HELPERS; i++) {
		int other = (i + 1) % HELPERS;

		if (!has_ended(i) || has_ended(other))
			continue;
		replace(i, other);
		if (!has_ended(i))
			(void)atomic_fetch_add(&helpers.lost, 1);
	}
	reap_ended();
	atomic_flag_clear(&helpers.tended);
}

static int
choose(void)
{
	for (int i = 0; i < HELPERS; i++) {
		if (!has_ended(i))
			return helpers.sockets[i];
	}
	return -1;
}

static bool
write_all(int fd, const char *p, size_t n, off_t *at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, *at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
		*at += done;
	}
	return true;
}

static bool
write_list(int fd, const char *const *list, off_t *at, uint32_t *n)
{
	for (*n = 0; list[*n] != NULL; (*n)++) {
		if (!write_all(fd, list[*n], strlen(list[*n]) + 1, at))
			return false;
	}
	return true;
}

/* The program's arguments and environment as a memory file; -1 with errno. */
static int
write_strings(const struct bw_process *p, struct bwi_helper_request *r)
{
	const char *const *env = p->env;
	off_t size = 0;
	int fd = memfd_create("bwcallback-strings", MFD_CLOEXEC);
	union {
		char **in;
		const char *const *out;
	} own = {.in = environ};

	if (env == NULL)
		env = own.out;
	if (fd >= 0 && write_list(fd, p->argv, &size, &r->argc) &&
	    write_list(fd, env, &size, &r->envc)) {
		r->size = (uint64_t)size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
ask_any(const struct bwi_helper_request *r, int *fds, size_t nfds,
    int64_t deadline, pid_t *pid)
{
	int sys = EPIPE;

	for (int i = 0; i < TRIES && sys == EPIPE; i++) {
		int socket;

		tend();
		socket = choose();
		if (socket < 0)
			return EPIPE;
		sys = ask(socket, r, fds, nfds, deadline, pid);
	}
	return sys;
}

int
bwi_spawn_helper_ask(
    const struct bw_process *p, const struct bwi_spawn_fds *fds, pid_t *pid)
{
	struct bwi_helper_request r = {
	    .kind = BWI_HELPER_SPAWN, .search = p->search};
	int to[BWI_HELPER_MAX_FDS];
	size_t n = fds->err >= 0 ? BWI_HELPER_MAX_FDS : BWI_HELPER_SPAWN_FDS;
	int sys;

	to[BWI_HELPER_STRINGS] = write_strings(p, &r);
	if (to[BWI_HELPER_STRINGS] < 0)
		return errno;
	to[BWI_HELPER_IN] = fds->in;
	to[BWI_HELPER_OUT] = fds->out;
	to[BWI_HELPER_ERR] = fds->err;
	sys = ask_any(&r, to, n, p->deadline, pid);
	close(to[BWI_HELPER_STRINGS]);
	/*
	 * The process was forked, but too late. Report success: the caller
	 * kills it at its deadline. Set its process group, in case it has not
	 * done so yet.
	 */
	if (sys == ETIMEDOUT && *pid != 0) {
		(void)setpgid(*pid, *pid);
		sys = 0;
	}
	return sys;
}

static enum bw_err
start(int i, struct bw_error *e)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return bw_error_set(e, BW_ERR_IO, errno, "helper: a socket: %s",
		    strerror(errno));
	helpers.sockets[i] = ends[0];
	pid = fork();
	if (pid == 0)
		bwi_helper_serve(ends[1]);
	close(ends[1]);
	if (pid < 0)
		return bw_error_set(e, BW_ERR_IO, errno,
		    "helper: cannot be forked: %s", strerror(errno));
	return BW_OK;
}

enum bw_err
bw_programs_by_helper(struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (int i = 0; i < HELPERS; i++)
		helpers.sockets[i] = -1;
	for (int i = 0; i < HELPERS && err == BW_OK; i++)
		err = start(i, e);
	if (err != BW_OK) {
		bw_programs_end_helpers();
		return err;
	}
	atomic_store(&helpers.exist, true);
	return BW_OK;
}

void
bw_programs_end_helpers(void)
{
	atomic_store(&helpers.exist, false);
	for (int i = 0; i < HELPERS; i++) {
		if (helpers.sockets[i] > STDERR_FILENO)
			close(helpers.sockets[i]);
		helpers.sockets[i] = -1;
	}
}

bool
bw_programs_helpers_lost(struct bw_error *e)
{
	unsigned n;

	if (!bwi_spawn_helper_exists())
		return false;
	tend();
	n = atomic_exchange(&helpers.lost, 0);
	if (n > 0)
		(void)bw_error_set(e, BW_ERR_PROGRAM, 0,
		    "%u processes that start programs have ended, and others "
		    "have taken their places",
		    n);
	return n > 0;
}
