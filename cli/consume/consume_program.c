/* Passes an event to a program on standard input: exit status 0 is success. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/process.h>

#include "cli/consume/consume.h"

/* Time between SIGTERM and SIGKILL, in nanoseconds. */
#define GRACE INT64_C(5000000000)

extern char **environ;

/*
 * Our environment without any BW_* variable, plus the event's variables. The
 * strings are borrowed.
 */
static const char **
environment(const struct bw_buf *ours)
{
	size_t n = 0, k = 0;
	const char **env;

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

/* Is the cause temporary, so that a later event may start the program? */
static bool
is_passing(int sys)
{
	return sys == ENOMEM || sys == EAGAIN || sys == ENFILE || sys == EMFILE;
}

static enum consume_outcome
judge(struct consume_task *t, const struct bw_process_result *r,
    const struct bw_error *e)
{
	const char *name = t->consumer->options->program[0];

	if (r->end == BW_PROCESS_NOT_STARTED) {
		(void)snprintf(t->why, sizeof(t->why), "%.100s: %.150s", name,
		    e->sys != 0 && e->sys != ECHILD ? strerror(e->sys)
						    : e->msg);
		return is_passing(e->sys) ? CONSUME_FAILED : CONSUME_HOPELESS;
	}
	/*
	 * We ended the program: an exit status of 0 would have meant success.
	 */
	if (t->late)
		(void)snprintf(
		    t->why, sizeof(t->why), "%.100s: took too long", name);
	else if (atomic_load(&t->consumer->stop) == CONSUME_END)
		return CONSUME_BACK;
	else if (r->end == BW_PROCESS_EXITED)
		(void)snprintf(t->why, sizeof(t->why), "%.100s: exit status %d",
		    name, r->number);
	else if (r->end == BW_PROCESS_SIGNALED)
		(void)snprintf(t->why, sizeof(t->why), "%.100s: signal %d",
		    name, r->number);
	else
		(void)snprintf(
		    t->why, sizeof(t->why), "%.100s: exit status lost", name);
	return CONSUME_FAILED;
}

static bool
beat(void *arg)
{
	return consume_task_beat(arg);
}

enum consume_outcome
consume_program(struct consume_task *t)
{
	const char **env = environment(&t->env);
	struct bw_process_result result;
	struct bw_error e = {0};
	struct bw_process p = {
	    .argv = (const char *const *)t->consumer->options->program,
	    .env = env,
	    .search = true,
	    .input = {t->json.p, t->json.n},
	    .deadline = INT64_MAX,
	    .output = STDOUT_FILENO,
	    .said = &t->said,
	    .go_on = beat,
	    .arg = t,
	    .grace = GRACE,
	};
	enum bw_err err;

	if (env == NULL) {
		(void)snprintf(t->why, sizeof(t->why), "out of memory");
		return CONSUME_FAILED;
	}
	err = bw_process_run(&p, &result, &e);
	free(env);
	return err == BW_OK ? CONSUME_DONE : judge(t, &result, &e);
}
