/*
 * External programs. Threads run them side by side, so nothing here touches
 * what threads share: no signal handler, no environment, no descriptor that
 * another thread's program could inherit.
 *
 * The input lies in a file in memory, whole before the program starts: there
 * is nothing to feed, so a program that does not read cannot block us, and
 * writing can raise no SIGPIPE.
 */
#include <config.h>

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "utf8.h"

/* Of the first line on standard error, what fits into a message. */
#define MAX_LINE 200

/* One read; a pipe holds 64 kB. */
#define CHUNK 16384

/* How often to look whether it ended, where the kernel cannot wake us. */
#define TICK_NS INT64_C(10000000)

#define SECOND_NS INT64_C(1000000000)

struct program {
	const char *name;
	int input;    /* for its standard input */
	int out[2];   /* from its standard output, and its end */
	int err[2];   /* from its standard error, and its end */
	int pidfd;    /* readable when it has ended; -1: look at every tick */
	pid_t pid;    /* 0 until it runs */
	int status;   /* as from waitpid */
	bool ended;   /* it has, and its number is still reserved for it */
	bool heard;   /* line is complete */
	size_t nline; /* first line on standard error */
	char line[MAX_LINE];
	struct bw_error *error;
};

static enum bw_err
failed(const struct program *p, const char *what)
{
	int sys = errno;

	return bw_error_set(p->error, BW_ERR_PROGRAM, sys,
	    "program: %s: %s: %s", p->name, what, strerror(sys));
}

static enum bw_err
late(const struct program *p)
{
	return bw_error_set(p->error, BW_ERR_DEADLINE, 0,
	    "program: %s: not done by its deadline", p->name);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * A FastCGI process may have no standard output or error: a descriptor of
 * ours in their place would be overwritten while the program's are set up.
 */
static bool
lift(int *fd)
{
	int high;

	if (*fd > STDERR_FILENO)
		return true;
	high = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close_fd(fd);
	*fd = high;
	return high >= 0;
}

/* Only our end does not block: the program's is an ordinary pipe. */
static bool
open_pipe(int fd[2])
{
	int flags;

	if (pipe2(fd, O_CLOEXEC) != 0) {
		fd[0] = fd[1] = -1;
		return false;
	}
	if (!lift(&fd[0]) || !lift(&fd[1]))
		return false;
	flags = fcntl(fd[0], F_GETFL);
	return flags >= 0 && fcntl(fd[0], F_SETFL, flags | O_NONBLOCK) == 0;
}

static bool
open_input(struct program *p, struct bw_str input)
{
	size_t done = 0;

	p->input = memfd_create("bwcallback-input", MFD_CLOEXEC);
	if (p->input < 0 || !lift(&p->input))
		return false;
	while (done < input.n) {
		ssize_t n;

		/* The position stays at the beginning, for the program. */
		n = pwrite(
		    p->input, input.p + done, input.n - done, (off_t)done);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

/* posix_spawn's prototype is older than const. */
static char *const *
unqualified(const char *const *list)
{
	union {
		const char *const *in;
		char *const *out;
	} u = {.in = list};

	return u.out;
}

/* Returns an error number, as posix_spawn does. */
static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int sys;

	sigemptyset(&none);
	sigfillset(&all);
	sys = posix_spawnattr_setsigmask(attributes, &none);
	if (sys == 0)
		sys = posix_spawnattr_setsigdefault(attributes, &all);
	if (sys == 0)
		sys = posix_spawnattr_setpgroup(attributes, 0);
	if (sys == 0)
		sys = posix_spawnattr_setflags(
		    attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				    POSIX_SPAWN_SETSIGDEF);
	return sys;
}

static int
set_descriptors(
    const struct program *p, posix_spawn_file_actions_t *descriptors)
{
	int sys;

	sys = posix_spawn_file_actions_adddup2(
	    descriptors, p->input, STDIN_FILENO);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(
		    descriptors, p->out[1], STDOUT_FILENO);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(
		    descriptors, p->err[1], STDERR_FILENO);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	/* Ours close by themselves; this is for what was left open to us. */
	if (sys == 0)
		sys = posix_spawn_file_actions_addclosefrom_np(
		    descriptors, STDERR_FILENO + 1);
#endif
	return sys;
}

static int
spawn(struct program *p, const char *const *argv, const char *const *env)
{
	posix_spawn_file_actions_t descriptors;
	posix_spawnattr_t attributes;
	pid_t pid;
	int sys;

	sys = posix_spawnattr_init(&attributes);
	if (sys != 0)
		return sys;
	sys = posix_spawn_file_actions_init(&descriptors);
	if (sys != 0) {
		posix_spawnattr_destroy(&attributes);
		return sys;
	}
	sys = set_attributes(&attributes);
	if (sys == 0)
		sys = set_descriptors(p, &descriptors);
	if (sys == 0)
		sys = posix_spawn(&pid, argv[0], &descriptors, &attributes,
		    unqualified(argv), unqualified(env));
	if (sys == 0)
		p->pid = pid;
	posix_spawn_file_actions_destroy(&descriptors);
	posix_spawnattr_destroy(&attributes);
	return sys;
}

static int
open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

static enum bw_err
start(struct program *p, const char *const *argv, const char *const *env,
    struct bw_str input)
{
	if (!open_input(p, input))
		return failed(p, "its input");
	if (!open_pipe(p->out) || !open_pipe(p->err))
		return failed(p, "a pipe");
	errno = spawn(p, argv, env);
	if (errno != 0)
		return failed(p, "cannot be started");
	close_fd(&p->input);
	close_fd(&p->out[1]);
	close_fd(&p->err[1]);
	p->pidfd = open_pidfd(p->pid);
	return BW_OK;
}

/* What is there now; sets *fd to -1 at the end of the file. */
static size_t
take(int *fd, char *chunk, size_t size)
{
	ssize_t n;

	do
		n = read(*fd, chunk, size);
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		close_fd(fd);
	return n > 0 ? (size_t)n : 0;
}

/* False when there was nothing to read, or no room for it. */
static bool
take_output(struct program *p, struct bw_buf *out)
{
	char chunk[CHUNK];
	size_t n = take(&p->out[0], chunk, sizeof(chunk));

	if (n > 0)
		bw_buf_add(out, chunk, n);
	return n > 0 && out->err == BW_OK;
}

static void
take_error(struct program *p)
{
	char chunk[CHUNK];
	size_t n = take(&p->err[0], chunk, sizeof(chunk));

	for (size_t i = 0; i < n && !p->heard; i++) {
		if (chunk[i] != '\n')
			p->line[p->nline++] = chunk[i];
		p->heard = (chunk[i] == '\n' && p->nline > 0) ||
			   p->nline == sizeof(p->line);
	}
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND_NS + t.tv_nsec;
}

/* Leaves it a zombie, so that its number stays its own. */
static bool
has_ended(const struct program *p)
{
	siginfo_t info = {0};

	/* Where SIGCHLD is ignored there is no zombie left to find. */
	if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) !=
	    0)
		return errno == ECHILD;
	return info.si_pid == p->pid;
}

