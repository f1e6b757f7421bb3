/* An event as JSON: the one form that programs and people get. */
#include <bwcallback/tools/row.h>

#include <string.h>

#include <bwcallback/limits.h>

#include "row/json_member.h"

/* JSON takes six bytes for one. */
#define MAX_FIELDS (6 * ((size_t)BW_MAX_BODY + BW_MAX_URI))

static void
add_word(struct bw_buf *b, const char *name, const char *word)
{
	bwi_json_text(b, name, BW_MASK_WORD,
	    (struct bw_str){word, word != NULL ? strlen(word) : 0}, false);
}

static void
add_key(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	struct bw_buf key;

	if (e->key.p == NULL)
		return;
	bwi_json_name(b, "key");
	bw_buf_init(&key, b->max);
	bw_mask_key(&key, e, reveal);
	bwi_json_take(b, &key);
}

static void
add_thread(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	struct bw_buf thread;

	if (e->thread.p == NULL)
		return;
	bwi_json_name(b, "thread");
	bw_buf_init(&thread, b->max);
	bw_mask_thread(&thread, e->thread, reveal);
	bwi_json_take(b, &thread);
}

/* What kind of event it is, and what it belongs to. */
static void
add_columns(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	bwi_json_text(b, "family", BW_MASK_WORD, e->family, reveal);
	bwi_json_text(b, "type", BW_MASK_REMARK, e->type, reveal);
	bwi_json_text(b, "section", BW_MASK_WORD, e->section, reveal);
	bwi_json_text(b, "method", BW_MASK_REMARK, e->method, reveal);
	bwi_json_text(
	    b, "content_type", BW_MASK_REMARK, e->content_type, reveal);
	add_key(b, e, reveal);
	bwi_json_text(b, "user", BW_MASK_WORD, e->user, reveal);
	bwi_json_text(b, "request", BW_MASK_WORD, e->request, reveal);
	bwi_json_text(b, "call", BW_MASK_WORD, e->call, reveal);
	bwi_json_text(b, "message", BW_MASK_WORD, e->message, reveal);
	bwi_json_text(b, "from", BW_MASK_NUMBER, e->from, reveal);
	bwi_json_text(b, "to", BW_MASK_NUMBER, e->to, reveal);
	add_thread(b, e, reveal);
}

/* A part of the request, or nothing. */
static void
add_received(struct bw_buf *b, const char *name, struct bw_str s,
    enum bw_row_bodies bodies)
{
	if (bodies == BW_ROW_REVEALED)
		bwi_json_text(b, name, BW_MASK_HIDDEN, s, true);
	if (bodies != BW_ROW_EXACT || s.p == NULL)
		return;
	bwi_json_name(b, name);
	bwi_json_string(b, s);
}

/* The payload as JSON, in whatever format it came; left out if it has none. */
static void
add_fields(struct bw_buf *b, const struct bw_event *event)
{
	struct bw_buf fields;

	if (event == NULL)
		return;
	bw_buf_init(&fields, MAX_FIELDS);
	if (bw_event_json(event, &fields) == BW_OK) {
		bwi_json_name(b, "fields");
		bw_buf_add(b, fields.p, fields.n);
	} else if (fields.err != BW_ERR_LIMIT) {
		b->err = BW_ERR_NOMEM;
	}
	bw_buf_free(&fields);
}

static void
add_code(
    struct bw_buf *b, struct bw_row_decoder *d, const struct bw_store_row *r)
{
	struct bw_row_code c;

	if (!bw_row_code(d, r, &c))
		return;
	bwi_json_name(b, "error");
	bw_buf_putc(b, '{');
	bwi_json_text(b, "code", BW_MASK_WORD, c.code, false);
	add_word(b, "name", c.name);
	add_word(b, "by", c.by);
	if (c.by != NULL)
		bwi_json_flag(b, "billed", c.billed);
	bw_buf_putc(b, '}');
}

static void
add_portout(struct bw_buf *b, const struct bw_store_row *r)
{
	struct bw_row_portout answer;

	if (!bw_row_portout(r, &answer))
		return;
	bwi_json_name(b, "verdict");
	bw_buf_putc(b, '{');
	bwi_json_flag(b, "portable", answer.portable);
	bwi_json_name(b, "codes");
	bw_buf_putc(b, '[');
	for (size_t i = 0; i < answer.n; i++) {
		if (i > 0)
			bw_buf_putc(b, ',');
		bw_buf_str(b, answer.codes[i]);
	}
	bw_buf_puts(b, "]}");
}

static void
add_trace(struct bw_buf *b, const struct bw_store_answer *a, bool reveal)
{
	size_t before = b->n;

	bwi_json_name(b, "trace");
	if (!bw_row_trace_json(b, a, reveal) && b->err == BW_OK)
		b->n = before;
}

static void
add_answer(struct bw_buf *b, const struct bw_store_answer *a, bool reveal)
{
	struct bw_buf body;

	if (a->status == 0)
		return;
	bwi_json_name(b, "answer");
	bw_buf_putc(b, '{');
	bwi_json_number(b, "status", a->status);
	bwi_json_number(b, "answered", a->answered);
	bwi_json_number(b, "microseconds", a->duration);
	bwi_json_flag(b, "fallback", a->fallback);
	bwi_json_flag(b, "failed", a->failed);
	bwi_json_text(b, "content_type", BW_MASK_WORD, a->content_type, false);
	if (reveal && a->body.p != NULL) {
		bwi_json_name(b, "body");
		bw_buf_init(&body, b->max);
		bw_mask_answer(&body, a->body, true);
		bwi_json_take(b, &body);
	}
	add_trace(b, a, reveal);
	bw_buf_putc(b, '}');
}

/* What only a stored event has. */
static void
add_stored(struct bw_buf *b, const struct bw_store_row *r)
{
	if (r->deliveries == 0)
		return;
	bwi_json_number(b, "deliveries", r->deliveries);
	bwi_json_number(b, "last", r->last);
}

/* What is known only after its body is decoded. */
static void
add_decoded(struct bw_buf *b, const struct bw_store_row *r,
    const struct bw_event *event, enum bw_row_bodies bodies)
{
	struct bw_row_decoder d;

	bw_row_decoder_init(&d);
	if (bodies == BW_ROW_EXACT)
		add_fields(b, event != NULL ? event : bw_row_decode(&d, r));
	add_code(b, &d, r);
	bw_row_decoder_free(&d);
}

void
bw_row_json(struct bw_buf *b, const struct bw_store_row *r,
    const struct bw_event *event, enum bw_row_bodies bodies)
{
	const struct bw_store_event *e = &r->event;
	bool reveal = bodies != BW_ROW_MASKED;

	bw_buf_putc(b, '{');
	bwi_json_number(b, "version", BW_ROW_JSON_VERSION);
	if (r->seq > 0)
		bwi_json_number(b, "id", (int64_t)r->seq);
	if (r->store.n > 0)
		bwi_json_text(b, "store", BW_MASK_WORD, r->store, false);
	bwi_json_number(b, "received", e->received);
	add_columns(b, e, reveal);
	bwi_json_number(b, "batch", e->batch);
	bwi_json_number(b, "index", e->index);
	add_stored(b, r);
	bwi_json_number(b, "bytes", (int64_t)e->body.n);
	add_received(b, "query", e->query, bodies);
	add_received(b, "body", e->body, bodies);
	add_decoded(b, r, event, bodies);
	add_portout(b, r);
	add_answer(b, &r->answer, reveal);
	bw_buf_putc(b, '}');
}
