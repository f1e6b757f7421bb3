/* What pictures say of rules, in words. */
#include "base/str.h"
#include "base/utf8.h"
#include "graph/graph_draw.h"

struct bw_str
bwi_words_pair(const struct bwi_graph_node *n, const char *name)
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
		bw_buf_str(b, (struct bw_str){s.p + i, n});
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
	bw_buf_str(b, name);
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
bwi_words_conditions(struct bw_buf *b, const struct bwi_graph_node *n)
{
	put_conditions(b, n, "", "");
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
		if (p->section == n->section &&
		    bwi_words_pair(p, "digits").n != 0)
			return true;
	}
	return false;
}

void
bwi_words_heading(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_node *n)
{
	struct bw_str event = bwi_words_pair(n, "event");
	struct bw_str digits = bwi_words_pair(n, "digits");
	const char *words = heading(event);

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
}

void
bwi_words_more(struct bw_buf *b, const struct bwi_graph_node *n)
{
	put_conditions(b, n, "digits", "");
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

const char *
bwi_words_verb(const char *verb)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(verb, actions[i].verb) == 0)
			return actions[i].words;
	}
	return verb;
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
bwi_words_edge(struct bw_buf *b, const struct bwi_graph_lead *lead,
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
		put_gathered(b, lead, bwi_words_pair(to, "digits"));
	} else if (strcmp(lead->event, "transferComplete") == 0) {
		but = "cause";
		put_cause(b, lead, bwi_words_pair(to, "cause"));
	} else if (strcmp(lead->event, "recordComplete") == 0) {
		bw_buf_puts(b, "recorded");
	} else if (strcmp(lead->event, "transferAnswer") == 0) {
		bw_buf_puts(b, "called party hears");
	} else if (strcmp(lead->event, "redirect") != 0) {
		bw_buf_puts(b, lead->event);
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
