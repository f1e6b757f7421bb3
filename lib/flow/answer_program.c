#include "flow/answer_program.h"
#include "base/alloc.h"
#include "base/counter.h"
#include "base/response.h"

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "flow/answer_check.h"
#include "flow/event_input.h"
#include "os/process.h"

/* "NAME=value" in the request's arena; NULL: out of memory. */
static const char *
variable(struct bwi_arena *arena, const char *name, struct bw_str value)
{
	size_t n = strlen(name);
	char *p = bwi_arena_alloc(arena, n + value.n + 2);

	if (p == NULL)
		return NULL;
	memcpy(p, name, n);
	p[n] = '=';
	if (value.n != 0)
		memcpy(p + n + 1, value.p, value.n);
	p[n + 1 + value.n] = '\0';
	return p;
}

static enum bw_err
set_environment(struct bwi_exec_run *x, const struct bwi_section *s,
    const struct bw_event *event, struct bwi_arena *arena)
{
	const char *family = bw_family_name(bw_event_family(event));
	const char *env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
	    "LANG=C.UTF-8", variable(arena, "BW_EVENT", bw_event_name(event)),
	    variable(
		arena, "BW_FAMILY", (struct bw_str){family, strlen(family)}),
	    variable(arena, "BW_PATH", s->path),
	    variable(arena, "BW_QUERY", bw_event_query(event)), NULL};

	_Static_assert(sizeof(env) == sizeof(x->env), "room for all");
	memcpy(x->env, env, sizeof(env));
	for (size_t i = 0; i < sizeof(env) / sizeof(env[0]) - 1; i++) {
		if (env[i] == NULL)
			return BW_ERR_NOMEM;
	}
	return BW_OK;
}

static enum bw_err
set_input(struct bwi_exec_run *x, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h)
{
	enum bw_err err;

	bw_buf_init(&x->input,
	    a->input_event ? BWI_MAX_EVENT_INPUT : BWI_MAX_PAYLOAD_INPUT);
	err = a->input_event ? bwi_event_input(h, event, &x->input)
			     : bw_event_json(event, &x->input);
	if (err != BW_OK)
		return err;
	bw_buf_putc(&x->input, '\n');
	return x->input.err;
}

static enum bw_err
start(struct bwi_exec_run *x, const struct bwi_section *s,
    const struct bwi_action *a, const struct bw_event *event,
    const struct bwi_handling *h)
{
	enum bw_err err = set_environment(x, s, event, h->arena);

	if (err == BW_OK)
		err = set_input(x, a, event, h);
	if (err != BW_OK)
		return bw_error_set(
		    &x->error, err, 0, "exec: %s", bw_strerror(err));
	x->process = (struct bw_process){
	    .argv = a->argv,
	    .env = x->env,
	    .input = {x->input.p, x->input.n},
	    .deadline = bw_earlier(bw_monotonic_ns() + a->timeout, h->deadline),
	    .out = &x->out,
	    .said = &x->said,
	};
	x->started = true;
	return bwi_program_start(&x->program, &x->process, &x->error);
}

/* Where the kernel has no pidfd, the exit is polled for. */
#define TICK INT64_C(10000000)

static void
set_descriptors(const struct bwi_exec_run *x, struct bw_parked *to)
{
	const int fds[] = {
	    x->program.pidfd, x->program.out[0], x->program.err[0]};

	to->nfds = 0;
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			to->fds[to->nfds++] = fds[i];
	}
	if (x->program.pidfd < 0)
		to->until = bw_earlier(to->until, bw_monotonic_ns() + TICK);
}

/* Has it ended, or must it be ended now? */
static bool
is_over(struct bwi_exec_run *x, struct bwi_parking *parking, enum bw_err *err)
{
	bwi_program_look(&x->program);
	*err = BW_OK;
	if (x->program.ended || bwi_program_output_failed(&x->program))
		return true;
	if (bwi_parking_over(parking, x->process.deadline)) {
		*err = bwi_program_late(&x->program);
		return true;
	}
	set_descriptors(x, &parking->parked);
	return false;
}

static void
finish(struct bwi_exec *x)
{
	bwi_program_slot_leave(&x->slot);
	if (x->run != NULL) {
		bw_buf_free(&x->run->input);
		bw_buf_free(&x->run->out);
	}
	bwi_free(x->run);
	*x = (struct bwi_exec){0};
}

