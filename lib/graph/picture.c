#include "graph/picture.h"

#include <stdint.h>
#include <string.h>

#define MAX_TEXT   4096
#define MAX_PATH   65536
#define PADDING	   20.0 /* left and right of a text, together */
#define LEAST	   44.0 /* width of a box */
#define HEAD	   6.0	/* length of an arrowhead */
#define HEAD_WIDTH 3.0	/* of each half */

/* The picture being made, and its graph. */
struct making {
	struct bwi_picture *picture;
	const struct bw_graph *graph;
	size_t *box_of; /* boxes by node; SIZE_MAX: not drawn */
	enum bw_err err;
};

static void *
array(struct making *m, size_t n, size_t size)
{
	void *p = bwi_arena_alloc(&m->picture->arena, (n + 1) * size);

	if (p == NULL)
		m->err = BW_ERR_NOMEM;
	return p;
}

/* A copy of what a buffer holds; the buffer is freed. */
static struct bw_str
take(struct making *m, struct bw_buf *b)
{
	struct bw_str s = {"", 0};

	if (b->err == BW_OK && b->n > 0)
		s = bwi_arena_copy(
		    &m->picture->arena, (struct bw_str){b->p, b->n});
	if (b->err != BW_OK || s.p == NULL)
		m->err = BW_ERR_NOMEM;
	bw_buf_free(b);
	return s;
}

static struct bw_str
cut(struct making *m, struct bw_buf *whole)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	if (whole->n > 0)
		bwi_picture_cut(&b, (struct bw_str){whole->p, whole->n});
	/* If the buffer was too small, its beginning is used. */
	bw_buf_free(whole);
	return take(m, &b);
}

static void
measure(struct bwi_picture_box *box)
{
	box->width = LEAST;
	box->height = BWI_PICTURE_BORDER;
	for (size_t i = 0; i < 2; i++) {
		double w = bwi_picture_width(box->lines[i]) + PADDING;

		if (box->lines[i].n == 0)
			continue;
		box->height += BWI_PICTURE_LINE;
		if (w > box->width)
			box->width = w;
	}
}

static struct bwi_picture_box *
add_box(struct making *m, enum bwi_picture_kind kind, size_t node)
{
	struct bwi_picture_box *box = &m->picture->boxes[m->picture->nboxes++];

	*box = (struct bwi_picture_box){.kind = kind, .node = node};
	return box;
}

static void
add_node(struct making *m, size_t node)
{
	const struct bwi_graph_node *n = &m->graph->nodes.v[node];
	struct bwi_picture_box *box = add_box(
	    m, n->rule != NULL ? BWI_PICTURE_RULE : BWI_PICTURE_FALLBACK, node);
	struct bw_buf name, says, when;

	m->box_of[node] = m->picture->nboxes - 1;
	bw_buf_init(&name, MAX_TEXT);
	bw_buf_init(&says, MAX_TEXT);
	bw_buf_init(&when, MAX_TEXT);
	bwi_draw_name(&name, m->graph, node);
	bwi_picture_says(&says, m->graph, n);
	bwi_picture_when(&when, m->graph, n);
	box->name = take(m, &name);
	box->lines[0] = cut(m, &says);
	box->lines[1] = cut(m, &when);
	box->loops = n->in_loop;
	measure(box);
}

/* "a call<BR/>comes in" on one line. */
static struct bw_str
one_line(struct making *m, const char *words)
{
	const char *rest = strstr(words, "<BR/>");
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	bw_buf_add(
	    &b, words, rest != NULL ? (size_t)(rest - words) : strlen(words));
	if (rest != NULL)
		bw_buf_printf(&b, " %s", rest + strlen("<BR/>"));
	return take(m, &b);
}

static void
add_start(struct making *m, const struct bwi_draw_start *start)
{
	struct bwi_picture_box *box = add_box(m, BWI_PICTURE_START, SIZE_MAX);

	box->name = (struct bw_str){start->event, strlen(start->event)};
	box->lines[0] = one_line(m, start->words);
	measure(box);
}

