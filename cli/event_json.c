/* A stored event as one line of JSON. */
#include "event_json.h"

#include <string.h>

#include "event_code.h"
#include "event_columns.h"
#include "event_verdict.h"
#include "json.h"

static void
add_name(struct bw_buf *b, const char *name)
{
	bw_buf_printf(b, "%s\"%s\":", b->p[b->n - 1] == '{' ? "" : ",", name);
}

static void
add_text(struct bw_buf *b, const char *name, struct bw_str s, bool reveal)
{
	struct bw_buf masked;

	if (s.p == NULL)
		return;
	add_name(b, name);
	bw_buf_init(&masked, b->max);
	if (!reveal) {
		events_mask(&masked, s);
		s = (struct bw_str){masked.p != NULL ? masked.p : "", masked.n};
	}
	json_string(b, s);
	if (masked.err != BW_OK)
		b->err = masked.err;
	bw_buf_free(&masked);
}

static void
add_number(struct bw_buf *b, const char *name, int64_t v)
{
	add_name(b, name);
	bw_buf_int(b, v);
}

static void
add_answer(struct bw_buf *b, const struct bw_store_answer *a, bool reveal)
{
	if (a->status == 0)
		return;
	bw_buf_puts(b, ",\"answer\":{");
	add_number(b, "status", a->status);
	add_number(b, "answered", a->answered);
	add_number(b, "microseconds", a->duration);
	add_name(b, "fallback");
	bw_buf_puts(b, a->fallback ? "true" : "false");
	add_text(b, "content_type", a->content_type, true);
	if (reveal)
		add_text(b, "body", a->body, true);
	bw_buf_putc(b, '}');
}

static void
add_code(struct bw_buf *b, const struct bw_store_row *r)
{
	struct events_decoder d;
	struct events_code c;

	events_decoder_init(&d);
	if (events_code(&d, r, &c)) {
		bw_buf_puts(b, ",\"error\":{");
		add_text(b, "code", c.code, true);
		if (c.name != NULL)
			add_text(b, "name",
			    (struct bw_str){c.name, strlen(c.name)}, true);
		if (c.by != NULL) {
			add_text(
			    b, "by", (struct bw_str){c.by, strlen(c.by)}, true);
			add_name(b, "billed");
			bw_buf_puts(b, c.billed ? "true" : "false");
		}
		bw_buf_putc(b, '}');
	}
	events_decoder_free(&d);
}

static void
add_verdict(struct bw_buf *b, const struct bw_store_row *r)
{
	size_t before = b->n;

	bw_buf_puts(b, ",\"verdict\":");
	if (!events_put_verdict(b, r, true) && b->err == BW_OK)
		b->n = before;
}

void
events_json(struct bw_buf *b, const struct bw_store_row *r, bool reveal)
{
	const struct bw_store_event *e = &r->event;

	bw_buf_putc(b, '{');
	add_number(b, "id", (int64_t)r->seq);
	add_number(b, "received", e->received);
	add_text(b, "family", e->family, true);
	add_text(b, "type", e->type, true);
	add_text(b, "section", e->section, true);
	add_text(b, "method", e->method, true);
	add_text(b, "content_type", e->content_type, true);
	add_text(b, "key", e->key, reveal);
	add_text(b, "user", e->user, true);
	add_text(b, "request", e->request, true);
	add_text(b, "call", e->call, true);
	add_text(b, "message", e->message, true);
	add_text(b, "from", e->from, reveal);
	add_text(b, "to", e->to, reveal);
	add_text(b, "thread", e->thread, reveal);
	add_number(b, "batch", e->batch);
	add_number(b, "index", e->index);
	add_number(b, "deliveries", r->deliveries);
	add_number(b, "last", r->last);
	add_number(b, "bytes", (int64_t)e->body.n);
	if (reveal)
		add_text(b, "body", e->body, true);
	add_code(b, r);
	add_verdict(b, r);
	add_answer(b, &r->answer, reveal);
	bw_buf_puts(b, "}\n");
}
