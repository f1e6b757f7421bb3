/* The pages "Play": a telephone whose calls the configuration answers. */
#include "base/json_quote.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/flow_picture.h"
#include "page/play_line.h"
#include "page/play_process.h"
#include "page/play_said.h"

#define MAX_LINE 16384

/* The fields of a form that become members of a line. */
static const char *const fields[] = {
    "do", "from", "to", "path", "at", "keys", "text", "does"};

static void
put_line(struct bw_buf *b, const struct bwi_params *form)
{
	char separator = '{';

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct bw_str value = bwi_params_get(form, fields[i]);

		if (value.n == 0)
			continue;
		bw_buf_printf(b, "%c\"%s\":\"", separator, fields[i]);
		bwi_json_quote(b, value);
		bw_buf_putc(b, '"');
		separator = ',';
	}
	bw_buf_puts(b, separator == '{' ? "{}\n" : "}\n");
}

static void
send_form(struct bwi_view *v, struct bwi_play *p)
{
	struct bw_buf line;

	bw_buf_init(&line, MAX_LINE);
	put_line(&line, &v->form);
	if (line.err == BW_OK)
		bwi_play_send(p, (struct bw_str){line.p, line.n});
	bw_buf_free(&line);
	bwi_view_redirect(
	    v, "play/", (struct bw_str){p->token, BWI_PLAY_TOKEN});
	v->play = p; /* waiting for the player's answer to the line */
}

void
bwi_play_post(struct bwi_view *v)
{
	const struct bwi_inspector *i = v->request->section->inspector;
	struct bw_error e = {0};
	struct bwi_play *p = NULL;
	enum bw_err err = bwi_play_begin(
	    i->file, bwi_view_may(v, BWI_MAY_ACT), v->user, &p, &e);

	if (err == BW_ERR_BUSY) {
		bwi_frame_sentence(v, 503, "Play",
		    "Others are playing as many calls as may be played at "
		    "once. Try again in a minute.");
	} else if (err != BW_OK) {
		bwi_frame_sentence(v, 503, "Play",
		    "The program \"bwcallback\" cannot be started: the "
		    "responder looks for it in its PATH.");
	} else {
		send_form(v, p);
	}
}

void
bwi_telephone_post(struct bwi_view *v)
{
	struct bwi_play *p = bwi_play_take(v->id, v->user);

	if (p == NULL) {
		bwi_frame_sentence(v, 404, "Play",
		    "There is no such call. It may have ended some time ago.");
		return;
	}
	send_form(v, p);
}

static void
begin_form(struct bwi_view *v, const char *class, const char *address)
{
	bwi_html_class(&v->html, "form", class);
	bwi_html_attr_puts(&v->html, "method", "post");
	bwi_view_attr_up(v, "action", address);
}

static void
put_hidden(struct bwi_view *v, const char *name, const char *value)
{
	bwi_html_tag(&v->html, "input");
	bwi_html_attr_puts(&v->html, "type", "hidden");
	bwi_html_attr_puts(&v->html, "name", name);
	bwi_html_attr_puts(&v->html, "value", value);
	bwi_html_end(&v->html);
}

static void
put_field(
    struct bwi_view *v, const char *name, const char *words, const char *value)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "label");
	bwi_html_puts(h, words);
	bwi_html_puts(h, " ");
	bwi_html_tag(h, "input");
	bwi_html_attr_puts(h, "name", name);
	bwi_html_attr_puts(h, "value", value);
	bwi_html_end(h);
	bwi_html_end(h);
}

/* The paths where a call may come in. */
static void
put_paths(struct bwi_view *v)
{
	const struct bw_config *c = v->request->config;
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "label");
	bwi_html_puts(h, "at ");
	bwi_html_tag(h, "select");
	bwi_html_attr_puts(h, "name", "path");
	for (size_t i = 0; i < c->nsections; i++) {
		if (!bwi_section_is_bxml(c->sections[i].kind))
			continue;
		bwi_html_tag(h, "option");
		bwi_html_text(h, c->mount);
		bwi_html_text(h, c->sections[i].path);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_html_end(h);
}

