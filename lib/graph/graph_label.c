#include "graph/graph_draw.h"

#include "base/str.h"
#include "base/utf8.h"

#define WIDTH 38
#define LINES 3

/* Length of the next line: up to a space, or cut at width. */
static size_t
line_length(struct bw_str s, size_t width)
{
	size_t i = 0, space = 0, n = 0;

	while (i < s.n && n < width) {
		if (s.p[i] == ' ')
			space = i;
		i += bwi_utf8_length(s.p + i, s.n - i);
		n++;
	}
	if (i == s.n || s.p[i] == ' ' || space == 0)
		return i;
	return space;
}

void
bwi_draw_text(struct bw_buf *b, struct bw_str s, size_t width, size_t lines)
{
	for (size_t i = 0; s.n != 0; i++) {
		size_t n = line_length(s, width);

		if (i > 0)
			bw_buf_puts(b, "<BR ALIGN=\"LEFT\"/>");
		if (i + 1 == lines && n < s.n) {
			bw_buf_xml(b, (struct bw_str){s.p, n});
			bw_buf_puts(b, " \xe2\x80\xa6");
			return;
		}
		bw_buf_xml(b, (struct bw_str){s.p, n});
		s.p += n;
		s.n -= n;
		while (s.n != 0 && *s.p == ' ') {
			s.p++;
			s.n--;
		}
	}
}

static struct bw_str
pair_of(const struct bwi_graph_node *n, const char *name)
{
	for (size_t i = 0; i < n->npairs; i++) {
		if (bw_str_is(n->pairs[i].name, name))
			return n->pairs[i].value;
	}
	return (struct bw_str){NULL, 0};
}

/* Remove the escaping backslashes. */
static void
put_plain(struct bw_buf *b, struct bw_str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t n;

		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		n = bwi_utf8_length(s.p + i, s.n - i);
		bw_buf_xml(b, (struct bw_str){s.p + i, n});
		i += n;
	}
}

/* Write "1|2|9" as "1, 2 or 9". */
static void
put_alternatives(struct bw_buf *b, struct bw_str s, const char *empty)
{
	size_t count = 1, i = 0;

	for (size_t k = 0; k < s.n; k++)
		count += s.p[k] == '|';
	while (i < count) {
		const char *bar = s.n != 0 ? memchr(s.p, '|', s.n) : NULL;
		size_t n = bar != NULL ? (size_t)(bar - s.p) : s.n;

		if (n != 0)
			put_plain(b, (struct bw_str){s.p, n});
		else
			bw_buf_puts(b, empty);
		if (++i < count)
			bw_buf_puts(b, i + 1 == count ? " or " : ", ");
		if (bar != NULL) {
			s.p += n + 1;
			s.n -= n + 1;
		}
	}
}

static void
put_field(struct bw_buf *b, struct bw_str name)
{
	bw_buf_xml(b, name);
	bw_buf_putc(b, ' ');
}

/* Write all conditions except those of two fields. */
static void
put_conditions(struct bw_buf *b, const struct bwi_graph_node *n,
    const char *but, const char *nor)
{
	bool first = true;

	for (size_t i = 0; i < n->npairs; i++) {
		struct bw_str name = n->pairs[i].name;
		bool hours = bw_str_is(name, "hours");
		bool dates = bw_str_is(name, "dates");
		struct bw_str value = n->pairs[i].value;

		if (bw_str_is(name, "event") || bw_str_is(name, "zone") ||
		    bw_str_is(name, but) || bw_str_is(name, nor))
			continue;
		if (!first)
			bw_buf_puts(b, ", ");
		first = false;
		if (dates)
			bw_buf_puts(
			    b, bwi_str_take(&value, '!') ? "not on " : "on ");
		else if (!hours)
			put_field(b, name);
		put_alternatives(b, value, "empty");
	}
}

void
bwi_draw_conditions(
    struct bw_buf *b, const struct bwi_graph_node *n, const char *but)
{
	put_conditions(b, n, but, "");
}