/* Wait until something happens, or until the deadline. */
static void
wait_event(struct program *p, int64_t left, struct bw_buf *out)
{
	struct pollfd fds[] = {
	    {.fd = p->out[0], .events = POLLIN},
	    {.fd = p->err[0], .events = POLLIN},
	    {.fd = p->pidfd, .events = POLLIN},
	};
	struct timespec t;

	if (p->pidfd < 0 && left > TICK_NS)
		left = TICK_NS;
	t.tv_sec = (time_t)(left / SECOND_NS);
	t.tv_nsec = (long)(left % SECOND_NS);
	if (ppoll(fds, 3, &t, NULL) < 0)
		return;
	/* First, so that what it wrote before it ended is read after this. */
	if (p->pidfd < 0 || fds[2].revents != 0)
		p->ended = has_ended(p);
	if (fds[0].revents != 0)
		(void)take_output(p, out);
	if (fds[1].revents != 0)
		take_error(p);
}

/*
 * Until it has ended and all it wrote is read. Processes that it left behind
 * may hold the pipes open for as long as they like.
 */
static enum bw_err
attend(struct program *p, int64_t deadline, struct bw_buf *out)
{
	while (!p->ended && out->err == BW_OK) {
		int64_t left = deadline - now();

		if (left <= 0)
			return late(p);
		wait_event(p, left, out);
	}
	while (out->err == BW_OK && p->out[0] >= 0 && take_output(p, out))
		;
	if (!p->heard && p->err[0] >= 0)
		take_error(p);
	if (out->err == BW_ERR_LIMIT)
		return bw_error_set(p->error, BW_ERR_LIMIT, 0,
		    "program: %s: writes more than %zu bytes", p->name,
		    out->max);
	if (out->err != BW_OK)
		return bw_error_set(p->error, out->err, 0, "program: %s: %s",
		    p->name, bw_strerror(out->err));
	return BW_OK;
}

/* The line as text that can stand in a log. */
static void
clean_line(struct program *p)
{
	size_t i = 0;

	while (p->nline > 0 && p->line[p->nline - 1] == '\r')
		p->nline--;
	while (i < p->nline) {
		uint32_t cp;
		size_t n = bwi_utf8_next(p->line + i, p->nline - i, &cp);

		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			n = n > 0 ? n : 1;
			memset(p->line + i, '?', n);
		}
		i += n;
	}
}

static enum bw_err
judge(struct program *p)
{
	bool signaled = WIFSIGNALED(p->status);

	if (WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0)
		return BW_OK;
	clean_line(p);
	return bw_error_set(p->error, BW_ERR_PROGRAM, 0,
	    "program: %s: %s %d%s%.*s", p->name,
	    signaled ? "ended by signal" : "exit status",
	    signaled ? WTERMSIG(p->status) : WEXITSTATUS(p->status),
	    p->nline > 0 ? ": " : "", (int)p->nline, p->line);
}

/* False when its status is lost, because SIGCHLD is ignored. */
static bool
reap(struct program *p)
{
	pid_t pid;

	do
		pid = waitpid(p->pid, &p->status, 0);
	while (pid < 0 && errno == EINTR);
	return pid == p->pid;
}

static enum bw_err
finish(struct program *p, enum bw_err err)
{
	/* Its number is its own until it is reaped, and so is its group's. */
	if (err != BW_OK)
		(void)kill(-p->pid, SIGKILL);
	if (!reap(p))
		return failed(p, "its exit status");
	return err == BW_OK ? judge(p) : err;
}

enum bw_err
bwi_program_run(const char *const *argv, const char *const *env,
    struct bw_str input, int64_t deadline, struct bw_buf *out,
    struct bw_error *error)
{
	struct program p = {
	    .name = argv[0],
	    .input = -1,
	    .out = {-1, -1},
	    .err = {-1, -1},
	    .pidfd = -1,
	    .error = error,
	};
	enum bw_err err;

	if (now() >= deadline)
		return late(&p);
	err = start(&p, argv, env, input);
	if (err == BW_OK)
		err = finish(&p, attend(&p, deadline, out));
	close_fd(&p.input);
	close_fd(&p.pidfd);
	for (int i = 0; i < 2; i++) {
		close_fd(&p.out[i]);
		close_fd(&p.err[i]);
	}
	return err;
}
