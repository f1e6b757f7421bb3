/* Decides a port-out for the operator, without storing or notifying. */
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/portout.h>

#include "base/phone_number.h"
#include "base/response.h"
#include "callback/sync_wait.h"
#include "config/config_internal.h"
#include "flow/rule.h"
#include "portout/judge.h"

static const struct bwi_section *
find_section(const struct bw_config *c, struct bw_str path, struct bw_error *e)
{
	const struct bwi_section *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->nsections; i++) {
		const struct bwi_section *s = &c->sections[i];

		if (s->kind != BWI_SECTION_PORTOUT ||
		    (path.p != NULL && !bw_str_eq(path, s->path)))
			continue;
		found = s;
		n++;
	}
	if (n == 1)
		return found;
	(void)bw_error_set(e, BW_ERR_ROUTE, 0, "%s",
	    n == 0 ? "no <portout> section has this path"
		   : "several <portout> sections: give the path of one");
	return NULL;
}

static void
report_reason(void *arg, uint64_t number, int code, const char *text)
{
	const struct bw_portout_trial *t = arg;
	struct bw_str about = {NULL, 0};
	struct bw_buf b;

	bw_buf_init(&b, 32);
	if (number != BWI_PORTOUT_WHOLE) {
		bwi_phone_number_write(number, &b);
		about = (struct bw_str){b.p, b.n};
	}
	t->reason(t->arg, about, code, text);
	bw_buf_free(&b);
}

/* As bw_callback_answer does, but without lasting effects. */
static enum bw_err
handle(const struct bwi_section *s, const struct bw_portout_trial *t,
    const struct bw_event *event, struct bwi_arena *arena,
    struct bw_response *resp, struct bw_error *e)
{
	struct bw_portout_trial copy = *t;
	struct bwi_portout_listener listener = {report_reason, &copy};
	struct bwi_handling h = {
	    .arena = arena,
	    .deadline = bw_monotonic_ns() + s->deadline,
	    .post = true,
	};

	if (!bwi_flow_uses_subscribers(s, event))
		return bwi_sync_handle(s, event, &h, resp, e);
	return bwi_portout_judge(s->portout, event, arena, h.deadline, NULL,
	    t->reason != NULL ? &listener : NULL, &resp->body, e);
}

static enum bw_err
answer(const struct bwi_section *s, const struct bw_portout_trial *t,
    struct bwi_arena *arena, struct bw_response *resp, struct bw_error *e)
{
	struct bw_payload in = {
	    .content_type = BW_STR(BWI_PORTOUT_CONTENT_TYPE),
	    .body = t->body,
	    .hint = BW_FAMILY_PORTOUT};
	struct bw_decoder *decoder = bw_decoder_new();
	const struct bw_event *const *events = NULL;
	enum bw_err err;
	size_t n = 0;

	if (decoder == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "port-out: out of memory");
	err = bw_decode(decoder, &in, &events, &n, e);
	if (err == BW_OK && n == 0)
		err = bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "port-out: the list of requests is empty");
	if (err == BW_OK)
		err = handle(s, t, events[0], arena, resp, e);
	bw_decoder_free(decoder);
	return err;
}

static void
copy_answer(const struct bw_response *resp, struct bw_buf *out, bool *portable)
{
	static const char yes[] = "<Portable>true</Portable>";

	if (resp->prepared.p != NULL)
		bw_buf_str(out, resp->prepared);
	else
		bw_buf_add(out, resp->body.p, resp->body.n);
	bw_buf_putc(out, '\0');
	*portable = out->err == BW_OK && strstr(out->p, yes) != NULL;
	if (out->err == BW_OK)
		out->n--;
}

enum bw_err
bw_portout_try(struct bw_config *c, const struct bw_portout_trial *t,
    struct bw_buf *out, bool *portable, struct bw_error *e)
{
	const struct bwi_section *s = find_section(c, t->path, e);
	struct bw_response resp;
	struct bwi_arena arena;
	enum bw_err err;

	*portable = false;
	if (s == NULL)
		return BW_ERR_ROUTE;
	bwi_response_init(&resp);
	bwi_arena_init(&arena);
	err = answer(s, t, &arena, &resp, e);
	if (err != BW_OK)
		(void)bwi_flow_fallback(s, NULL, &resp);
	copy_answer(&resp, out, portable);
	if (err == BW_OK && out->err != BW_OK)
		err = bw_error_set(
		    e, out->err, 0, "port-out: %s", bw_strerror(out->err));
	bwi_arena_free(&arena);
	bwi_response_release(&resp);
	return err;
}
