/* bwcallback events show, replay: all about one event. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/callback.h>
#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/row.h>

#include "cli/common/command.h"
#include "cli/common/delivery_status.h"
#include "cli/common/event_code.h"
#include "cli/common/event_columns.h"
#include "cli/common/event_trace.h"
#include "cli/common/findings.h"
#include "cli/common/input.h"
#include "cli/common/terminal.h"
#include "cli/events/events.h"

#define MAX_TEXT ((size_t)BW_MAX_BODY * 2)

/* Print a buffer's text as a line, and free the buffer. */
static void
print_line(const char *name, struct bw_buf *b)
{
	printf("%-13s %.*s\n", name, (int)b->n, b->p != NULL ? b->p : "");
	bw_buf_free(b);
}

static void
print_text(const char *name, enum bw_mask kind, struct bw_str s, bool reveal)
{
	struct bw_buf b;

	if (s.p == NULL)
		return;
	bw_buf_init(&b, MAX_TEXT);
	events_text(&b, kind, s, reveal);
	print_line(name, &b);
}

static void
print_word(const char *name, struct bw_str s)
{
	print_text(name, BW_MASK_WORD, s, false);
}

typedef void mask_fn(struct bw_buf *, struct bw_str, bool reveal);

static void
print_body(const char *name, mask_fn *mask, struct bw_str s, bool reveal)
{
	struct bw_buf b;

	if (s.p == NULL || s.n == 0)
		return;
	if (!reveal) {
		print_text(name, BW_MASK_HIDDEN, s, false);
		return;
	}
	printf("%s\n", name);
	bw_buf_init(&b, MAX_TEXT);
	mask(&b, s, true);
	terminal_lines(stdout, (struct bw_str){b.p, b.n});
	if (b.n > 0 && b.p[b.n - 1] != '\n')
		putchar('\n');
	bw_buf_free(&b);
}

static void
print_answer(const struct bw_store_answer *a, bool reveal)
{
	struct bw_buf b;
	char when[32];

	if (a->status == 0) {
		puts("answer        none was recorded");
		return;
	}
	events_time(when, a->answered);
	printf("answer        %d%s%s at %s, after %.1f ms\n", a->status,
	    a->fallback ? " (fallback)" : "", a->failed ? " (failed)" : "",
	    when, (double)a->duration / 1000);
	bw_buf_init(&b, MAX_TEXT);
	events_put_trace(&b, a, reveal);
	fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
	print_word("content type", a->content_type);
	print_body("answer body", bw_mask_answer, a->body, reveal);
}

static void
print_code(const struct bw_store_row *r)
{
	struct bw_row_decoder d;
	struct bw_row_code c;
	struct bw_buf b;

	bw_row_decoder_init(&d);
	bw_buf_init(&b, MAX_TEXT);
	if (bw_row_code(&d, r, &c)) {
		events_put_code(&b, &c);
		print_word("error", (struct bw_str){b.p, b.n});
	}
	bw_buf_free(&b);
	bw_row_decoder_free(&d);
}