static void
begin_row(struct bw_buf *b, const char *attrs)
{
	bw_buf_printf(b, "<TR><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\"%s>", attrs);
}

static void
end_row(struct bw_buf *b)
{
	bw_buf_puts(b, "</TD></TR>");
}

/* Write a table row with what a verb does, in small print. */
static void
put_action(struct bw_buf *b, const char *what, struct bw_str object)
{
	begin_row(b, "");
	bw_buf_puts(b, "<FONT COLOR=\"#5f6b7a\">");
	bw_buf_puts(b, what);
	if (object.n != 0) {
		bw_buf_putc(b, ' ');
		bwi_draw_text(b, object, WIDTH - 10, 2);
	}
	bw_buf_puts(b, "</FONT>");
	end_row(b);
}

static void
put_speech(struct bw_buf *b, struct bw_str words)
{
	begin_row(b, "");
	bw_buf_puts(b, "\xe2\x80\x9c");
	bwi_draw_text(b, words, WIDTH, LINES);
	bw_buf_puts(b, "\xe2\x80\x9d");
	end_row(b);
}

/* Descriptions of verbs; other verbs are shown by their names. */
static const struct {
	const char *verb;
	const char *words; /* NULL: not shown */
} actions[] = {
    {"PlayAudio", "plays"},
    {"Transfer", "calls"},
    {"Forward", "forwards to"},
    {"Bridge", "joins the call"},
    {"Conference", "joins the conference"},
    {"Record", "records a message"},
    {"Hangup", "hangs up"},
    {"Pause", "pauses"},
    {"Ring", "rings"},
    {"SendDtmf", "sends tones"},
    {"Refer", "refers to"},
    {"Redirect", NULL},
    {"Tag", "tags the call"},
    {"StartRecording", "records from here"},
};

static void
put_gather(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_step *s)
{
	int64_t digits = s->lead != SIZE_MAX ? g->leads.v[s->lead].digits : 0;

	if (s->says.n != 0)
		put_speech(b, s->says);
	begin_row(b, "");
	bw_buf_puts(b, "<FONT COLOR=\"#5f6b7a\">");
	if (digits == 1)
		bw_buf_puts(b, "waits for a key");
	else if (digits > 1 && digits < 50)
		bw_buf_printf(b, "waits for %d keys", (int)digits);
	else
		bw_buf_puts(b, "waits for keys");
	bw_buf_puts(b, "</FONT>");
	end_row(b);
}

static void
put_step(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_step *s)
{
	if (strcmp(s->verb, "SpeakSentence") == 0) {
		put_speech(b, s->says);
		return;
	}
	if (strcmp(s->verb, "Gather") == 0) {
		put_gather(b, g, s);
		return;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(s->verb, actions[i].verb) != 0)
			continue;
		if (actions[i].words != NULL)
			put_action(b, actions[i].words, s->says);
		return;
	}
	put_action(b, s->verb, s->says);
}

static struct bw_str
terminated(const char *s)
{
	const char *slash = strrchr(s, '/');

	s = slash != NULL ? slash + 1 : s;
	return (struct bw_str){s, strlen(s)};
}

static void
put_answer(struct bw_buf *b, const struct bwi_action *a)
{
	if (a->kind == BWI_ACTION_EXEC)
		put_action(b, "asks the program", terminated(a->argv[0]));
	else if (a->kind == BWI_ACTION_MODULE)
		put_action(b, "asks the module", terminated(a->handler.name));
	else if (a->kind == BWI_ACTION_REPLY)
		put_action(
		    b, "answers with a status only", (struct bw_str){"", 0});
}