static void
put_new_call(struct bwi_view *v)
{
	begin_form(v, "filter", "play");
	put_hidden(v, "do", "call");
	put_paths(v);
	put_field(v, "from", "from", "+19195550142");
	put_field(v, "to", "to", "+19195550100");
	put_field(v, "at", "time (UTC)", "");
	bwi_view_put(v, "button", NULL, "New call");
	bwi_html_end(&v->html);
}

void
bwi_play_write(struct bwi_view *v)
{
	bwi_frame_begin(v, "Play");
	bwi_view_put(v, "p", "note",
	    "Call the configuration as its file is now. Nothing leaves this "
	    "machine, nothing is stored.");
	bwi_frame_titled(v);
	put_new_call(v);
	bwi_view_put(v, "p", "note",
	    "Without a time the call comes in now. 2026-03-04 15:00 is a "
	    "Wednesday morning in New York.");
	bwi_frame_end(v);
}

/* Where a call that is played is. */
struct position {
	struct bw_str asks;  /* what is waited for; p NULL: nothing */
	struct bw_str about; /* the number or the program of the question */
	struct bw_str bye;   /* why it has ended; p NULL: it has not */
	struct bw_buf nodes; /* ids of what answered, each after a blank */
	size_t last;	     /* where in them the last node begins */
};

static void
add_id(struct position *at, struct bw_str id)
{
	if (id.p == NULL)
		return;
	bw_buf_putc(&at->nodes, ' ');
	bw_buf_str(&at->nodes, id);
}

/* Read the lines; the texts point into l until it is freed. */
static void
find_position(struct bwi_play_lines *l, struct position *at)
{
	while (bwi_play_lines_next(l)) {
		bool asks = bwi_play_is(l, "kind", "want");

		at->asks = at->about = (struct bw_str){NULL, 0};
		if (asks)
			at->asks = bwi_play_member(l, "what");
		if (asks)
			at->about = bwi_play_member(l,
			    bw_str_is(at->asks, "program") ? "name" : "number");
		if (bwi_play_is(l, "kind", "bye"))
			at->bye = bwi_play_member(l, "reason");
		if (bwi_play_member(l, "edge").p == NULL)
			continue;
		at->last = at->nodes.n;
		add_id(at, bwi_play_member(l, "edge"));
		add_id(at, bwi_play_member(l, "node"));
	}
}

static bool
has_id(const struct position *at, size_t from, struct bw_str id)
{
	struct bw_str rest = {at->nodes.p + from, at->nodes.n - from};

	while (rest.n > 0) {
		struct bw_str one = {rest.p + 1, 0};

		while (one.n + 1 < rest.n && one.p[one.n] != ' ')
			one.n++;
		if (bw_str_eq(one, id))
			return true;
		rest.p += one.n + 1;
		rest.n -= one.n + 1;
	}
	return false;
}

static const char *
class_of(void *arg, struct bw_str id)
{
	const struct position *at = arg;

	if (at->nodes.err != BW_OK || at->nodes.n == 0)
		return NULL;
	if (has_id(at, at->last, id))
		return "now";
	return has_id(at, 0, id) || bw_str_is(id, "ninitiate") ? "lit" : NULL;
}

static void
put_button(
    struct bwi_view *v, const char *name, const char *value, const char *words)
{
	bwi_html_tag(&v->html, "button");
	bwi_html_attr_puts(&v->html, "name", name);
	bwi_html_attr_puts(&v->html, "value", value);
	bwi_html_puts(&v->html, words);
	bwi_html_end(&v->html);
}

static void
begin_deed(struct bwi_view *v, const char *class, const char *what)
{
	char address[BWI_PLAY_TOKEN + 8] = "play/";

	/* It is a token: bwi_play_take() has found it. */
	memcpy(address + 5, v->id.p, BWI_PLAY_TOKEN);
	address[5 + BWI_PLAY_TOKEN] = '\0';
	begin_form(v, class, address);
	if (what != NULL)
		put_hidden(v, "do", what);
}

static void
put_keypad(struct bwi_view *v)
{
	static const char *const keys[] = {
	    "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"};

	begin_deed(v, "keys", "press");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put_button(v, "keys", keys[i], keys[i]);
	bwi_html_end(&v->html);
}

