/* An event as a command, and a call as a scenario. */
#include <bwcallback/tools/printable.h>

#include "base/request.h"
#include "config/config_internal.h"
#include "page/again.h"
#include "page/row_event.h"
#include "store/store.h"

/* A command contains the body. Quoting a byte takes up to eight bytes. */
#define MAX_COMMAND ((size_t)BW_MAX_BODY * 8)

/* Events of a call that are read. */
#define MAX_EVENTS 500

/* Between single quotes: end them, and begin them again. */
static void
put_bytes(struct bw_buf *b, struct bw_str s)
{
	bw_buf_puts(b, "'$'");
	for (size_t i = 0; i < s.n; i++)
		bw_buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
	bw_buf_puts(b, "''");
}

/* In single quotes; what cannot be seen as $'\x1b'. */
static void
put_word(struct bw_buf *b, struct bw_str s)
{
	bw_buf_putc(b, '\'');
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		bool plain;
		size_t n = bw_printable_next(
		    (struct bw_str){s.p + i, s.n - i}, &c, &plain);

		if (c == '\'')
			bw_buf_puts(b, "'\\''");
		else if (plain || c == ' ' || c == '\n')
			bw_buf_add(b, s.p + i, n);
		else
			put_bytes(b, (struct bw_str){s.p + i, n});
		i += n;
	}
	bw_buf_putc(b, '\'');
}

/* Show a text to copy, and free it. */
static void
put_copy(struct bwi_view *v, const char *words, struct bw_buf *b)
{
	struct bwi_html *h = &v->html;

	if (b->err == BW_ERR_NOMEM) {
		v->out->err = b->err;
	} else if (b->err == BW_OK) {
		bwi_view_put(v, "p", "note", words);
		bwi_html_tag(h, "pre");
		bwi_html_attr_puts(h, "data-copy", "");
		bwi_html_attr_puts(h, "tabindex", "0");
		bwi_html_lines(h, (struct bw_str){b->p, b->n});
		bwi_html_end(h);
	}
	bw_buf_free(b);
}

static void
put_file(struct bwi_view *v, struct bw_buf *b)
{
	const char *file = v->request->section->inspector->file;

	put_word(b, (struct bw_str){file, strlen(file)});
}

static void
put_replay(struct bwi_view *v, const struct bw_store_row *r)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_COMMAND);
	bw_buf_printf(&b, "bwcallback events replay %llu --config ",
	    (unsigned long long)r->seq);
	put_file(v, &b);
	put_copy(v, "Answer it again; programs run:", &b);
}

static void
put_simulate(struct bwi_view *v, struct bw_str call)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_COMMAND);
	bw_buf_puts(&b, "bwcallback simulate call --from-log ");
	put_word(&b, call);
	bw_buf_puts(&b, " --flow ");
	put_file(v, &b);
	put_copy(v, "Play its call again:", &b);
}

/* The address that the callback came to. */
static void
put_url(struct bwi_view *v, const struct bw_store_event *e, struct bw_buf *to)
{
	const struct bwi_request_browser *browser =
	    &v->request->request->browser;
	const struct bw_config *c = v->request->config;
	bool get = bw_str_is(e->method, "GET");
	struct bw_str query = get ? e->body : e->query,
		      host = v->request->section->inspector->host;
	struct bw_buf b;

	bw_buf_init(&b, MAX_COMMAND);
	/* Only shown in answer to a form from our own origin. */
	bw_buf_str(&b, host.p != NULL ? host : browser->origin);
	bw_buf_str(&b, c->mount);
	bw_buf_str(&b, e->section);
	if (query.n > 0)
		bw_buf_putc(&b, '?');
	bw_mask_body(&b, query, true);
	put_word(to, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
}

/* With the credentials of ~/.netrc: none are written out. */
static void
put_curl(struct bwi_view *v, const struct bw_store_event *e)
{
	struct bw_buf b, body;

	bw_buf_init(&b, MAX_COMMAND);
	bw_buf_init(&body, MAX_COMMAND);
	bw_buf_puts(&b, "curl --netrc");
	if (!bw_str_is(e->method, "GET")) {
		struct bw_buf field;

		bw_buf_init(&field, MAX_COMMAND);
		bw_buf_puts(&field, "Content-Type: ");
		bw_buf_str(&field, e->content_type);
		bw_buf_puts(&b, " -H ");
		put_word(&b, (struct bw_str){field.p, field.n});
		bw_buf_free(&field);
		bw_buf_puts(&body, e->batch > 1 ? "[" : "");
		bw_mask_body(&body, e->body, true);
		bw_buf_puts(&body, e->batch > 1 ? "]" : "");
		bw_buf_puts(&b, " --data-raw ");
		put_word(&b, (struct bw_str){body.p, body.n});
	}
	bw_buf_putc(&b, ' ');
	put_url(v, e, &b);
	if (body.err != BW_OK)
		b.err = body.err;
	bw_buf_free(&body);
	put_copy(v, "Send it again, with the credentials of ~/.netrc:", &b);
}

void
bwi_again_commands(struct bwi_view *v, const struct bw_store_row *r)
{
	const struct bw_store_event *e = &r->event;

	if (v->request->section->inspector->file == NULL ||
	    bwi_config_section(v->request->config, e->section) == NULL)
		return;
	bwi_html_tag(&v->html, "details");
	bwi_view_put(v, "summary", NULL, "As a command");
	put_replay(v, r);
	if (bw_str_is(e->family, "voice") && e->call.n > 0)
		put_simulate(v, e->call);
	/* Always mask the PIN of a port-out. */
	if (v->reveal && !bw_str_is(e->family, "portout"))
		put_curl(v, e);
	bwi_html_end(&v->html);
}

/* A call while it is written as a scenario. */
struct scenario {
	struct bwi_row_decoder decoder;
	struct bw_buf head;   /* attributes of the call */
	struct bw_buf does;   /* what the caller does */
	struct bw_buf people; /* whom the flow calls */
	size_t n;
	bool waits;   /* the last answer waits for the caller */
	bool hung_up; /* and the caller has left instead */
};

static void
put_attribute(struct bw_buf *b, const char *name, struct bw_str value)
{
	if (value.n == 0)
		return;
	bw_buf_printf(b, " %s=\"", name);
	bw_buf_xml(b, value);
	bw_buf_putc(b, '"');
}

static void
begin_scenario(struct scenario *s, const struct bw_store_event *e)
{
	put_attribute(&s->head, "name", e->call);
	put_attribute(&s->head, "from", e->from);
	put_attribute(&s->head, "to", e->to);
	put_attribute(&s->head, "url", e->section);
	if (bw_str_is(e->type, "answer"))
		put_attribute(&s->head, "direction", BW_STR("outbound"));
}

static void
add_keys(struct scenario *s, const struct bw_event *e)
{
	struct bw_str keys = bwi_row_field(e, "digits"),
		      last = bwi_row_field(e, "terminatingDigit");

	bw_buf_puts(&s->does, s->does.n > 0 ? "," : "");
	bw_buf_str(&s->does, keys);
	bw_buf_str(&s->does, last);
	if (keys.n + last.n == 0)
		bw_buf_puts(&s->does, "silence");
}

static void
add_callee(struct scenario *s, const struct bw_event *e)
{
	static const struct {
		const char *cause, *does;
	} causes[] = {
	    {"busy", "busy"}, {"timeout", "absent"}, {"rejected", "rejects"}};
	struct bw_str number = bwi_row_field(e, "transferTo"),
		      cause = bwi_row_field(e, "cause");

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (number.n == 0 || !bw_str_is(cause, causes[i].cause))
			continue;
		bw_buf_puts(&s->people, "    <callee");
		put_attribute(&s->people, "number", number);
		bw_buf_printf(&s->people, " does=\"%s\"/>\n", causes[i].does);
	}
}

