/* Prints a stored event as one line of JSON. */
#include "cli/common/event_json.h"

#include <string.h>

#include "cli/common/delivery_status.h"
#include "cli/common/event_code.h"
#include "cli/common/event_columns.h"
#include "cli/common/json_string.h"

/* Append text as a JSON string, and free it. */
static void
take_json(struct bw_buf *b, struct bw_buf *text)
{
	if (text->err != BW_OK)
		b->err = text->err;
	else
		json_string(
		    b, (struct bw_str){text->n > 0 ? text->p : "", text->n});
	bw_buf_free(text);
}

void
events_json_text(
    struct bw_buf *b, enum bw_mask kind, struct bw_str s, bool reveal)
{
	struct bw_buf text;

	bw_buf_init(&text, b->max);
	bw_mask_add(&text, kind, s, reveal);
	take_json(b, &text);
}

static void
add_name(struct bw_buf *b, const char *name)
{
	bw_buf_printf(b, "%s\"%s\":", b->p[b->n - 1] == '{' ? "" : ",", name);
}

static void
add_text(struct bw_buf *b, const char *name, enum bw_mask kind, struct bw_str s,
    bool reveal)
{
	if (s.p == NULL)
		return;
	add_name(b, name);
	events_json_text(b, kind, s, reveal);
}

/* Add a word of this program or of the protocol. */
static void
add_word(struct bw_buf *b, const char *name, struct bw_str s)
{
	add_text(b, name, BW_MASK_WORD, s, false);
}

static void
add_number(struct bw_buf *b, const char *name, int64_t v)
{
	add_name(b, name);
	bw_buf_int(b, v);
}

static void
add_answer(struct bw_buf *b, const struct bw_store_answer *a, bool bodies)
{
	struct bw_buf body;

	if (a->status == 0)
		return;
	bw_buf_puts(b, ",\"answer\":{");
	add_number(b, "status", a->status);
	add_number(b, "answered", a->answered);
	add_number(b, "microseconds", a->duration);
	add_name(b, "fallback");
	bw_buf_puts(b, a->fallback ? "true" : "false");
	add_word(b, "content_type", a->content_type);
	if (bodies && a->body.p != NULL) {
		add_name(b, "body");
		bw_buf_init(&body, b->max);
		bw_mask_answer(&body, a->body, true);
		take_json(b, &body);
	}
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
		add_word(b, "code", c.code);
		if (c.name != NULL)
			add_word(
			    b, "name", (struct bw_str){c.name, strlen(c.name)});
		if (c.by != NULL) {
			add_word(b, "by", (struct bw_str){c.by, strlen(c.by)});
			add_name(b, "billed");
			bw_buf_puts(b, c.billed ? "true" : "false");
		}
		bw_buf_putc(b, '}');
	}
	events_decoder_free(&d);
}

static void
add_delivery(struct bw_buf *b, const struct bw_store_row *r)
{
	size_t before = b->n;

	bw_buf_puts(b, ",\"verdict\":");
	if (!events_put_delivery(b, r, true) && b->err == BW_OK)
		b->n = before;
}

static void
add_key(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	struct bw_buf key;

	if (e->key.p == NULL)
		return;
	add_name(b, "key");
	bw_buf_init(&key, b->max);
	bw_mask_key(&key, e, reveal);
	take_json(b, &key);
}

static void
add_thread(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	struct bw_buf thread;

	if (e->thread.p == NULL)
		return;
	add_name(b, "thread");
	bw_buf_init(&thread, b->max);
	bw_mask_thread(&thread, e->thread, reveal);
	take_json(b, &thread);
}

/* Add what kind of event it is, and what it belongs to. */
static void
add_columns(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	add_word(b, "family", e->family);
	add_text(b, "type", BW_MASK_REMARK, e->type, reveal);
	add_word(b, "section", e->section);
	add_text(b, "method", BW_MASK_REMARK, e->method, reveal);
	add_text(b, "content_type", BW_MASK_REMARK, e->content_type, reveal);
	add_key(b, e, reveal);
	add_word(b, "user", e->user);
	add_word(b, "request", e->request);
	add_word(b, "call", e->call);
	add_word(b, "message", e->message);
	add_text(b, "from", BW_MASK_NUMBER, e->from, reveal);
	add_text(b, "to", BW_MASK_NUMBER, e->to, reveal);
	add_thread(b, e, reveal);
}

/* Add a part of the request, or leave it out. */
static void
add_received(struct bw_buf *b, const char *name, struct bw_str s,
    enum events_bodies bodies)
{
	if (bodies == EVENTS_NO_BODIES || s.p == NULL)
		return;
	add_name(b, name);
	if (bodies == EVENTS_EXACT)
		json_string(b, s);
	else
		events_json_text(b, BW_MASK_HIDDEN, s, true);
}

void
events_json(
    struct bw_buf *b, const struct bw_store_row *r, enum events_bodies bodies)
{
	const struct bw_store_event *e = &r->event;
	bool reveal = bodies != EVENTS_NO_BODIES;

	bw_buf_putc(b, '{');
	add_number(b, "id", (int64_t)r->seq);
	add_number(b, "received", e->received);
	add_columns(b, e, reveal);
	add_number(b, "batch", e->batch);
	add_number(b, "index", e->index);
	add_number(b, "deliveries", r->deliveries);
	add_number(b, "last", r->last);
	add_number(b, "bytes", (int64_t)e->body.n);
	add_received(b, "query", e->query, bodies);
	add_received(b, "body", e->body, bodies);
	add_code(b, r);
	add_delivery(b, r);
	add_answer(b, &r->answer, reveal);
	bw_buf_puts(b, "}\n");
}