static void
add_line(
    struct making *m, size_t from, size_t to, enum bwi_draw_way way, bool wrong)
{
	struct bwi_picture *p = m->picture;

	/* One line for all ways from one box to another; the first counts. */
	for (size_t i = 0; i < p->nlines; i++) {
		struct bwi_picture_line *line = &p->lines[i];

		if (line->from != from || line->to != to)
			continue;
		if (way < line->way)
			line->way = way;
		line->wrong = line->wrong || wrong;
		return;
	}
	p->lines[p->nlines++] = (struct bwi_picture_line){
	    .from = from, .to = to, .way = way, .wrong = wrong};
}

static void
add_starts(struct making *m)
{
	const struct bwi_draw_start *start;

	for (size_t i = 0; (start = bwi_draw_start(i)) != NULL; i++) {
		size_t box = SIZE_MAX;

		for (size_t k = 0; k < m->graph->nodes.n; k++) {
			if (m->box_of[k] == SIZE_MAX ||
			    !bwi_draw_starts_at(start, &m->graph->nodes.v[k]))
				continue;
			if (box == SIZE_MAX) {
				box = m->picture->nboxes;
				add_start(m, start);
			}
			add_line(m, box, m->box_of[k], BWI_WAY_CHOICE, false);
		}
	}
}

static void
add_edges(struct making *m)
{
	const struct bw_graph *g = m->graph;

	for (size_t i = 0; i < g->edges.n; i++) {
		const struct bwi_graph_lead *lead =
		    &g->leads.v[g->edges.v[i].lead];
		const struct bwi_graph_node *from = &g->nodes.v[lead->node];
		size_t to = g->edges.v[i].to;
		size_t end = bwi_draw_destination(g, to);

		if (m->box_of[lead->node] == SIZE_MAX ||
		    m->box_of[end] == SIZE_MAX)
			continue;
		add_line(m, m->box_of[lead->node], m->box_of[end],
		    bwi_draw_way(lead, &g->nodes.v[to]),
		    lead->refused || (from->in_loop && g->nodes.v[to].in_loop));
	}
}

/* Programs may fail; then the fallback of the section answers. */
static void
add_failures(struct making *m)
{
	const struct bw_graph *g = m->graph;

	for (size_t i = 0; i < g->sections.n; i++) {
		const struct bwi_graph_section *s = &g->sections.v[i];

		for (size_t k = 0; k < s->nnodes; k++) {
			size_t node = s->first_node + k;

			if (!bwi_draw_may_fail(g, s, node) ||
			    m->box_of[node] == SIZE_MAX)
				continue;
			if (m->box_of[s->fallback] == SIZE_MAX)
				add_node(m, s->fallback);
			add_line(m, m->box_of[node], m->box_of[s->fallback],
			    BWI_WAY_ELSE, false);
		}
	}
}

/* What a lead leads to outside of the rules; NULL: nothing. */
static const char *
outside(const struct bwi_graph_lead *lead, struct bw_str *what, bool *wrong)
{
	*what = lead->url;
	*wrong = false;
	if (lead->where == BWI_LEAD_EXTERNAL)
		return "elsewhere";
	if (lead->where == BWI_LEAD_UNKNOWN)
		return "depends on the call";
	*what = lead->path;
	*wrong = true;
	if (lead->ntargets == 0)
		return "no such path";
	return lead->unanswered ? "nothing answers it" : NULL;
}

