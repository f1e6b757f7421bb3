#include "flow/answer_program.h"
#include "base/response.h"

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "flow/answer_check.h"
#include "os/process.h"

/* A JSON escape is at most six bytes long for one byte. */
#define MAX_EVENT_JSON (6 * (BW_MAX_BODY + BW_MAX_URI))

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
run(const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h,
    struct bw_buf *out, struct bw_error *e)
{
	const char *family = bw_family_name(bw_event_family(event));
	const char *env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
	    "LANG=C.UTF-8",
	    variable(h->arena, "BW_EVENT", bw_event_name(event)),
	    variable(
		h->arena, "BW_FAMILY", (struct bw_str){family, strlen(family)}),
	    variable(h->arena, "BW_PATH", s->path),
	    variable(h->arena, "BW_QUERY", bw_event_query(event)), NULL};
	int64_t deadline = bw_monotonic_ns() + a->timeout;
	struct bw_buf input;
	enum bw_err err;

	if (env[2] == NULL || env[3] == NULL || env[4] == NULL ||
	    env[5] == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "exec: out of memory");
	bw_buf_init(&input, MAX_EVENT_JSON);
	err = bw_event_json(event, &input);
	if (err == BW_OK) {
		bw_buf_putc(&input, '\n');
		err = input.err;
	}
	if (err != BW_OK)
		err = bw_error_set(e, err, 0, "exec: %s", bw_strerror(err));
	else
		err = bwi_process_run(a->argv, env,
		    (struct bw_str){input.p, input.n},
		    deadline < h->deadline ? deadline : h->deadline, out, e);
	bw_buf_free(&input);
	return err;
}

enum bw_err
bwi_answer_program(const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h,
    struct bw_response *resp, struct bw_error *e)
{
	struct bw_buf out;
	enum bw_err err;

	bw_buf_init(&out, BW_MAX_PROGRAM_OUTPUT);
	err = run(s, a, event, h, &out, e);
	if (err == BW_OK)
		err = bwi_answer_check_take(a->argv[0], event, &out, resp, e);
	bw_buf_free(&out);
	/* Too much output of a program is not the sender's error. */
	return err == BW_ERR_LIMIT ? BW_ERR_PROGRAM : err;
}
