#include "page/play_process.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/str.h"
#include "os/process_spawn.h"

/* How long a helper process may take to start the player. */
#define STARTING INT64_C(5000000000)

#define MAX_USER      1024
#define OUT_OF_MEMORY 71 /* EX_OSERR */

/* Guards "taken". Only the thread that has taken a play uses its rest. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_play plays[BWI_PLAYS];
static unsigned long long begun;

/* The last line of a process that could not write one. */
static void
add_bye(struct bwi_play *p, int status)
{
	const char *reason = "error";

	if (WIFEXITED(status) && WEXITSTATUS(status) == OUT_OF_MEMORY)
		reason = "memory";
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		reason = "time";
	bw_buf_printf(
	    &p->said, "{\"kind\":\"bye\",\"reason\":\"%s\"}\n", reason);
}

static bool
ends_with(const struct bw_buf *b, const char *part)
{
	const char *last = b->n > 0 ? memrchr(b->p, '\n', b->n - 1) : NULL;
	const char *line = last != NULL ? last + 1 : b->p;

	return b->n > 0 && b->p[b->n - 1] == '\n' &&
	       memmem(line, b->n - (size_t)(line - b->p), part, strlen(part)) !=
		   NULL;
}

/*
 * Does it ask something since the last line was sent to it? In a text these
 * quotes would have backslashes.
 */
static bool
asks(const struct bwi_play *p)
{
	return p->said.n > p->before &&
	       ends_with(&p->said, "\"kind\":\"want\"");
}

static bool
said_bye(const struct bwi_play *p)
{
	return ends_with(&p->said, "\"kind\":\"bye\"");
}

/* It has closed its output, or must end. */
static void
finish(struct bwi_play *p, bool kill_it)
{
	int status = 0;

	if (kill_it)
		(void)kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)close(p->line);
	p->pid = 0;
	if (!said_bye(p))
		add_bye(p, status);
}

/* Read what is there; false: it has ended. */
static bool
drain(struct bwi_play *p)
{
	char part[8192];
	ssize_t n;

	while (p->pid != 0) {
		n = recv(p->line, part, sizeof(part), MSG_DONTWAIT);
		if (n > 0)
			bw_buf_add(&p->said, part, (size_t)n);
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		else
			finish(p, false);
		if (p->said.err != BW_OK && p->pid != 0)
			finish(p, true);
	}
	return false;
}

static bool
is_user(const struct bwi_play *p, struct bw_str user)
{
	return bw_str_eq(user, (struct bw_str){p->user.p, p->user.n});
}

/*
 * A play that no thread has taken: one whose process has ended, or else the
 * oldest play of this user, whose process is killed. The mutex is held.
 */
static struct bwi_play *
find_free(struct bw_str user)
{
	struct bwi_play *oldest = NULL;

	for (size_t i = 0; i < BWI_PLAYS; i++) {
		if (!plays[i].taken &&
		    (plays[i].token[0] == '\0' || !drain(&plays[i])))
			return &plays[i];
	}
	for (size_t i = 0; i < BWI_PLAYS; i++) {
		if (!plays[i].taken && is_user(&plays[i], user) &&
		    (oldest == NULL || plays[i].serial < oldest->serial))
			oldest = &plays[i];
	}
	if (oldest != NULL)
		finish(oldest, true);
	return oldest;
}

static bool
make_token(char *token)
{
	unsigned char random[BWI_PLAY_TOKEN / 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(token + 2 * i, 3, "%02x", random[i]);
	return true;
}

static int
spawn(struct bwi_play *p, const char *file, bool programs)
{
	const char *argv[] = {"bwcallback", "simulate", "telephone", "--flow",
	    file, programs ? "--programs" : NULL, NULL};
	const struct bw_process process = {
	    .argv = argv,
	    .search = true,
	    .deadline = bw_monotonic_ns() + STARTING,
	};
	struct bwi_spawn_fds fds = {.err = -1};
	int ends[2], sys;

	if (bwi_spawn_loses_status())
		return ECHILD;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return errno;
	fds.in = fds.out = ends[1];
	sys = bwi_spawn(&process, &fds, &p->pid);
	(void)close(ends[1]);
	p->line = ends[0];
	if (sys != 0) {
		(void)close(ends[0]);
		p->pid = 0;
	}
	return sys;
}

static enum bw_err
start(struct bwi_play *p, const char *file, bool programs, struct bw_str user,
    struct bw_error *e)
{
	int sys;

	bw_buf_free(&p->user);
	bw_buf_free(&p->said);
	bw_buf_init(&p->user, MAX_USER);
	bw_buf_init(&p->said, BWI_PLAY_MAX_SAID);
	p->token[0] = '\0';
	p->before = 0;
	bw_buf_str(&p->user, user);
	if (p->user.err != BW_OK)
		return bw_error_set(e, p->user.err, 0, "play: out of memory");
	sys = spawn(p, file, programs);
	if (sys != 0)
		return bw_error_set(e, BW_ERR_PROGRAM, sys,
		    "play: bwcallback: %s", strerror(sys));
	if (make_token(p->token))
		return BW_OK;
	finish(p, true);
	p->token[0] = '\0';
	return bw_error_set(e, BW_ERR_IO, 0, "play: no random numbers");
}

enum bw_err
bwi_play_begin(const char *file, bool programs, struct bw_str user,
    struct bwi_play **play, struct bw_error *e)
{
	struct bwi_play *p;
	enum bw_err err;

	(void)pthread_mutex_lock(&mutex);
	p = find_free(user);
	if (p != NULL) {
		p->taken = true;
		p->serial = ++begun;
	}
	(void)pthread_mutex_unlock(&mutex);
	if (p == NULL)
		return bw_error_set(
		    e, BW_ERR_BUSY, 0, "play: too many calls are played");
	err = start(p, file, programs, user, e);
	if (err == BW_OK)
		*play = p;
	else
		bwi_play_give(p);
	return err;
}

static bool
is_of(const struct bwi_play *p, struct bw_str token, struct bw_str user)
{
	return p->token[0] != '\0' && bw_str_is(token, p->token) &&
	       is_user(p, user);
}

struct bwi_play *
bwi_play_take(struct bw_str token, struct bw_str user)
{
	struct bwi_play *found = NULL;

	(void)pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < BWI_PLAYS && found == NULL; i++) {
		if (!plays[i].taken && is_of(&plays[i], token, user))
			found = &plays[i];
	}
	if (found != NULL)
		found->taken = true;
	(void)pthread_mutex_unlock(&mutex);
	return found;
}

void
bwi_play_give(struct bwi_play *p)
{
	(void)pthread_mutex_lock(&mutex);
	p->taken = false;
	(void)pthread_mutex_unlock(&mutex);
}

void
bwi_play_send(struct bwi_play *p, struct bw_str line)
{
	/* A line is short, and the process reads: the buffer has room. */
	p->before = p->said.n;
	if (p->pid != 0)
		(void)send(
		    p->line, line.p, line.n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool
bwi_play_read(struct bwi_play *p)
{
	return !drain(p) || asks(p);
}
