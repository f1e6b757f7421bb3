/*
 * The process that starts programs. It has one thread, and no descriptors but
 * the standard ones and its socket. What it forks are children of the process
 * that asks, as if that had forked them itself (CLONE_PARENT), so the helper
 * has nothing to wait for, and may end without harm to programs that run.
 */
#include <config.h>

#include "os/spawn_helper_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/spawn_helper_message.h"

/* Exit status of a process that could not become the program. */
#define NOT_EXECUTED 127

/* The descriptor of the socket. */
#define SOCKET (STDERR_FILENO + 1)

static void
close_from(int first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	for (long fd = sysconf(_SC_OPEN_MAX) - 1; fd >= first; fd--)
		close((int)fd);
}

/*
 * Close what was inherited: sockets must not stay open here when the other
 * process closes them.
 */
static void
close_inherited(int socket)
{
	int null;

	if (socket != SOCKET && dup3(socket, SOCKET, O_CLOEXEC) < 0)
		_exit(NOT_EXECUTED);
	close_from(SOCKET + 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	close(null);
}

static void
close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

/* Fork a child of our parent. glibc's fork() has no such option. */
static pid_t
fork_sibling(void)
{
	unsigned long flags = CLONE_PARENT | SIGCHLD;

#ifdef __s390__
	return (pid_t)syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
	return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
}

static bool
reply(int fd, pid_t pid, int sys)
{
	const struct bwi_helper_reply r = {pid, sys};

	return write(fd, &r, sizeof(r)) == sizeof(r);
}

static void
reset_signals(void)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, &usual, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* All arguments and variables; NULL with errno set. */
static char *
read_strings(int fd, size_t size)
{
	char *p;
	size_t done = 0;

	if (size == 0 || size > BWI_HELPER_MAX_STRINGS) {
		errno = E2BIG;
		return NULL;
	}
	p = bwi_alloc(size);
	while (p != NULL && done < size) {
		ssize_t n = pread(fd, p + done, size - done, (off_t)done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (p == NULL || (done == size && p[size - 1] == '\0'))
		return p;
	bwi_free(p);
	errno = EINVAL;
	return NULL;
}

/* A list of n strings that follow each other; NULL if they are fewer. */
static char **
list(char **at, const char *end, size_t n)
{
	char **to = bwi_calloc(n + 1, sizeof(*to));
	char *p = *at;

	for (size_t i = 0; to != NULL && i < n; i++) {
		if (p >= end) {
			bwi_free(to);
			errno = EINVAL;
			return NULL;
		}
		to[i] = p;
		p += strlen(p) + 1;
	}
	*at = p;
	return to;
}

/* Returns only if it fails, with errno set. */
static void
execute(const struct bwi_helper_request *r, const int *fds, size_t nfds)
{
	char *p = read_strings(fds[BWI_HELPER_STRINGS], (size_t)r->size);
	const char *end = p != NULL ? p + r->size : NULL;
	char **argv = p != NULL ? list(&p, end, r->argc) : NULL;
	char **env = argv != NULL ? list(&p, end, r->envc) : NULL;

	if (env == NULL)
		return;
	if (r->argc == 0) {
		errno = EINVAL;
		return;
	}
	if (dup2(fds[BWI_HELPER_IN], STDIN_FILENO) < 0 ||
	    dup2(fds[BWI_HELPER_OUT], STDOUT_FILENO) < 0 ||
	    (nfds > BWI_HELPER_ERR &&
		dup2(fds[BWI_HELPER_ERR], STDERR_FILENO) < 0))
		return;
	reset_signals();
	(void)(r->search ? execvpe(argv[0], argv, env)
			 : execve(argv[0], argv, env));
}

/*
 * Reply before setpgid(): until then the process is in the group of the
 * requester, which reaps unknown children of that group.
 */
static _Noreturn void
become_program(const struct bwi_helper_request *r, const int *fds, size_t nfds)
{
	pid_t pid = getpid();

	if (!reply(fds[BWI_HELPER_REPLY], pid, 0))
		_exit(NOT_EXECUTED);
	if (setpgid(0, 0) == 0)
		execute(r, fds, nfds);
	(void)reply(fds[BWI_HELPER_REPLY], pid, errno);
	_exit(NOT_EXECUTED);
}

static _Noreturn void
become_helper(const int *fds)
{
	if (!reply(fds[BWI_HELPER_REPLY], getpid(), 0))
		_exit(NOT_EXECUTED);
	bwi_helper_serve(fds[BWI_HELPER_SOCKET]);
}

static bool
is_complete(const struct bwi_helper_request *r, size_t nfds)
{
	if (r->kind == BWI_HELPER_FORK)
		return nfds == BWI_HELPER_FORK_FDS;
	return r->kind == BWI_HELPER_SPAWN && nfds >= BWI_HELPER_SPAWN_FDS;
}

static void
handle(const struct bwi_helper_request *r, const int *fds, size_t nfds)
{
	pid_t pid;

	/* The requester timed out: it closed the reply pipe. */
	if (bwi_helper_poll(fds[BWI_HELPER_REPLY], 0, 0))
		return;
	pid = fork_sibling();
	if (pid < 0) {
		(void)reply(fds[BWI_HELPER_REPLY], 0, errno);
		return;
	}
	if (pid == 0 && r->kind == BWI_HELPER_FORK)
		become_helper(fds);
	if (pid == 0)
		become_program(r, fds, nfds);
}

void
bwi_helper_serve(int socket)
{
	int fds[BWI_HELPER_MAX_FDS], what;
	struct bwi_helper_request r;
	size_t nfds;
	sigset_t all;

	/* It ends with the other process, not with a signal to their group. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)prctl(PR_SET_NAME, "bwcallback-exec");
	close_inherited(socket);
	while ((what = bwi_helper_receive(SOCKET, &r, fds, &nfds)) != 0) {
		if (what > 0 && is_complete(&r, nfds))
			handle(&r, fds, nfds);
		else if (nfds > 0)
			(void)reply(fds[BWI_HELPER_REPLY], 0, EMFILE);
		close_all(fds, nfds);
	}
	_exit(0);
}