static void
print_delivery(const struct bw_store_row *r)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	if (events_put_delivery(&b, r))
		print_word("verdict", (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
}

static void
print_key(const struct bw_store_event *e, bool reveal)
{
	struct bw_buf b;

	if (e->key.p == NULL)
		return;
	bw_buf_init(&b, MAX_TEXT);
	events_key(&b, e, reveal);
	print_line("key", &b);
}

static void
print_thread(const struct bw_store_event *e, bool reveal)
{
	struct bw_buf b;

	if (e->thread.p == NULL)
		return;
	bw_buf_init(&b, MAX_TEXT);
	bw_mask_thread(&b, e->thread, reveal);
	events_printable(&b, 0);
	print_line("thread", &b);
}

static void
print_columns(const struct bw_store_event *e, bool reveal)
{
	print_word("request", e->request);
	print_word("section", e->section);
	print_text("method", BW_MASK_REMARK, e->method, reveal);
	print_text("content type", BW_MASK_REMARK, e->content_type, reveal);
	print_word("user", e->user);
	print_key(e, reveal);
	print_word("call", e->call);
	print_word("message", e->message);
	print_text("from", BW_MASK_NUMBER, e->from, reveal);
	print_text("to", BW_MASK_NUMBER, e->to, reveal);
	print_thread(e, reveal);
}

static void
print_event(const struct bw_store_row *r, bool reveal)
{
	const struct bw_store_event *e = &r->event;
	char when[32];

	printf("event         %llu\n", (unsigned long long)r->seq);
	print_word("family", e->family);
	print_text("type", BW_MASK_REMARK, e->type, reveal);
	events_time(when, e->received);
	printf("received      %s UTC\n", when);
	events_time(when, r->last);
	printf("deliveries    %u, the last at %s\n", r->deliveries, when);
	print_columns(e, reveal);
	print_code(r);
	if (e->batch > 1)
		printf("element       %d of %d\n", e->index + 1, e->batch);
	print_body("query", bw_mask_body, e->query, reveal);
	print_body("body", bw_mask_body, e->body, reveal);
	print_answer(&r->answer, reveal);
	print_delivery(r);
}

/* The event to process, and whether it was found. */
struct one {
	const struct events_options *options;
	uint64_t id;
	bool found;
	struct bw_config *config; /* for a replay */
	struct bw_error *error;
	enum bw_err err;
};

static bool
show_row(void *arg, const struct bw_store_row *r)
{
	struct one *one = arg;
	struct bw_buf b;

	if (r->seq != one->id)
		return false;
	one->found = true;
	if (!one->options->json) {
		print_event(r, one->options->reveal);
		return false;
	}
	bw_buf_init(&b, MAX_TEXT * 8);
	bw_row_json(&b, r, NULL,
	    one->options->reveal ? BW_ROW_REVEALED : BW_ROW_MASKED);
	bw_buf_putc(&b, '\n');
	if (b.err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	one->err = b.err;
	bw_buf_free(&b);
	return false;
}

/* A search for events by key, given in full or masked. */
struct wanted {
	struct bw_str key;
	uint64_t id; /* the first match */
	size_t n;
};

static bool
take_key(void *arg, const struct bw_store_row *r)
{
	struct wanted *w = arg;
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	bw_mask_key(&b, &r->event, false);
	if (bw_str_eq(r->event.key, w->key) ||
	    bw_str_eq((struct bw_str){b.p, b.n}, w->key)) {
		if (w->n++ == 0)
			w->id = r->seq;
	}
	bw_buf_free(&b);
	return true;
}

/* A key contains colons, an event number does not. */
static enum bw_err
find_id(struct bw_store *s, const char *text, uint64_t *id, struct bw_error *e)
{
	const struct bw_store_filter all = {.since = 0};
	struct wanted w = {.key = {text, strlen(text)}};
	uint64_t cursor = 0;
	enum bw_err err;

	if (strchr(text, ':') == NULL)
		return events_id(text, id, e);
	err = bw_store_read(s, &all, false, SIZE_MAX, &cursor, take_key, &w, e);
	if (err == BW_OK && w.n > 1)
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "key %s: %zu events have it, the first is event %llu: "
		    "give the number of one",
		    text, w.n, (unsigned long long)w.id);
	if (err == BW_OK && w.n == 0)
		err = bw_error_set(
		    e, BW_ERR_NOTFOUND, 0, "key %s: no event has it", text);
	*id = w.id;
	return err;
}

static enum bw_err
find(struct bw_store *s, struct one *one, bw_store_row_fn *fn,
    struct bw_error *e)
{
	const struct bw_store_filter all = {.since = 0};
	uint64_t cursor;
	enum bw_err err = find_id(s, one->options->argv[0], &one->id, e);

	if (err != BW_OK)
		return err;
	cursor = one->id - 1;
	err = bw_store_read(s, &all, false, 1, &cursor, fn, one, e);
	if (err == BW_OK && !one->found) {
		err = bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "event %s: there is none", one->options->argv[0]);
	}
	return err == BW_OK ? one->err : err;
}

enum bw_err
events_show(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct one one = {.options = o};

	return find(s, &one, show_row, e);
}

static bool
same(const struct bw_store_answer *before, int status, struct bw_str body)
{
	struct bw_str was =
	    before->body.p != NULL ? before->body : (struct bw_str){"", 0};

	return before->status == status && bw_str_eq(was, body);
}

