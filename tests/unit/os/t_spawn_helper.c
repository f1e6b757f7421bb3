/* Helper processes that start programs: what happens when they fail. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/process.h>

#include "os/process.h"
#include "os/program.h"
#include "tests/support/scratch.h"
#include "tests/support/sibling.h"
#include "tests/tap/tap.h"

#define SECOND INT64_C(1000000000)

/* Never reached unless a test fails. */
#define LONG (120 * SECOND)

static const char *const no_env[] = {NULL};

/* The helpers, as the kernel lists our children. */
static size_t
find_helpers(pid_t pids[8])
{
	char path[64], name[32];
	size_t n = 0;
	FILE *children;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	children = fopen(path, "r");
	while (children != NULL && n < 8 && fscanf(children, "%d", &pid) == 1) {
		FILE *comm;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		comm = fopen(path, "r");
		if (comm == NULL)
			continue;
		if (fscanf(comm, "%31s", name) == 1 &&
		    strcmp(name, "bwcallback-exec") == 0)
			pids[n++] = pid;
		fclose(comm);
	}
	if (children != NULL)
		fclose(children);
	return n;
}

/* Both, once they have their names. */
static void
wait_for_helpers(pid_t pids[8])
{
	size_t n = 0;

	for (unsigned turn = 0; n != 2 && tap_poll(&turn);)
		n = find_helpers(pids);
	is_int((long long)n, 2, "there are two helpers");
}

/* Kill it, and wait until it is a zombie: its sockets are closed. */
static void
kill_helper(pid_t pid)
{
	siginfo_t info;

	kill(pid, SIGKILL);
	(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
}

static enum bw_err
run(const char *script, int64_t time, struct bw_buf *out, struct bw_error *e)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};

	*e = (struct bw_error){0};
	bw_buf_reset(out);
	return bwi_process_run(
	    argv, no_env, BW_STR("in"), bw_monotonic_ns() + time, out, e);
}

static void
test_deaths(struct bw_buf *out)
{
	struct bw_error e;
	pid_t pids[8];

	ok(!bw_programs_helpers_lost(&e), "no helper is lost");
	for (int i = 0; i < 6; i++) {
		wait_for_helpers(pids);
		kill_helper(pids[i % 2]);
		is_int(run("cat", LONG, out, &e), BW_OK, "a helper is killed");
		is_text(((struct bw_str){out->p, out->n}), "in", "output");
	}
	ok(bw_programs_helpers_lost(&e), "helpers were lost");
	is_str(e.msg,
	    "6 processes that start programs have ended, and others have taken "
	    "their places",
	    "message");
	ok(!bw_programs_helpers_lost(&e), "it is said once");
	wait_for_helpers(pids);
	kill_helper(pids[1]);
	ok(bw_programs_helpers_lost(&e), "looking replaces them, too");
	wait_for_helpers(pids);
}

/* A program that runs is not the helper's child. */
static void
test_running(struct bw_buf *out)
{
	const char *argv[] = {"/bin/sh", "-c",
	    "until [ -e \"$1\" ]; do sleep 0.05; done; exit 4", "sh", "gate",
	    NULL};
	struct bw_process o = {
	    .argv = argv,
	    .env = no_env,
	    .deadline = bw_monotonic_ns() + LONG,
	    .out = out,
	};
	struct bw_process_result r;
	struct bwi_program p;
	struct bw_error e = {0};
	pid_t pids[8];

	bw_buf_reset(out);
	is_int(bwi_program_start(&p, &o, &e), BW_OK, "a program is started");
	is_int(getpgid(p.pid), p.pid, "it has a process group");
	wait_for_helpers(pids);
	kill_helper(pids[0]);
	kill_helper(pids[1]);
	scratch_write("gate", "");
	for (unsigned turn = 0; !p.ended && tap_poll(&turn);)
		bwi_program_look(&p);
	is_int(bwi_program_end(&p, BW_OK, true, &r), BW_ERR_PROGRAM,
	    "it ends by itself after both helpers");
	is_int(r.number, 4, "exit status");
}

static void
test_none_left(struct bw_buf *out)
{
	struct bw_error e;

	is_int(run("cat", LONG, out, &e), BW_ERR_PROGRAM, "no helper is left");
	is_str(e.msg,
	    "program: /bin/sh: not started: the processes that start programs "
	    "have ended; restart the responder",
	    "message");
	is_int(e.sys, EPIPE, "error number");
}

/* Helpers that do not answer hold a request up until its deadline only. */
static void
test_stopped(struct bw_buf *out)
{
	struct bw_error e;
	pid_t pids[8];
	siginfo_t info;

	wait_for_helpers(pids);
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGSTOP);
		(void)waitid(P_PID, (id_t)pids[i], &info, WSTOPPED | WNOWAIT);
	}
	is_int(run("echo late >&2; exit 3", SECOND / 5, out, &e),
	    BW_ERR_PROGRAM, "the helpers are stopped");
	is_int(e.sys, ETIMEDOUT, "error number");
	for (int i = 0; i < 2; i++)
		kill(pids[i], SIGCONT);
	is_int(run("cat", LONG, out, &e), BW_OK, "they continue");
	is_int(waitpid(0, NULL, WNOHANG), 0, "the late program is not started");
}

static void
test_too_large(struct bw_buf *out)
{
	size_t n = (size_t)7 * 1024 * 1024;
	char *large = malloc(n + 1);
	const char *argv[] = {"/bin/true", large, NULL};
	struct bw_error e = {0};

	if (large == NULL)
		abort();
	memset(large, 'x', n);
	large[n] = '\0';
	is_int(bwi_process_run(
		   argv, no_env, BW_STR(""), bw_monotonic_ns() + LONG, out, &e),
	    BW_ERR_PROGRAM, "seven megabytes of arguments");
	is_int(e.sys, E2BIG, "error number");
	large[100000] = '\0';
	is_int(bwi_process_run(
		   argv, no_env, BW_STR(""), bw_monotonic_ns() + LONG, out, &e),
	    BW_OK, "a hundred kilobytes");
	free(large);
}

static void
start_helpers(void)
{
	struct bw_error e = {0};

	is_int(bw_programs_by_helper(&e), BW_OK, "helpers are started");
}

int
main(void)
{
	struct bw_buf out;

	if (!sibling_can_be_forked())
		return tap_skip_all("there is no CLONE_PARENT");
	bw_buf_init(&out, 1000);
	scratch_enter();
	start_helpers();
	test_too_large(&out);
	test_stopped(&out);
	test_deaths(&out);
	test_running(&out);
	test_none_left(&out);
	bw_programs_end_helpers();
	start_helpers();
	is_int(run("exit 0", LONG, &out, &(struct bw_error){0}), BW_OK,
	    "helpers again");
	bw_programs_end_helpers();
	while (waitpid(-1, NULL, 0) > 0)
		;
	is_int(errno, ECHILD, "nothing is left");
	bw_buf_free(&out);
	return tap_done();
}
