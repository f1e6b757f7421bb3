/*
 * Starts external programs, reads their output and ends them, without waiting.
 * Threads may run programs concurrently, so this file changes no process-wide
 * state: no signal handlers, no environment, no descriptor that a program of
 * another thread could inherit.
 *
 * The input is written to a memory file before the program starts. So a program
 * that does not read its input cannot block us, and no write can raise SIGPIPE.
 */
#include <config.h>

#include "os/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/utf8.h"
#include "os/process_said.h"
#include "os/process_spawn.h"

/* Capacity of a pipe, and size of one read. */
#define PIPE  65536
#define CHUNK 16384

/* Killed programs that are reaped later. */
#define MAX_DYING 256

static enum bw_err
system_error(const struct bwi_program *p, const char *what)
{
	int sys = errno;

	return bw_error_set(p->error, BW_ERR_PROGRAM, sys,
	    "program: %s: %s: %s", p->name, what, strerror(sys));
}

enum bw_err
bwi_program_late(const struct bwi_program *p)
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
 * A FastCGI process may run without standard output or error. A descriptor of
 * ours with such a number would be overwritten while the program's standard
 * descriptors are set up.
 */
static bool
move_above_stderr(int *fd)
{
	int high;

	if (*fd > STDERR_FILENO)
		return true;
	high = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close_fd(fd);
	*fd = high;
	return high >= 0;
}

/* Only our end is non-blocking: the program gets an ordinary pipe. */
static bool
open_pipe(int fd[2])
{
	int flags;

	if (pipe2(fd, O_CLOEXEC) != 0) {
		fd[0] = fd[1] = -1;
		return false;
	}
	if (!move_above_stderr(&fd[0]) || !move_above_stderr(&fd[1]))
		return false;
	flags = fcntl(fd[0], F_GETFL);
	return flags >= 0 && fcntl(fd[0], F_SETFL, flags | O_NONBLOCK) == 0;
}