static bool
has(struct bw_str s, const char *part)
{
	return s.n > 0 && memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct scenario *s = arg;
	struct bw_str answer = r->answer.body;
	const struct bw_event *e = bwi_row_decode(&s->decoder, r);

	if (s->n++ == 0)
		begin_scenario(s, &r->event);
	if (bw_str_is(r->event.type, "gather"))
		add_keys(s, e);
	else if (bw_str_is(r->event.type, "transferComplete"))
		add_callee(s, e);
	else if (bw_str_is(r->event.type, "disconnect"))
		/* The same cause when the flow ends the call. */
		s->hung_up =
		    s->waits && bw_str_is(bwi_row_field(e, "cause"), "hangup");
	s->waits = has(answer, "<Gather") || has(answer, "<Record");
	return true;
}

static void
write_scenario(struct bwi_view *v, struct scenario *s)
{
	const char *file = v->request->section->inspector->file;
	struct bw_buf b;

	if (s->hung_up)
		bw_buf_puts(&s->does, s->does.n > 0 ? ",hangup" : "hangup");
	put_attribute(&s->head, "does", (struct bw_str){s->does.p, s->does.n});
	bw_buf_init(&b, MAX_COMMAND);
	bw_buf_puts(&b, "<scenarios");
	put_attribute(&b, "flow", (struct bw_str){file, strlen(file)});
	bw_buf_puts(&b, ">\n  <call");
	bw_buf_add(&b, s->head.p, s->head.n);
	bw_buf_puts(&b, s->people.n > 0 ? ">\n" : "/>\n");
	bw_buf_add(&b, s->people.p, s->people.n);
	bw_buf_puts(&b, s->people.n > 0 ? "  </call>\n" : "");
	bw_buf_puts(&b, "</scenarios>\n");
	if (s->head.err != BW_OK || s->people.err != BW_OK)
		b.err = BW_ERR_NOMEM;
	bwi_html_tag(&v->html, "details");
	bwi_view_put(v, "summary", NULL, "As a scenario");
	put_copy(v, "A test of the flow; say what must happen:", &b);
	bwi_html_end(&v->html);
}

void
bwi_again_scenario(
    struct bwi_view *v, struct bw_store *store, struct bw_str call)
{
	const struct bw_store_filter filter = {.call = call};
	struct scenario s = {.n = 0};
	uint64_t cursor = 0;

	if (!v->reveal || call.n == 0 || store == NULL ||
	    v->request->section->inspector->file == NULL)
		return;
	bwi_row_decoder_init(&s.decoder);
	bw_buf_init(&s.head, MAX_COMMAND);
	bw_buf_init(&s.does, MAX_COMMAND);
	bw_buf_init(&s.people, MAX_COMMAND);
	if (bwi_store_read_until(store, &filter, false, MAX_EVENTS, &cursor,
		v->until, take, &s, NULL) == BW_OK &&
	    s.n > 0)
		write_scenario(v, &s);
	bw_buf_free(&s.people);
	bw_buf_free(&s.does);
	bw_buf_free(&s.head);
	bwi_row_decoder_free(&s.decoder);
}
