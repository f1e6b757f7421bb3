/* bwcallback events call: what happened in a call, as "simulate" tells it. */
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/xml.h>

#include "cli/common/event_code.h"
#include "cli/common/event_columns.h"
#include "cli/common/event_trace.h"
#include "cli/events/events.h"

#define MAX_TEXT ((size_t)BW_MAX_BODY * 8)

struct printing {
	const struct events_options *options;
	struct bw_row_decoder decoder;
	struct bw_buf out;
	int64_t start; /* when the first event came */
	int64_t now;   /* when this one came */
	bool any;
};

static struct bw_str
text_of(const xmlChar *s)
{
	return s != NULL
		   ? (struct bw_str){(const char *)s, strlen((const char *)s)}
		   : (struct bw_str){NULL, 0};
}

/* " 0:06.1  ", since the beginning of the call. */
static void
put_time(struct printing *t)
{
	long long tenths = (t->now - t->start) / 100;

	if (tenths < 0) /* its events came in another order */
		tenths = 0;
	bw_buf_printf(&t->out, "%5lld:%02lld.%lld  ", tenths / 600,
	    tenths / 10 % 60, tenths % 10);
}

/* A line about something that the caller hears or does, or that is done. */
static void
put_line(struct printing *t, const char *what, enum bw_mask kind,
    struct bw_str text, const char *quote)
{
	put_time(t);
	bw_buf_printf(&t->out, "  %-9s %s", what, quote);
	events_text(&t->out, kind, text, t->options->reveal);
	bw_buf_printf(&t->out, "%s\n", quote);
}

/* The text of an element, without line ends and indentation. */
static void
put_content(struct printing *t, const char *what, enum bw_mask kind,
    const xmlNode *node, const char *quote)
{
	xmlChar *content = xmlNodeGetContent(node);
	struct bw_str s = text_of(content);
	struct bw_buf text;

	bw_buf_init(&text, MAX_TEXT);
	for (size_t i = 0; i < s.n; i++) {
		bool space = strchr(" \t\r\n", s.p[i]) != NULL;

		if (!space)
			bw_buf_putc(&text, s.p[i]);
		else if (text.n > 0 && text.p[text.n - 1] != ' ')
			bw_buf_putc(&text, ' ');
	}
	if (text.n > 0 && text.p[text.n - 1] == ' ')
		text.n--;
	if (text.err != BW_OK)
		t->out.err = text.err;
	else if (text.n > 0)
		put_line(t, what, kind, (struct bw_str){text.p, text.n}, quote);
	bw_buf_free(&text);
	xmlFree(content);
}

/* The name of a verb, and its first URL: where the call goes on. */
static void
put_verb(struct printing *t, const xmlNode *node)
{
	struct bw_str name = text_of(node->name);
	xmlChar *url = NULL;

	for (const xmlAttr *a = node->properties; a != NULL && url == NULL;
	     a = a->next) {
		struct bw_str s = text_of(a->name);

		if (s.n > 3 && memcmp(s.p + s.n - 3, "Url", 3) == 0)
			url = xmlNodeListGetString(node->doc, a->children, 1);
	}
	put_time(t);
	bw_buf_puts(&t->out, "  ");
	events_text(&t->out, BW_MASK_REMARK, name, t->options->reveal);
	if (url != NULL) {
		bw_buf_puts(&t->out, "  ");
		events_text(
		    &t->out, BW_MASK_URL, text_of(url), t->options->reveal);
	}
	bw_buf_putc(&t->out, '\n');
	xmlFree(url);
}

/* What is said, played and called, by element; all others are verbs. */
static const struct {
	const char *element;
	const char *what;
	enum bw_mask kind;
	const char *quote;
} contents[] = {
    {"SpeakSentence", "hears", BW_MASK_SPEECH, "\""},
    {"PlayAudio", "plays", BW_MASK_URL, ""},
    {"PhoneNumber", "calls", BW_MASK_NUMBER, ""},
    {"SipUri", "calls", BW_MASK_NUMBER, ""},
};

static void
put_verbs(struct printing *t, const xmlNode *first)
{
	for (const xmlNode *n = first; n != NULL; n = n->next) {
		size_t i = 0, all = sizeof(contents) / sizeof(contents[0]);

		if (n->type != XML_ELEMENT_NODE)
			continue;
		while (i < all &&
		       strcmp((const char *)n->name, contents[i].element) != 0)
			i++;
		if (i < all) {
			put_content(t, contents[i].what, contents[i].kind, n,
			    contents[i].quote);
			continue;
		}
		put_verb(t, n);
		put_verbs(t, n->children);
	}
}