static bool
open_input(struct bwi_program *p, struct bw_str input)
{
	size_t done = 0;

	p->input = memfd_create("bwcallback-input", MFD_CLOEXEC);
	if (p->input < 0 || !move_above_stderr(&p->input))
		return false;
	/* pwrite leaves the position at the start, for the program. */
	while (done < input.n) {
		ssize_t n = pwrite(
		    p->input, input.p + done, input.n - done, (off_t)done);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
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

/* Opens pipes for standard output and error, unless they are inherited. */
static bool
open_outputs(struct bwi_program *p)
{
	bool out = p->o->out != NULL;
	bool err = out || p->o->said != NULL;

	return (!out || open_pipe(p->out)) && (!err || open_pipe(p->err));
}

/* Programs that were killed and had not ended yet. Until they are reaped,
 * their pids are not reused. */
static struct {
	pthread_mutex_t lock;
	pid_t pids[MAX_DYING];
	size_t n;
} dying = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
reap_dying(void)
{
	size_t left = 0;

	(void)pthread_mutex_lock(&dying.lock);
	for (size_t i = 0; i < dying.n; i++) {
		if (waitpid(dying.pids[i], NULL, WNOHANG) == 0)
			dying.pids[left++] = dying.pids[i];
	}
	dying.n = left;
	(void)pthread_mutex_unlock(&dying.lock);
}

/* False: there are too many, so this one must be waited for. */
static bool
reap_later(pid_t pid)
{
	bool room;

	(void)pthread_mutex_lock(&dying.lock);
	room = dying.n < MAX_DYING;
	if (room)
		dying.pids[dying.n++] = pid;
	(void)pthread_mutex_unlock(&dying.lock);
	return room;
}

static enum bw_err
start(struct bwi_program *p)
{
	struct bwi_spawn_fds fds;

	reap_dying();
	if (bwi_spawn_loses_status()) {
		errno = ECHILD;
		return bw_error_set(p->error, BW_ERR_PROGRAM, errno,
		    "program: %s: not started: SIGCHLD is ignored, so its exit "
		    "status would be lost; set it to SIG_DFL",
		    p->name);
	}
	if (!open_input(p, p->o->input))
		return system_error(p, "its input");
	if (!open_outputs(p))
		return system_error(p, "a pipe");
	fds = (struct bwi_spawn_fds){
	    p->input, p->o->out != NULL ? p->out[1] : p->o->output, p->err[1]};
	errno = bwi_spawn(p->o, &fds, &p->pid);
	if (errno == EPIPE)
		return bw_error_set(p->error, BW_ERR_PROGRAM, errno,
		    "program: %s: not started: the processes that start "
		    "programs have ended; restart the responder",
		    p->name);
	if (errno != 0)
		return system_error(p, "cannot be started");
	close_fd(&p->input);
	close_fd(&p->out[1]);
	close_fd(&p->err[1]);
	p->pidfd = open_pidfd(p->pid);
	return BW_OK;
}

enum bw_err
bwi_program_start(
    struct bwi_program *p, const struct bw_process *o, struct bw_error *error)
{
	*p = (struct bwi_program){
	    .o = o,
	    .name = o->argv[0],
	    .input = -1,
	    .out = {-1, -1},
	    .err = {-1, -1},
	    .pidfd = -1,
	    .error = error,
	};
	return bw_monotonic_ns() < o->deadline ? start(p) : bwi_program_late(p);
}

/* Reads what is available; sets *fd to -1 at the end of the file. */
static size_t
read_available(int *fd, char *chunk, size_t size)
{
	ssize_t n;

	do
		n = read(*fd, chunk, size);
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		close_fd(fd);
	return n > 0 ? (size_t)n : 0;
}

/* False when nothing was available, or the buffer failed. */
static bool
read_output(struct bwi_program *p)
{
	struct bw_buf *out = p->o->out;
	char chunk[CHUNK];
	size_t n = read_available(&p->out[0], chunk, sizeof(chunk));

	if (n > 0)
		bw_buf_add(out, chunk, n);
	return n > 0 && out->err == BW_OK;
}

/*
 * Copy output to our standard error. Drop what would block: waiting for its
 * reader would suspend the program's time limit.
 */
static void
pass_on(const char *s, size_t n)
{
	while (n > 0) {
		struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
		ssize_t done;

		if (poll(&out, 1, 0) <= 0 || (out.revents & POLLOUT) == 0)
			return;
		done = write(STDERR_FILENO, s, n < PIPE_BUF ? n : PIPE_BUF);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		s += done;
		n -= (size_t)done;
	}
}

/* False when nothing was available. */
static bool
read_error(struct bwi_program *p)
{
	char chunk[CHUNK];
	size_t n = read_available(&p->err[0], chunk, sizeof(chunk));

	if (p->o->said != NULL) {
		bwi_process_said_add(p->o->said, chunk, n);
		if (p->o->out == NULL)
			pass_on(chunk, n);
		return n > 0;
	}
	for (size_t i = 0; i < n && !p->line_complete; i++) {
		if (chunk[i] != '\n')
			p->line[p->nline++] = chunk[i];
		p->line_complete = (chunk[i] == '\n' && p->nline > 0) ||
				   p->nline == sizeof(p->line);
	}
	return n > 0;
}

/* Checks for the exit without reaping, so that the pid stays reserved. */
static void
check_ended(struct bwi_program *p)
{
	siginfo_t info = {0};
	int r;

	r = waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	p->lost = r != 0 && errno == ECHILD;
	p->ended = p->lost || (r == 0 && info.si_pid == p->pid);
}

bool
bwi_program_output_failed(const struct bwi_program *p)
{
	return p->o->out != NULL && p->o->out->err != BW_OK;
}

/*
 * Check the exit first: output written before it is then still read when the
 * program is ended.
 */
void
bwi_program_look(struct bwi_program *p)
{
	check_ended(p);
	if (p->out[0] >= 0)
		(void)read_output(p);
	if (p->err[0] >= 0)
		(void)read_error(p);
}

/* Read at most one full pipe: a background process may write without end. */
static void
read_last_lines(struct bwi_program *p)
{
	for (int i = 0; i <= PIPE / CHUNK && p->err[0] >= 0; i++) {
		if (!read_error(p))
			break;
	}
	bwi_process_said_finish(p->o->said);
}

/* Read what is left in the pipes after the exit, or after an output error. */
static enum bw_err
read_rest(struct bwi_program *p)
{
	const struct bw_buf *out = p->o->out;

	if (p->o->said != NULL)
		read_last_lines(p);
	if (out == NULL)
		return BW_OK;
	while (out->err == BW_OK && p->out[0] >= 0 && read_output(p))
		;
	if (p->o->said == NULL && !p->line_complete && p->err[0] >= 0)
		(void)read_error(p);
	if (out->err == BW_ERR_LIMIT)
		return bw_error_set(p->error, BW_ERR_LIMIT, 0,
		    "program: %s: writes more than %zu bytes", p->name,
		    out->max);
	if (out->err != BW_OK)
		return bw_error_set(p->error, out->err, 0, "program: %s: %s",
		    p->name, bw_strerror(out->err));
	return BW_OK;
}

/* Replace control characters and invalid UTF-8, for the log. */
static void
clean_line(struct bwi_program *p)
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

/*
 * The line that becomes part of the error: the first one, or the last one if
 * these are kept, since that of many languages names the error.
 */
static void
choose_line(struct bwi_program *p)
{
	const struct bw_process_said *said =
	    p->o->out != NULL ? p->o->said : NULL;
	size_t begin, n = said != NULL ? said->n : 0;

	if (said == NULL) {
		clean_line(p);
		return;
	}
	for (begin = n; begin > 0 && said->text[begin - 1] != '\n';)
		begin--;
	p->nline = (size_t)bwi_utf8_shown(
	    (struct bw_str){said->text + begin, n - begin}, sizeof(p->line));
	memcpy(p->line, said->text + begin, p->nline);
}

static enum bw_err
result_error(struct bwi_program *p, const struct bw_process_result *r)
{
	bool signaled = r->end == BW_PROCESS_SIGNALED;

	if (r->end == BW_PROCESS_EXITED && r->number == 0)
		return BW_OK;
	choose_line(p);
	return bw_error_set(p->error, BW_ERR_PROGRAM, 0,
	    "program: %s: %s %d%s%.*s", p->name,
	    signaled ? "ended by signal" : "exit status", r->number,
	    p->nline > 0 ? ": " : "", (int)p->nline, p->line);
}

/* Result of the program; BW_PROCESS_UNKNOWN when its status is lost. */
static struct bw_process_result
reap(const struct bwi_program *p)
{
	struct bw_process_result r = {BW_PROCESS_UNKNOWN, 0};
	int status;
	pid_t pid;

	do
		pid = waitpid(p->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid != p->pid)
		return r;
	if (WIFEXITED(status))
		r = (struct bw_process_result){
		    BW_PROCESS_EXITED, WEXITSTATUS(status)};
	else if (WIFSIGNALED(status))
		r = (struct bw_process_result){
		    BW_PROCESS_SIGNALED, WTERMSIG(status)};
	return r;
}

static enum bw_err
finish(struct bwi_program *p, enum bw_err err, bool wait,
    struct bw_process_result *r)
{
	/*
	 * The pid and the process group are reserved until the program is
	 * reaped. When the status is lost, both may be another process's: do
	 * not signal.
	 */
	if (err != BW_OK && !p->lost)
		(void)kill(-p->pid, SIGKILL);
	if (err == BW_OK || wait || p->ended || !reap_later(p->pid))
		*r = reap(p);
	if (err != BW_OK)
		return err;
	if (r->end == BW_PROCESS_UNKNOWN)
		return bw_error_set(p->error, BW_ERR_PROGRAM, ECHILD,
		    "program: %s: exit status lost: other code in this "
		    "process waited for it",
		    p->name);
	return result_error(p, r);
}

enum bw_err
bwi_program_end(struct bwi_program *p, enum bw_err err, bool wait,
    struct bw_process_result *r)
{
	*r = (struct bw_process_result){BW_PROCESS_NOT_STARTED, 0};
	if (p->pid != 0) {
		if (err == BW_OK)
			err = read_rest(p);
		else if (p->o->said != NULL)
			read_last_lines(p);
		err = finish(p, err, wait, r);
	}
	close_fd(&p->input);
	close_fd(&p->pidfd);
	for (int i = 0; i < 2; i++) {
		close_fd(&p->out[i]);
		close_fd(&p->err[i]);
	}
	return err;
}