static void
compare(const struct bw_store_row *r, int status, struct bw_str body,
    const struct bw_response *resp, bool reveal)
{
	const struct bw_error *why = bw_response_error(resp);

	if (same(&r->answer, status, body)) {
		printf("answer        %d, the same as before\n", status);
		return;
	}
	puts("--- before");
	print_answer(&r->answer, reveal);
	puts("+++ now");
	printf("answer        %d%s\n", status,
	    bw_response_is_fallback(resp) ? " (fallback)" : "");
	if (why->code != BW_OK)
		print_text("because", BW_MASK_REMARK,
		    (struct bw_str){why->msg, strlen(why->msg)}, reveal);
	print_body("answer body", bw_mask_answer, body, reveal);
}

/* Replay the request; an element of a list is sent as a list of one. */
static void
replay(struct one *one, const struct bw_store_row *r,
    struct bw_callback_context *w, struct bw_request *req,
    struct bw_response *resp)
{
	const struct bw_store_event *e = &r->event;
	bool get = bw_str_is(e->method, "GET");
	struct bw_buf list, sent;
	int status = 0;

	bw_buf_init(&list, MAX_TEXT);
	bw_buf_init(&sent, BW_MAX_BXML);
	if (e->batch > 1) {
		bw_buf_putc(&list, '[');
		bw_buf_str(&list, e->body);
		bw_buf_putc(&list, ']');
	}
	bw_request_set_id(req, e->request);
	bw_request_set_method(req, get ? BW_STR("GET") : BW_STR("POST"));
	bw_request_set_path(req, e->section);
	bw_request_set_header(req, BW_STR("Content-Type"), e->content_type);
	bw_request_set_query(req, get ? e->body : e->query);
	if (!get)
		bw_request_set_body(req,
		    e->batch > 1 ? (struct bw_str){list.p, list.n} : e->body);
	if (one->options->url != NULL) {
		one->err =
		    events_send(one->options, req, &status, &sent, one->error);
		if (one->err == BW_OK)
			compare(r, status, (struct bw_str){sent.p, sent.n},
			    resp, one->options->reveal);
	} else {
		bw_callback_replay(w, one->config, req, resp);
		compare(r, bw_response_status(resp), bw_response_body(resp),
		    resp, one->options->reveal);
	}
	bw_buf_free(&list);
	bw_buf_free(&sent);
}

static bool
replay_row(void *arg, const struct bw_store_row *r)
{
	struct one *one = arg;
	struct bw_callback_context *w;
	struct bw_request *req;
	struct bw_response *resp;

	if (r->seq != one->id)
		return false;
	one->found = true;
	w = bw_callback_context_new();
	req = bw_request_new();
	resp = bw_response_new();
	if (w != NULL && req != NULL && resp != NULL)
		replay(one, r, w, req, resp);
	else
		one->err = bw_error_set(
		    one->error, BW_ERR_NOMEM, 0, "replay: out of memory");
	bw_response_free(resp);
	bw_request_free(req);
	bw_callback_context_free(w);
	return false;
}

static enum bw_err
send_again(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct events_options with = *o;
	struct one one = {.options = &with, .error = e};
	struct bw_buf password;
	enum bw_err err = BW_OK;

	bw_buf_init(&password, BW_MAX_PASSWD);
	if (o->user != NULL)
		err = input_read_line(
		    o->password_file, &password, &with.password, e);
	if (err == BW_OK)
		err = find(s, &one, replay_row, e);
	if (password.p != NULL)
		explicit_bzero(password.p, password.n);
	bw_buf_free(&password);
	return err;
}

enum bw_err
events_replay(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	const struct bw_reporter reporter = {.fn = finding_complain};
	struct one one = {.options = o, .error = e};
	const char *config = o->config != NULL ? o->config : command_config();
	enum bw_err err;

	if (o->url != NULL)
		return send_again(s, o, e);
	if (config == NULL) {
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "replay: --config or --url says who answers");
	}
	err = bw_config_load(config, &one.config, &reporter, e);
	if (err != BW_OK)
		return err;
	err = find(s, &one, replay_row, e);
	bw_config_unref(one.config);
	return err;
}
