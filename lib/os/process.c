/* Runs external programs, and waits for them. */
#include <config.h>

#include "os/process.h"

#include <signal.h>

#include <bwcallback/tools/clock.h>

#include "os/poll.h"
#include "os/program.h"

/* How often go_on() is called. */
#define GO_ON_NS INT64_C(250000000)

/* Interval of polling for the exit where the kernel has no pidfd. */
#define TICK_NS INT64_C(10000000)

/* Wait for output, the exit or the timeout. */
static void
wait_event(struct bwi_program *p, int64_t left)
{
	struct pollfd fds[] = {
	    {.fd = p->out[0], .events = POLLIN},
	    {.fd = p->err[0], .events = POLLIN},
	    {.fd = p->pidfd, .events = POLLIN},
	};

	if (p->pidfd < 0 && left > TICK_NS)
		left = TICK_NS;
	if (bwi_poll(fds, 3, left) >= 0)
		bwi_program_look(p);
}

/* Sends SIGTERM, waits for the grace period, then sends SIGKILL. */
static void
terminate(struct bwi_program *p)
{
	int64_t until = bw_monotonic_ns() + p->o->grace;

	if (p->o->grace > 0)
		(void)kill(-p->pid, SIGTERM);
	while (!p->ended && !bwi_program_output_failed(p)) {
		int64_t left = until - bw_monotonic_ns();

		if (left <= 0)
			break;
		wait_event(p, left);
	}
	if (!p->ended)
		(void)kill(-p->pid, SIGKILL);
}

/*
 * Wait for the exit rather than for the end of the pipes: background processes
 * of the program may keep the pipes open for any time.
 */
static enum bw_err
wait_until_ended(struct bwi_program *p)
{
	int64_t next_go_on = bw_monotonic_ns() + GO_ON_NS;

	while (!p->ended && !bwi_program_output_failed(p)) {
		int64_t t = bw_monotonic_ns(), end = p->o->deadline;

		if (t >= end)
			return bwi_program_late(p);
		if (p->o->go_on != NULL && t >= next_go_on) {
			if (!p->o->go_on(p->o->arg)) {
				terminate(p);
				return BW_OK;
			}
			next_go_on = t + GO_ON_NS;
		}
		if (p->o->go_on != NULL && next_go_on < end)
			end = next_go_on;
		wait_event(p, end - t);
	}
	return BW_OK;
}

enum bw_err
bw_process_run(const struct bw_process *o, struct bw_process_result *result,
    struct bw_error *error)
{
	struct bw_process_result r;
	struct bwi_program p;
	enum bw_err err = bwi_program_start(&p, o, error);

	if (err == BW_OK)
		err = wait_until_ended(&p);
	err = bwi_program_end(&p, err, true, &r);
	if (result != NULL)
		*result = r;
	return err;
}

enum bw_err
bwi_process_run(const char *const *argv, const char *const *env,
    struct bw_str input, int64_t deadline, struct bw_buf *out,
    struct bw_error *error)
{
	const struct bw_process o = {
	    .argv = argv,
	    .env = env,
	    .input = input,
	    .deadline = deadline,
	    .out = out,
	};

	return bw_process_run(&o, NULL, error);
}