/* Descriptions of events. */
static const char *
heading(struct bw_str event)
{
	static const char *const words[][2] = {
	    {"initiate", "call comes in"},
	    {"answer", "our call is answered"},
	    {"gather", "keys"},
	    {"redirect", "goes on"},
	    {"recordComplete", "was recorded"},
	    {"transferAnswer", "called party answers"},
	    {"transferComplete", "transfer is over"},
	    {"bridgeComplete", "bridge is over"},
	    {"referComplete", "refer is over"},
	    {"disconnect", "call is over"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (bw_str_is(event, words[i][0]))
			return words[i][1];
	}
	return NULL;
}

/* Does another rule of the section before it match some keys? */
static bool
is_rest(const struct bw_graph *g, const struct bwi_graph_node *n)
{
	for (const struct bwi_graph_node *p = g->nodes.v; p < n; p++) {
		if (p->section == n->section && pair_of(p, "digits").n != 0)
			return true;
	}
	return false;
}

static void
put_heading(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_node *n)
{
	struct bw_str event = pair_of(n, "event");
	struct bw_str digits = pair_of(n, "digits");
	const char *words = heading(event);

	bw_buf_puts(b, "<B>");
	if (n->rule == NULL)
		bw_buf_puts(b, "when something fails");
	else if (event.p == NULL)
		bw_buf_puts(b, "any event");
	else if (words == NULL)
		put_alternatives(b, event, "other");
	else if (strcmp(words, "keys") != 0)
		bw_buf_puts(b, words);
	else if (digits.p == NULL)
		bw_buf_puts(b, is_rest(g, n) ? "other keys" : words);
	else if (digits.n == 0)
		bw_buf_puts(b, "no key");
	else {
		bw_buf_puts(b, digits.n == 1 ? "key " : "keys ");
		put_alternatives(b, digits, "none");
	}
	bw_buf_puts(b, "</B>");
	if (n->npairs > (event.p != NULL) + (size_t)(digits.p != NULL)) {
		bw_buf_puts(b, " ");
		bwi_draw_conditions(b, n, "digits");
	}
}

static const char *
colour(const struct bwi_graph_node *n)
{
	struct bw_str event = pair_of(n, "event");

	if (n->in_loop)
		return "#f6c9c3";
	if (n->rule == NULL)
		return "#f3e3c3";
	if (bw_str_is(event, "initiate") || bw_str_is(event, "answer"))
		return "#cfe8cf";
	if (bw_str_is(event, "gather"))
		return "#cfe0f5";
	if (bw_str_is(event, "redirect"))
		return "#e3e6ea";
	return "#e4d8f0";
}

/* Does the call end here although no verb ends it? */
static bool
runs_out(const struct bw_graph *g, const struct bwi_graph_node *n)
{
	if (n->ends ||
	    (n->rule != NULL && n->rule->action.kind != BWI_ACTION_RESPONSE))
		return false;
	for (size_t i = 0; i < n->nsteps; i++) {
		if (g->steps.v[n->first_step + i].lead != SIZE_MAX)
			return false;
	}
	return true;
}

static void
put_end(struct bw_buf *b)
{
	begin_row(b, "");
	bw_buf_puts(b, "<FONT COLOR=\"#b26a00\">the call ends here</FONT>");
	end_row(b);
}

/* Background color: neutral, or after trials green or grey. */
static const char *
background(const struct bw_graph *g, const struct bwi_graph_node *n)
{
	if (!g->covered || n->rule == NULL)
		return "#ffffff";
	return n->covered > 0 ? "#e6f4e6" : "#d9d9d9";
}

static void
put_coverage(struct bw_buf *b, const struct bwi_graph_node *n)
{
	begin_row(b, "");
	if (n->covered > 0)
		bw_buf_printf(b, "tried %llu times", n->covered);
	else
		bw_buf_puts(b, "<B>never tried</B>");
	end_row(b);
}

void
bwi_draw_node(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_node *n)
{
	bw_buf_printf(b,
	    "<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
	    "CELLPADDING=\"4\" BGCOLOR=\"%s\" COLOR=\"#8a94a3\">"
	    "<TR><TD ALIGN=\"LEFT\" BGCOLOR=\"",
	    background(g, n));
	bw_buf_puts(b, colour(n));
	bw_buf_puts(b, "\">");
	put_heading(b, g, n);
	bw_buf_puts(b, "</TD></TR>");
	for (size_t i = 0; i < n->nsteps; i++)
		put_step(b, g, &g->steps.v[n->first_step + i]);
	if (n->rule != NULL)
		put_answer(b, &n->rule->action);
	if (runs_out(g, n) && bw_str_is(pair_of(n, "event"), "transferAnswer"))
		put_action(b, "then both are joined", (struct bw_str){"", 0});
	else if (runs_out(g, n))
		put_end(b);
	if (g->covered && n->rule != NULL)
		put_coverage(b, n);
	bw_buf_puts(b, "</TABLE>");
}

enum bwi_draw_way
bwi_draw_way(const struct bwi_graph_lead *lead, const struct bwi_graph_node *to)
{
	const struct bw_event_type *types;
	struct bw_str digits = pair_of(to, "digits");
	struct bw_str cause = pair_of(to, "cause");
	size_t n;

	types = bw_event_types(&n);
	if (lead->row >= n || types[lead->row].answer != BW_ANSWER_BXML)
		return BWI_WAY_EVENT;
	if (lead->fallback)
		return BWI_WAY_ELSE;
	if (strcmp(lead->event, "gather") == 0)
		return digits.p != NULL && digits.n == 0 ? BWI_WAY_ELSE
							 : BWI_WAY_CHOICE;
	if (strcmp(lead->event, "transferComplete") == 0 && lead->nedges > 1)
		return bw_str_is(cause, "hangup") ? BWI_WAY_CHOICE
						  : BWI_WAY_ELSE;
	return BWI_WAY_CHOICE;
}

static void
put_gathered(
    struct bw_buf *b, const struct bwi_graph_lead *lead, struct bw_str digits)
{
	if (digits.p == NULL)
		bw_buf_puts(b, lead->nedges > 1 ? "anything else" : "keys");
	else
		put_alternatives(b, digits, "no key");
}

static void
put_cause(
    struct bw_buf *b, const struct bwi_graph_lead *lead, struct bw_str cause)
{
	if (cause.p != NULL)
		put_alternatives(b, cause, "no cause");
	else
		bw_buf_puts(b, lead->nedges > 1 ? "not connected" : "after it");
}

void
bwi_draw_edge(struct bw_buf *b, const struct bwi_graph_lead *lead,
    const struct bwi_graph_node *to)
{
	size_t before = b->n;
	const char *but = "";
	struct bw_buf rest;
	bool words;

	bw_buf_init(&rest, b->max);
	if (lead->fallback)
		bw_buf_puts(b, "if that fails ");
	if (strcmp(lead->event, "gather") == 0) {
		but = "digits";
		put_gathered(b, lead, pair_of(to, "digits"));
	} else if (strcmp(lead->event, "transferComplete") == 0) {
		but = "cause";
		put_cause(b, lead, pair_of(to, "cause"));
	} else if (strcmp(lead->event, "recordComplete") == 0) {
		bw_buf_puts(b, "recorded");
	} else if (strcmp(lead->event, "transferAnswer") == 0) {
		bw_buf_puts(b, "called party hears");
	} else if (strcmp(lead->event, "redirect") != 0) {
		bw_buf_xml(
		    b, (struct bw_str){lead->event, strlen(lead->event)});
	}
	if (lead->refused)
		bw_buf_puts(b, " (401)");
	words = b->n != before;
	put_conditions(
	    &rest, to, but, lead->tag.kind == BWI_TAG_LITERAL ? "tag" : "");
	if (rest.n != 0) {
		if (words)
			bw_buf_puts(b, ", ");
		bw_buf_add(b, rest.p, rest.n);
	}
	if (rest.err != BW_OK && b->err == BW_OK)
		b->err = rest.err;
	bw_buf_free(&rest);
}