static bool
has_slot(struct bwi_exec *x, const struct bwi_handling *h, enum bw_err *err,
    struct bw_error *e)
{
	struct bwi_parking *parking = h->parking;

	*err = BW_OK;
	if (bwi_program_slot_take(&x->slot, parking->priority, &parking->waker))
		return true;
	if (!parking->hurry && !bwi_parking_over(parking, h->deadline))
		return false;
	*err = bw_error_set(e, BW_ERR_DEADLINE, 0,
	    "exec: other programs run, and none has ended before the deadline");
	return true;
}

static enum bw_err
make_run(struct bwi_exec *x, struct bw_error *e)
{
	x->run = bwi_calloc(1, sizeof(*x->run));
	if (x->run == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "exec: out of memory");
	x->run->result.end = BW_PROCESS_NOT_STARTED;
	bw_buf_init(&x->run->input, 0);
	bw_buf_init(&x->run->out, BW_MAX_PROGRAM_OUTPUT);
	return BW_OK;
}

static void
count_run(enum bw_err err)
{
	switch (err) {
	case BW_OK:
		bwi_count(BWI_COUNT_PROGRAM_RUNS_OK, 1);
		break;
	case BW_ERR_DEADLINE:
		bwi_count(BWI_COUNT_PROGRAM_RUNS_TIMEOUT, 1);
		break;
	case BW_ERR_LIMIT:
		bwi_count(BWI_COUNT_PROGRAM_RUNS_OUTPUT, 1);
		break;
	default:
		bwi_count(BWI_COUNT_PROGRAM_RUNS_FAILED, 1);
		break;
	}
}

/* false: it waits for a slot. */
static bool
begin(struct bwi_exec *x, const struct bwi_section *s,
    const struct bwi_action *a, const struct bw_event *event,
    const struct bwi_handling *h, enum bw_err *err, struct bw_error *e)
{
	bwi_steps_enter(h->steps, BWI_TIMED_QUEUE);
	if (!has_slot(x, h, err, e))
		return false;
	bwi_steps_enter(h->steps, BWI_TIMED_PROGRAM);
	if (*err == BW_OK)
		*err = make_run(x, e);
	if (*err == BW_OK)
		*err = start(x->run, s, a, event, h);
	return true;
}

/* true: it has ended, or could not be started. */
static bool
run(struct bwi_exec *x, const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h,
    enum bw_err *err, struct bw_error *e)
{
	struct bwi_exec_run *r;

	if (x->run == NULL && !begin(x, s, a, event, h, err, e))
		return false;
	r = x->run;
	bwi_steps_enter(h->steps, BWI_TIMED_PROGRAM);
	if (*err == BW_OK && !is_over(r, h->parking, err))
		return false;
	if (r == NULL)
		return true;
	if (r->started) {
		*err = bwi_program_end(&r->program, *err, false, &r->result);
		count_run(*err);
	}
	if (*err != BW_OK)
		*e = r->error;
	return true;
}

/* Without memory its words are left out. */
static void
describe(const struct bwi_exec *x, const struct bwi_action *a,
    struct bwi_arena *arena, struct bwi_worked *to)
{
	const struct bwi_exec_run *r = x->run;

	to->program = (struct bw_str){a->argv[0], strlen(a->argv[0])};
	to->result.end = BW_PROCESS_NOT_STARTED;
	if (r == NULL)
		return;
	to->result = r->result;
	if (r->said.n > 0)
		to->said = bwi_arena_copy(
		    arena, (struct bw_str){r->said.text, r->said.n});
}

bool
bwi_answer_program(const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h,
    struct bw_response *resp, enum bw_err *err, struct bw_error *e)
{
	struct bwi_exec *x = h->exec;

	*err = BW_OK;
	if (!run(x, s, a, event, h, err, e))
		return false;
	describe(x, a, h->arena, &resp->worked);
	if (*err == BW_OK)
		*err = bwi_answer_check_take(
		    a->argv[0], event, &x->run->out, h, resp, e);
	finish(x);
	/* Too much output of a program is not the sender's error. */
	if (*err == BW_ERR_LIMIT)
		*err = BW_ERR_PROGRAM;
	return true;
}