static void
add_outside(struct making *m, size_t i)
{
	const struct bwi_graph_lead *lead = &m->graph->leads.v[i];
	struct bw_buf name, text;
	struct bwi_picture_box *box;
	struct bw_str what;
	bool wrong;
	const char *words = outside(lead, &what, &wrong);

	if (words == NULL || lead->again || m->box_of[lead->node] == SIZE_MAX)
		return;
	box = add_box(
	    m, wrong ? BWI_PICTURE_WRONG : BWI_PICTURE_OUTSIDE, SIZE_MAX);
	bw_buf_init(&name, MAX_TEXT);
	bw_buf_init(&text, MAX_TEXT);
	bw_buf_printf(&name, "out%zu", i);
	bw_buf_str(&text, what);
	box->name = take(m, &name);
	box->lines[0] = (struct bw_str){words, strlen(words)};
	box->lines[1] = cut(m, &text);
	measure(box);
	add_line(m, m->box_of[lead->node], m->picture->nboxes - 1,
	    lead->fallback ? BWI_WAY_ELSE : BWI_WAY_CHOICE, wrong);
}

/* Make the boxes and lines, without places. */
static void
build(struct making *m)
{
	const struct bw_graph *g = m->graph;
	struct bwi_picture *p = m->picture;
	size_t most = g->nodes.n + g->leads.n;

	m->box_of = array(m, g->nodes.n, sizeof(*m->box_of));
	/* Three starts. */
	p->boxes = array(m, most + 3, sizeof(*p->boxes));
	p->lines =
	    array(m, g->edges.n + most + 3 * g->nodes.n, sizeof(*p->lines));
	if (m->err != BW_OK)
		return;
	for (size_t i = 0; i < g->nodes.n; i++)
		m->box_of[i] = SIZE_MAX;
	for (size_t i = 0; i < g->nodes.n; i++) {
		if (bwi_draw_is_drawn(g, i))
			add_node(m, i);
	}
	add_starts(m);
	add_edges(m);
	add_failures(m);
	for (size_t i = 0; i < g->leads.n; i++)
		add_outside(m, i);
}

static void
put_path(
    struct bw_buf *b, const struct bwi_layout_line *line, struct bwi_point end)
{
	const struct bwi_point *p = line->points;

	bw_buf_printf(b, "M%.1f %.1f", p[0].x, p[0].y);
	if (line->from == line->to) { /* a loop */
		bw_buf_printf(b, "C%.1f %.1f %.1f %.1f %.1f %.1f", p[1].x,
		    p[1].y, p[2].x, p[2].y, end.x, end.y);
		return;
	}
	for (size_t i = 1; i < line->n; i++) {
		struct bwi_point to = i + 1 == line->n ? end : p[i];
		double half = (to.y - p[i - 1].y) / 2;

		if (i % 2 == 0) /* through a layer */
			bw_buf_printf(b, "L%.1f %.1f", to.x, to.y);
		else
			bw_buf_printf(b, "C%.1f %.1f %.1f %.1f %.1f %.1f",
			    p[i - 1].x, p[i - 1].y + half, to.x, to.y - half,
			    to.x, to.y);
	}
}

static void
put_head(struct bw_buf *b, struct bwi_point tip, double dx, double dy)
{
	bw_buf_printf(b, "M%.1f %.1fL%.1f %.1fL%.1f %.1fZ", tip.x, tip.y,
	    tip.x - HEAD * dx + HEAD_WIDTH * dy,
	    tip.y - HEAD * dy + HEAD_WIDTH * dx,
	    tip.x - HEAD * dx - HEAD_WIDTH * dy,
	    tip.y - HEAD * dy - HEAD_WIDTH * dx);
}

