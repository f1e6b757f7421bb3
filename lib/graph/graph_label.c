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
bwi_draw_words(struct bw_buf *b, struct bw_buf *words)
{
	if (words->n > 0)
		bw_buf_xml(b, (struct bw_str){words->p, words->n});
	if (words->err != BW_OK && b->err == BW_OK)
		b->err = words->err;
	bw_buf_free(words);
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
	if (bwi_words_verb(s->verb) != NULL)
		put_action(b, bwi_words_verb(s->verb), s->says);
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

static void
put_heading(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_node *n)
{
	struct bw_buf words, more;

	bw_buf_init(&words, b->max);
	bw_buf_init(&more, b->max);
	bwi_words_heading(&words, g, n);
	bwi_words_more(&more, n);
	bw_buf_puts(b, "<B>");
	bwi_draw_words(b, &words);
	bw_buf_puts(b, "</B>");
	if (more.n > 0)
		bw_buf_puts(b, " ");
	bwi_draw_words(b, &more);
}

static const char *
colour(const struct bwi_graph_node *n)
{
	struct bw_str event = bwi_words_pair(n, "event");

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
	if (runs_out(g, n) &&
	    bw_str_is(bwi_words_pair(n, "event"), "transferAnswer"))
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
	struct bw_str digits = bwi_words_pair(to, "digits");
	struct bw_str cause = bwi_words_pair(to, "cause");
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
