/* Texts of the brief picture, and how wide they are. */
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "graph/picture.h"

#define MAX_LETTERS 26
#define SIZE	    11.0 /* of the letters */
#define ELLIPSIS    "\xe2\x80\xa6"

/*
 * Widths of the characters from ' ' to '~' in thousandths of the size, those of
 * Helvetica; other fonts without serifs differ little.
 */
static const unsigned short widths[] = {278, 278, 355, 556, 556, 889, 667, 191,
    333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611,
    722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500,
    556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333,
    500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};

double
bwi_picture_width(struct bw_str s)
{
	double sum = 0;

	for (size_t i = 0; i < s.n;) {
		size_t n = bwi_utf8_length(s.p + i, s.n - i);
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c <= '~')
			sum += widths[c - ' '];
		else
			sum += n > 2 ? 1000 : 667; /* ideographs are square */
		i += n;
	}
	return sum / 1000 * SIZE * 1.08;
}

void
bwi_picture_cut(struct bw_buf *b, struct bw_str s)
{
	size_t end = 0, word = 0, sentence = 0, n = 0;

	while (end < s.n && n < MAX_LETTERS) {
		if (s.p[end] == ' ')
			word = end;
		if (s.p[end] == ' ' && end > 0 && n > MAX_LETTERS / 2 &&
		    strchr(".!?", s.p[end - 1]) != NULL)
			sentence = end;
		end += bwi_utf8_length(s.p + end, s.n - end);
		n++;
	}
	if (end < s.n && s.p[end] != ' ' && word > 0)
		end = word;
	/* A whole sentence needs no sign that more follows. */
	if (end < s.n && sentence > 0) {
		bw_buf_add(b, s.p, sentence);
		return;
	}
	bw_buf_add(b, s.p, end);
	if (end < s.n)
		bw_buf_puts(b, ELLIPSIS);
}

/* A text with "..." for each placeholder. */
static void
put_outline(struct bw_buf *b, struct bw_str s)
{
	struct bw_buf outline;

	bw_buf_init(&outline, b->max);
	bwi_str_outline(s, &outline);
	for (size_t i = 0; i < outline.n; i++) {
		if (outline.p[i] == BWI_OUTLINE_VALUE)
			bw_buf_puts(b, ELLIPSIS);
		else
			bw_buf_putc(b, outline.p[i]);
	}
	if (outline.err != BW_OK && b->err == BW_OK)
		b->err = outline.err;
	bw_buf_free(&outline);
}

/* What the caller notices first; its text. False: this is nothing of it. */
static bool
put_step(struct bw_buf *b, const struct bwi_graph_step *s)
{
	bool speaks = strcmp(s->verb, "SpeakSentence") == 0 ||
		      strcmp(s->verb, "Gather") == 0;
	const char *words = bwi_words_verb(s->verb);

	if (speaks && s->says.n > 0)
		put_outline(b, s->says);
	else if (strcmp(s->verb, "Gather") == 0)
		bw_buf_puts(b, "waits for keys");
	else if (!speaks && words != NULL && strcmp(s->verb, "Pause") != 0)
		bw_buf_puts(b, words);
	else
		return false;
	return true;
}

static void
put_action(struct bw_buf *b, const struct bwi_action *a)
{
	const char *name = NULL, *slash;

	if (a->kind == BWI_ACTION_EXEC)
		name = a->argv[0];
	else if (a->kind == BWI_ACTION_MODULE)
		name = a->handler.name;
	if (name == NULL) {
		bw_buf_puts(b,
		    a->kind == BWI_ACTION_REPLY ? "a status only" : "goes on");
		return;
	}
	slash = strrchr(name, '/');
	bw_buf_puts(b, slash != NULL ? slash + 1 : name);
}

void
bwi_picture_says(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_node *n)
{
	for (size_t i = 0; i < n->nsteps; i++) {
		if (put_step(b, &g->steps.v[n->first_step + i]))
			return;
	}
	if (n->rule != NULL)
		put_action(b, &n->rule->action);
	else
		bw_buf_puts(b, "fallback");
}

/* Does a rule before it in its section name the event, too? */
static bool
is_otherwise(
    const struct bw_graph *g, const struct bwi_graph_node *n, const char *event)
{
	for (const struct bwi_graph_node *p = g->nodes.v; p < n; p++) {
		if (p->section == n->section && bwi_draw_names_event(p, event))
			return true;
	}
	return false;
}

/* The event that begins a call by this rule; NULL: none does. */
static const char *
start_of(const struct bwi_graph_node *n)
{
	const struct bwi_draw_start *start;

	for (size_t i = 0; (start = bwi_draw_start(i)) != NULL; i++) {
		if (start->always && bwi_draw_names_event(n, start->event))
			return start->event;
	}
	return NULL;
}

void
bwi_picture_when(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_node *n)
{
	const char *start = start_of(n);
	struct bw_buf more;

	bw_buf_init(&more, b->max);
	bwi_words_more(&more, n);
	/* The arrow from the start says that a call comes in. */
	if (start == NULL)
		bwi_words_heading(b, g, n);
	else if (more.n == 0 && is_otherwise(g, n, start))
		bw_buf_puts(b, "otherwise");
	if (more.n > 0) {
		if (start == NULL)
			bw_buf_puts(b, ", ");
		bw_buf_add(b, more.p, more.n);
	}
	if (more.err != BW_OK && b->err == BW_OK)
		b->err = more.err;
	bw_buf_free(&more);
}
