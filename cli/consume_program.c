/* An event is handed to a program: on standard input, and exit 0 is yes. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consume.h"

/* After SIGTERM, before SIGKILL. */
#define GRACE_MS 5000
/* Without a pidfd, how often to look. */
#define LOOK_MS 20

extern char **environ;

/*
 * A file in memory rather than a pipe: a program that does not read cannot
 * hold us up, and one that ends early raises no signal.
 */
static int
input_of(const struct bw_buf *json)
{
	int fd = memfd_create("event", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < json->n) {
		ssize_t n = write(fd, json->p + done, json->n - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			(void)close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Ours without its own BW_*, and the event's; the strings are borrowed. */
static char **
environment(const struct bw_buf *ours)
{
	size_t n = 0, k = 0;
	char **env;

	for (size_t i = 0; i < ours->n; i++)
		n += ours->p[i] == '\0';
	for (char **v = environ; *v != NULL; v++)
		n++;
	env = calloc(n + 1, sizeof(*env));
	if (env == NULL)
		return NULL;
	for (char **v = environ; *v != NULL; v++) {
		if (strncmp(*v, "BW_", 3) != 0)
			env[k++] = *v;
	}
	for (size_t i = 0; i < ours->n; i += strlen(ours->p + i) + 1)
		env[k++] = ours->p + i;
	return env;
}

/* Returns an error number, as posix_spawn does. */
static int
set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int sys;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	sys = posix_spawnattr_setsigmask(a, &none);
	if (sys == 0)
		sys = posix_spawnattr_setsigdefault(a, &all);
	/* Of its own group: Ctrl-C is for us, who let it finish. */
	if (sys == 0)
		sys = posix_spawnattr_setpgroup(a, 0);
	if (sys == 0)
		sys = posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
	return sys;
}

static int
start(char **argv, char **env, int input, pid_t *pid)
{
	posix_spawn_file_actions_t descriptors;
	posix_spawnattr_t attributes;
	int sys = posix_spawnattr_init(&attributes);

	if (sys != 0)
		return sys;
	sys = posix_spawn_file_actions_init(&descriptors);
	if (sys != 0) {
		(void)posix_spawnattr_destroy(&attributes);
		return sys;
	}
	sys = set_attributes(&attributes);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(
		    &descriptors, input, STDIN_FILENO);
	if (sys == 0)
		sys = posix_spawnp(
		    pid, argv[0], &descriptors, &attributes, argv, env);
	(void)posix_spawn_file_actions_destroy(&descriptors);
	(void)posix_spawnattr_destroy(&attributes);
	return sys;
}

/* Wait so long; true: it has ended. */
static bool
has_ended(pid_t pid, int pidfd, int ms, int *status)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	(void)poll(&p, 1, pidfd < 0 && ms > LOOK_MS ? LOOK_MS : ms);
	return waitpid(pid, status, WNOHANG) == pid;
}

static void
end(pid_t pid, int pidfd, int *status)
{
	int64_t until = consume_clock() + GRACE_MS;

	(void)kill(-pid, SIGTERM);
	while (consume_clock() < until) {
		if (has_ended(pid, pidfd, 100, status))
			return;
	}
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}

static enum consume_outcome
judge(struct consume_task *t, int status)
{
	const char *name = t->consumer->options->program[0];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return CONSUME_DONE;
	if (WIFEXITED(status))
		(void)snprintf(t->why, sizeof(t->why), "%.100s: exit status %d",
		    name, WEXITSTATUS(status));
	else
		(void)snprintf(t->why, sizeof(t->why), "%.100s: signal %d",
		    name, WTERMSIG(status));
	return CONSUME_FAILED;
}

static enum consume_outcome
supervise(struct consume_task *t, pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	enum consume_outcome outcome;
	int status = 0;

	while (!has_ended(pid, pidfd, 250, &status)) {
		if (consume_task_beat(t))
			continue;
		end(pid, pidfd, &status);
		break;
	}
	if (pidfd >= 0)
		(void)close(pidfd);
	outcome = judge(t, status);
	/* It was us who ended it; if it came through all the same, good. */
	if (outcome == CONSUME_FAILED && t->late)
		(void)snprintf(t->why, sizeof(t->why), "%.100s: took too long",
		    t->consumer->options->program[0]);
	else if (outcome == CONSUME_FAILED &&
		 atomic_load(&t->consumer->stop) == CONSUME_END)
		outcome = CONSUME_BACK;
	return outcome;
}

enum consume_outcome
consume_program(struct consume_task *t)
{
	char **argv = t->consumer->options->program;
	char **env = environment(&t->env);
	int input = input_of(&t->json);
	int sys = env == NULL || input < 0 ? ENOMEM : 0;
	enum consume_outcome outcome;
	pid_t pid;

	if (sys == 0)
		sys = start(argv, env, input, &pid);
	if (sys == 0) {
		outcome = supervise(t, pid);
	} else {
		(void)snprintf(t->why, sizeof(t->why), "%.100s: %s", argv[0],
		    strerror(sys));
		outcome = sys == ENOMEM || sys == EAGAIN || sys == ENFILE
			      ? CONSUME_FAILED
			      : CONSUME_HOPELESS;
	}
	if (input >= 0)
		(void)close(input);
	free(env);
	return outcome;
}