static void
put_caller(struct bwi_view *v)
{
	struct bwi_html *h = &v->html;

	put_keypad(v);
	begin_deed(v, "deed", "say");
	bwi_html_tag(h, "input");
	bwi_html_attr_puts(h, "name", "text");
	bwi_html_attr_puts(h, "aria-label", "What you say");
	bwi_html_attr_puts(h, "autocomplete", "off");
	bwi_html_end(h);
	bwi_view_put(v, "button", NULL, "Say");
	bwi_html_end(h);
	begin_deed(v, "deed", NULL);
	put_button(v, "do", "wait", "Wait");
	put_button(v, "do", "hangup", "Hang up");
	bwi_html_end(h);
}

static void
put_choices(struct bwi_view *v, const char *what, const char *const *does)
{
	begin_deed(v, "deed", what);
	for (; *does != NULL; does++)
		put_button(v, "does", *does, *does);
	bwi_html_end(&v->html);
}

/* What is possible now. */
static void
put_telephone(struct bwi_view *v, const struct position *at)
{
	static const char *const callee[] = {
	    "answers", "busy", "rejects", "absent", "unreachable", NULL};
	static const char *const program[] = {"fallback", "run", NULL};
	static const struct {
		const char *what, *words;
	} states[] = {
	    {"keys", "Press a key"},
	    {"speech", "Recording: speak, then press #"},
	    {"talk", "Talking"},
	    {"callee", "It rings at"},
	    {"program", "This program would run"},
	};
	const char *words = "The call is over";
	struct bwi_html *h = &v->html;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (bw_str_is(at->asks, states[i].what))
			words = states[i].words;
	}
	if (at->asks.p == NULL && at->bye.p == NULL)
		words = "Something still runs: load the page again";
	bwi_html_class(h, "section", "telephone");
	bwi_html_attr_puts(h, "aria-label", "Telephone");
	if (at->asks.p == NULL && at->bye.p == NULL)
		bwi_html_attr_puts(h, "data-runs", "");
	bwi_html_tag(h, "h2");
	bwi_html_puts(h, words);
	bwi_html_puts(h, " ");
	bwi_html_text(h, at->about);
	bwi_html_end(h);
	if (bw_str_is(at->asks, "callee"))
		put_choices(v, "callee", callee);
	else if (bw_str_is(at->asks, "program"))
		put_choices(v, "program", program);
	else if (at->asks.p != NULL)
		put_caller(v);
	bwi_html_end(h);
}

static void
put_picture(struct bwi_view *v, struct position *at)
{
	const struct bwi_flow_marks marks = {class_of, at, false, false, NULL};
	struct bw_graph *g;

	bwi_html_class(&v->html, "section", "where");
	bwi_view_put(v, "h2", NULL, "Where you are");
	g = bwi_flow_graph(v);
	if (g != NULL)
		bwi_flow_picture(v, g, &marks,
		    "The flow; the rules that have answered are marked");
	bw_graph_free(g);
	bwi_html_end(&v->html);
}

static void
write_call(struct bwi_view *v, const struct bwi_play *p)
{
	struct bw_str text = {p->said.p, p->said.n};
	struct position at = {.last = 0};
	struct bwi_play_lines l;

	bwi_play_lines_init(&l, text);
	bw_buf_init(&at.nodes, BWI_PLAY_MAX_SAID);
	find_position(&l, &at);
	bwi_frame_begin(v, "Play");
	bwi_frame_titled(v);
	put_new_call(v);
	bwi_html_class(&v->html, "div", "play");
	put_telephone(v, &at);
	bwi_html_tag(&v->html, "section");
	bwi_view_put(v, "h2", NULL, "What is said");
	bwi_play_said_put(v, text);
	bwi_html_end(&v->html);
	put_picture(v, &at);
	bwi_frame_end(v);
	bw_buf_free(&at.nodes);
	bwi_play_lines_free(&l);
}

static void
write_json(struct bwi_view *v, const struct bwi_play *p)
{
	bw_buf_add(v->data, p->said.p != NULL ? p->said.p : "", p->said.n);
	v->response->content_type = "application/x-ndjson";
}

void
bwi_telephone_write(struct bwi_view *v)
{
	struct bwi_play *p = bwi_play_take(v->id, v->user);

	if (p == NULL) {
		bwi_frame_sentence(v, 404, "Play",
		    "There is no such call. It may have ended some time ago.");
		return;
	}
	(void)bwi_play_read(p);
	if (v->json)
		write_json(v, p);
	else
		write_call(v, p);
	bwi_play_give(p);
}
