/* How the current configuration would answer a stored event. */
#include "page/again.h"

#include <bwcallback/request.h>
#include <bwcallback/response.h>
#include <bwcallback/tools/portout.h>
#include <bwcallback/tools/rehearsal.h>

#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/payload_view.h"

/* The section that would answer; NULL: none of today's. */
static const struct bwi_section *
section_of(const struct bwi_view *v, const struct bw_store_event *e)
{
	const struct bwi_section *s =
	    bwi_config_section(v->request->config, e->section);

	return s != NULL && !bwi_section_is_page(s->kind) ? s : NULL;
}

static void
put_answer(struct bwi_view *v, const struct bw_store_row *r, int status,
    struct bw_str body, const struct bw_error *why)
{
	struct bwi_html *h = &v->html;
	struct bw_str before = r->answer.body;
	bool same = status == r->answer.status && before.n == body.n &&
		    (body.n == 0 || memcmp(before.p, body.p, body.n) == 0);

	bwi_html_tag(h, "p");
	bwi_view_state(v, same ? BWI_STATE_OK : BWI_STATE_WARN,
	    same ? "the same as then" : "not the same as then");
	bwi_html_printf(h, " %d \xc2\xb7 %zu bytes", status, body.n);
	bwi_html_end(h);
	if (why != NULL && why->code != BW_OK) {
		bwi_html_class(h, "p", "note");
		bwi_view_value(v, BW_MASK_REMARK,
		    (struct bw_str){why->msg, strlen(why->msg)});
		bwi_html_end(h);
	}
	if (body.n > 0 && !same)
		bwi_answer_body_put(v, body);
}

/* The body as it came: an element of a list is only recognised in a list. */
static void
set_body(
    struct bw_request *req, const struct bw_store_event *e, struct bw_buf *list)
{
	if (e->batch <= 1) {
		bw_request_set_body(req, e->body);
		return;
	}
	bw_buf_putc(list, '[');
	bw_buf_str(list, e->body);
	bw_buf_putc(list, ']');
	bw_request_set_body(req, (struct bw_str){list->p, list->n});
}

static void
set_request(
    struct bw_request *req, const struct bw_store_event *e, struct bw_buf *list)
{
	bool get = bw_str_is(e->method, "GET");

	bw_request_set_method(req, e->method);
	bw_request_set_path(req, e->section);
	bw_request_set_query(req, get ? e->body : e->query);
	bw_request_set_header(req, BW_STR("Content-Type"), e->content_type);
	bw_request_set_time(req, e->received);
	if (!get)
		set_body(req, e, list);
}

static void
replay(struct bwi_view *v, const struct bw_store_row *r)
{
	struct bw_callback_context *context = bw_callback_context_new();
	struct bw_request *req = bw_request_new();
	struct bw_response *resp = bw_response_new();
	struct bw_buf list;

	bw_buf_init(&list, BW_MAX_BODY + 2);
	if (context == NULL || req == NULL || resp == NULL) {
		v->out->err = BW_ERR_NOMEM;
	} else {
		set_request(req, &r->event, &list);
		bw_callback_replay_alone(
		    context, v->request->config, req, resp);
		put_answer(v, r, bw_response_status(resp),
		    bw_response_body(resp), &resp->why);
	}
	bw_buf_free(&list);
	bw_response_free(resp);
	bw_request_free(req);
	bw_callback_context_free(context);
}

static void
put_reason(void *arg, struct bw_str number, int code, const char *text)
{
	struct bwi_view *v = arg;

	bwi_html_tag(&v->html, "li");
	if (number.p != NULL) {
		bwi_view_value(v, BW_MASK_NUMBER, number);
		bwi_html_puts(&v->html, ": ");
	}
	if (code != 0)
		bwi_html_printf(&v->html, "%d ", code);
	bwi_view_value(v, BW_MASK_REMARK, (struct bw_str){text, strlen(text)});
	bwi_html_end(&v->html);
}

/* A port-out is judged as a trial: it must not count for later ones. */
static void
judge(struct bwi_view *v, const struct bw_store_row *r)
{
	const struct bw_portout_trial trial = {.path = r->event.section,
	    .body = r->event.body,
	    .reason = put_reason,
	    .arg = v};
	struct bw_error why = {0};
	struct bw_buf answer;
	bool portable;
	enum bw_err err;

	bw_buf_init(&answer, BW_MAX_BODY);
	bwi_html_tag(&v->html, "ul");
	err = bw_portout_try(
	    v->request->config, &trial, &answer, &portable, &why);
	bwi_html_end(&v->html);
	if (err != BW_ERR_ROUTE)
		put_answer(
		    v, r, 200, (struct bw_str){answer.p, answer.n}, &why);
	bw_buf_free(&answer);
}

void
bwi_again_answer(struct bwi_view *v, const struct bw_store_row *r)
{
	const struct bwi_section *s = section_of(v, &r->event);

	if (s == NULL || r->answer.status == 0)
		return;
	if (!v->again) {
		bwi_act_put(v, BWI_MAY_LOOK, "replay", (struct bw_str){"", 0},
		    "Answer it with today's flow", NULL);
		return;
	}
	bwi_view_put(v, "h2", NULL, "Today's flow would answer");
	bwi_view_put(v, "p", "note",
	    "Nothing was sent, stored or counted, and no program was run: in "
	    "its place is the fallback.");
	if (s->kind == BWI_SECTION_PORTOUT)
		judge(v, r);
	else
		replay(v, r);
}