static void
draw_line(struct making *m, size_t i, const struct bwi_layout_line *placed)
{
	struct bwi_picture_line *line = &m->picture->lines[i];
	struct bwi_point tip = placed->points[placed->n - 1], end;
	bool loop = line->from == line->to;
	double dx = loop ? -1 : 0, dy = 0;
	struct bw_buf path, head, id;

	if (!loop)
		dy = tip.y > placed->points[placed->n - 2].y ? 1 : -1;
	/* The line ends inside of the head, so that none is seen beside it. */
	end = (struct bwi_point){tip.x - 4 * dx, tip.y - 4 * dy};
	bw_buf_init(&path, MAX_PATH);
	bw_buf_init(&head, MAX_PATH);
	bw_buf_init(&id, MAX_TEXT);
	put_path(&path, placed, end);
	put_head(&head, tip, dx, dy);
	bw_buf_printf(&id, "e%s-%s", m->picture->boxes[line->from].name.p,
	    m->picture->boxes[line->to].name.p);
	line->path = take(m, &path);
	line->head = take(m, &head);
	line->id = take(m, &id);
	line->middle =
	    (struct bwi_point){(placed->points[0].x + placed->points[1].x) / 2,
		(placed->points[0].y + placed->points[1].y) / 2};
}

/* The starts first: they are to be at the top. */
static void
fill_layout(const struct bwi_picture *p, struct bwi_layout *l, size_t *box_at)
{
	size_t n = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < p->nboxes; i++) {
			const struct bwi_picture_box *box = &p->boxes[i];

			if ((box->kind == BWI_PICTURE_START) != (pass == 0))
				continue;
			box_at[i] = n;
			l->boxes[n++] = (struct bwi_layout_box){
			    .width = box->width, .height = box->height};
		}
	}
	for (size_t i = 0; i < p->nlines; i++)
		l->lines[i] =
		    (struct bwi_layout_line){.from = box_at[p->lines[i].from],
			.to = box_at[p->lines[i].to]};
}

static void
take_positions(
    struct making *m, const struct bwi_layout *l, const size_t *box_at)
{
	struct bwi_picture *p = m->picture;

	for (size_t i = 0; i < p->nboxes; i++) {
		const struct bwi_layout_box *from = &l->boxes[box_at[i]];

		p->boxes[i].x = from->x - from->width / 2;
		p->boxes[i].y = from->y - from->height / 2;
	}
	for (size_t i = 0; i < p->nlines; i++)
		draw_line(m, i, &l->lines[i]);
	p->width = (int)l->width + 1;
	p->height = (int)l->height + 1;
}

static void
arrange(struct making *m)
{
	struct bwi_picture *p = m->picture;
	struct bwi_layout l = {.nboxes = p->nboxes, .nlines = p->nlines};
	size_t *box_at = array(m, p->nboxes, sizeof(*box_at));

	l.boxes = array(m, p->nboxes, sizeof(*l.boxes));
	l.lines = array(m, p->nlines, sizeof(*l.lines));
	if (m->err != BW_OK)
		return;
	fill_layout(p, &l, box_at);
	m->err = bwi_layout_arrange(&l, &p->arena);
	if (m->err == BW_OK)
		take_positions(m, &l, box_at);
}

enum bw_err
bwi_picture_make(
    const struct bw_graph *g, struct bwi_picture *p, struct bw_error *e)
{
	struct making m = {.picture = p, .graph = g};

	*p = (struct bwi_picture){.width = 0};
	bwi_arena_init(&p->arena);
	build(&m);
	if (m.err == BW_OK)
		arrange(&m);
	if (m.err == BW_OK)
		return BW_OK;
	bwi_picture_free(p);
	return bw_error_set(e, m.err, 0, "graph: %s",
	    m.err == BW_ERR_LIMIT ? "too many rules for a picture"
				  : bw_strerror(m.err));
}

void
bwi_picture_free(struct bwi_picture *p)
{
	bwi_arena_free(&p->arena);
	*p = (struct bwi_picture){.width = 0};
}

const char *
bwi_picture_kind_name(enum bwi_picture_kind kind)
{
	static const char *const names[] = {
	    [BWI_PICTURE_START] = "start",
	    [BWI_PICTURE_RULE] = "rule",
	    [BWI_PICTURE_FALLBACK] = "fallback",
	    [BWI_PICTURE_OUTSIDE] = "outside",
	    [BWI_PICTURE_WRONG] = "wrong",
	};

	return names[kind];
}