/* What the answer told the platform to do. */
static void
put_answer(struct printing *t, const struct bw_store_answer *a)
{
	const xmlNode *root;
	xmlDoc *doc;

	if (a->body.n == 0 || a->body.n > BW_MAX_BXML || a->status != 200)
		return;
	bw_xml_init();
	doc = xmlReadMemory(a->body.p, (int)a->body.n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (root != NULL)
		put_verbs(t, root->children);
	xmlFreeDoc(doc);
}

/* What the caller pressed, which the event reports. */
static void
put_keys(struct printing *t, const struct bw_event *e, struct bw_str type)
{
	bool gather = bw_str_is(type, "gather");
	struct bw_str keys = bw_row_field(e, gather ? "digits" : "digit");
	struct bw_str last = {NULL, 0};

	if (gather)
		last = bw_row_field(e, "terminatingDigit");
	if (keys.n > 0)
		put_line(t, "presses", BW_MASK_KEYS, keys, "");
	if (last.n > 0)
		put_line(t, "presses", BW_MASK_KEYS, last, "");
	if (gather && keys.n + last.n == 0)
		put_line(t, "presses", BW_MASK_WORD, BW_STR("nothing"), "");
}

/* "gather (cause hangup)" */
static void
put_event(struct printing *t, const struct bw_store_row *r)
{
	static const char *const names[] = {
	    "cause", "errorMessage", "transferTo", "status"};
	size_t begin = t->out.n, shown = 0;

	events_text(&t->out, BW_MASK_REMARK, r->event.type, false);
	for (size_t i = 0; t->decoder.event != NULL && i < 4; i++) {
		struct bw_str name = {names[i], strlen(names[i])};
		struct bw_str value = bw_row_field(t->decoder.event, names[i]);

		if (value.n == 0)
			continue;
		bw_buf_printf(
		    &t->out, "%s%s ", shown++ > 0 ? ", " : " (", names[i]);
		events_text(&t->out, bw_mask_of_member(name), value,
		    t->options->reveal);
	}
	bw_buf_puts(&t->out, shown > 0 ? ")" : "");
	while (t->out.err == BW_OK && t->out.n < begin + 34)
		bw_buf_putc(&t->out, ' ');
}

/* One callback: "gather   POST /voice/menu  200  1.4 ms" */
static void
put_callback(struct printing *t, const struct bw_store_row *r)
{
	put_time(t);
	put_event(t, r);
	bw_buf_putc(&t->out, ' ');
	events_text(&t->out, BW_MASK_REMARK, r->event.method, false);
	bw_buf_putc(&t->out, ' ');
	events_text(&t->out, BW_MASK_WORD, r->event.section, false);
	if (r->answer.status != 0)
		bw_buf_printf(&t->out, "  %d  %.1f ms", r->answer.status,
		    (double)r->answer.duration / 1000);
	else
		bw_buf_puts(&t->out, "  no answer was recorded");
	events_put_outcome(&t->out, &r->answer);
	bw_buf_printf(&t->out, "  event %llu\n", (unsigned long long)r->seq);
	if (r->deliveries > 1)
		bw_buf_printf(
		    &t->out, "%13scame %u times\n", "", r->deliveries);
}

/* The lines of the trace, indented like the rest. */
static void
put_trace(struct printing *t, const struct bw_store_answer *a)
{
	struct bw_buf lines;
	struct bw_str rest;

	bw_buf_init(&lines, MAX_TEXT);
	events_put_trace(&lines, a, t->options->reveal);
	rest = (struct bw_str){lines.p, lines.n};
	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) + 1 : rest.n;

		bw_buf_printf(&t->out, "%13s", "");
		bw_buf_add(&t->out, rest.p, n);
		rest = (struct bw_str){rest.p + n, rest.n - n};
	}
	bw_buf_free(&lines);
}

static void
put_head(struct printing *t, const struct bw_store_event *e)
{
	char when[32];

	events_time(when, e->received);
	bw_buf_printf(&t->out, "%-14s %s UTC\n", "began", when);
	events_line(
	    &t->out, "from", BW_MASK_NUMBER, e->from, t->options->reveal);
	events_line(&t->out, "to", BW_MASK_NUMBER, e->to, t->options->reveal);
	bw_buf_putc(&t->out, '\n');
}

static bool
print_row(void *arg, const struct bw_store_row *r)
{
	struct printing *t = arg;

	bw_buf_reset(&t->out);
	t->now = r->event.received;
	if (!t->any) {
		t->start = t->now;
		put_head(t, &r->event);
	}
	t->any = true;
	if (bw_row_decode(&t->decoder, r))
		put_keys(t, t->decoder.event, r->event.type);
	put_callback(t, r);
	put_trace(t, &r->answer);
	put_answer(t, &r->answer);
	return t->out.err == BW_OK &&
	       fwrite(t->out.p, 1, t->out.n, stdout) == t->out.n;
}

enum bw_err
events_call(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct events_options with = *o;
	struct printing t = {.options = o};
	uint64_t cursor = 0;
	enum bw_err err;

	with.filter.call = (struct bw_str){o->argv[0], strlen(o->argv[0])};
	if (o->json)
		return events_export(s, &with, e);
	bw_row_decoder_init(&t.decoder);
	bw_buf_init(&t.out, MAX_TEXT);
	err = bw_store_read(
	    s, &with.filter, false, SIZE_MAX, &cursor, print_row, &t, e);
	if (err == BW_OK && t.out.err != BW_OK)
		err = bw_error_set(
		    e, t.out.err, 0, "call: %s", bw_strerror(t.out.err));
	if (err == BW_OK && !t.any)
		err = bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "call %s: no event of it is stored", o->argv[0]);
	bw_buf_free(&t.out);
	bw_row_decoder_free(&t.decoder);
	return err;
}
