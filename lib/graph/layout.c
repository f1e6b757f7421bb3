#include "graph/layout.h"

#include <stdlib.h>

#include "graph/layers.h"

#define LAYER_GAP 30.0 /* between two layers */
#define MARGIN	  8.0
#define LOOP	  22.0 /* of an edge to its own box, to the right */
#define PORT	  14.0 /* between the ends of edges at one box */
#define CORNER	  10.0 /* of a box, where no edge ends */

/* Set y of the boxes; tops[i] is where layer i begins, and one more. */
static void
stack(struct bwi_layers *l, double *tops, double *heights)
{
	struct bwi_layout *to = l->layout;
	double y = MARGIN;

	for (size_t i = 0; i < to->nboxes; i++) {
		size_t layer = l->vertices[i].layer;

		if (to->boxes[i].height > heights[layer])
			heights[layer] = to->boxes[i].height;
	}
	for (size_t i = 0; i < l->nlayers; i++) {
		tops[i] = y;
		y += heights[i] + LAYER_GAP;
	}
	to->height = y - LAYER_GAP + MARGIN;
	for (size_t i = 0; i < to->nboxes; i++) {
		size_t layer = l->vertices[i].layer;

		to->boxes[i].y = tops[layer] + heights[layer] / 2;
	}
}

static bool
has_loop(const struct bwi_layout *to, size_t box)
{
	for (size_t i = 0; i < to->nlines; i++) {
		if (to->lines[i].from == box && to->lines[i].to == box)
			return true;
	}
	return false;
}

/* Move everything to the margin, and set x of the boxes. */
static void
move(struct bwi_layers *l)
{
	struct bwi_layout *to = l->layout;
	double left = 0, right = 0;

	for (size_t i = 0; i < l->nvertices; i++) {
		const struct bwi_vertex *v = &l->vertices[i];
		double more = i < to->nboxes && has_loop(to, i) ? LOOP : 0;

		if (i == 0 || v->x - v->width / 2 < left)
			left = v->x - v->width / 2;
		if (i == 0 || v->x + v->width / 2 + more > right)
			right = v->x + v->width / 2 + more;
	}
	for (size_t i = 0; i < l->nvertices; i++)
		l->vertices[i].x += MARGIN - left;
	for (size_t i = 0; i < to->nboxes; i++)
		to->boxes[i].x = l->vertices[i].x;
	to->width = right - left + 2 * MARGIN;
}

/*
 * Where at a box the segment ends, from its centre: by the order of the other
 * ends.
 */
static double
port(const struct bwi_layers *l, size_t vertex, size_t segment, bool upper)
{
	const struct bwi_vertex *v = &l->vertices[vertex];
	const size_t *list =
	    upper ? &l->above[v->first_above] : &l->below[v->first_below];
	size_t n = upper ? v->nabove : v->nbelow, before = 0;
	double room = v->width - 2 * CORNER, step = PORT, x;

	if (vertex >= l->layout->nboxes || n < 2)
		return 0;
	if (step * (double)(n - 1) > room)
		step = room / (double)(n - 1);
#define OTHER(s) \
	l->vertices[upper ? l->segments[s].upper : l->segments[s].lower].x
	x = OTHER(segment);
	for (size_t i = 0; i < n; i++)
		before += OTHER(list[i]) < x ||
			  (OTHER(list[i]) == x && list[i] < segment);
#undef OTHER
	return ((double)before - (double)(n - 1) / 2) * step;
}

static void
put(struct bwi_layout_line *line, double x, double y)
{
	line->points[line->n++] = (struct bwi_point){x, y};
}

static void
reverse(struct bwi_layout_line *line)
{
	for (size_t i = 0; i < line->n / 2; i++) {
		struct bwi_point p = line->points[i];

		line->points[i] = line->points[line->n - 1 - i];
		line->points[line->n - 1 - i] = p;
	}
}

static void
draw_loop(struct bwi_layout *to, struct bwi_layout_line *line)
{
	const struct bwi_layout_box *b = &to->boxes[line->from];
	double x = b->x + b->width / 2, y = b->height / 4;

	put(line, x, b->y - y);
	put(line, x + LOOP, b->y - y);
	put(line, x + LOOP, b->y + y);
	put(line, x, b->y + y);
}

/* The points of a chain, from top to bottom. */
static void
draw_chain(const struct bwi_layers *l, size_t i, const double *tops,
    const double *heights)
{
	const struct bwi_chain *c = &l->chains[i];
	struct bwi_layout_line *line = &l->layout->lines[i];

	for (size_t k = 0; k < c->n; k++) {
		const struct bwi_segment *s = &l->segments[c->first + k];
		const struct bwi_vertex *u = &l->vertices[s->upper];
		const struct bwi_vertex *v = &l->vertices[s->lower];
		double from = tops[u->layer] + heights[u->layer];
		double until = tops[v->layer];

		if (k == 0)
			from = l->layout->boxes[s->upper].y +
			       l->layout->boxes[s->upper].height / 2;
		if (k + 1 == c->n)
			until = l->layout->boxes[s->lower].y -
				l->layout->boxes[s->lower].height / 2;
		put(line, u->x + port(l, s->upper, c->first + k, false), from);
		put(line, v->x + port(l, s->lower, c->first + k, true), until);
	}
	if (c->upwards)
		reverse(line);
}

static enum bw_err
draw_lines(struct bwi_layers *l, const double *tops, const double *heights)
{
	for (size_t i = 0; i < l->layout->nlines; i++) {
		struct bwi_layout_line *line = &l->layout->lines[i];
		size_t n = l->chains[i].n > 0 ? 2 * l->chains[i].n : 4;

		line->n = 0;
		line->points = bwi_layers_array(l, n, sizeof(*line->points));
		if (line->points == NULL)
			return BW_ERR_NOMEM;
		if (l->chains[i].n > 0)
			draw_chain(l, i, tops, heights);
		else
			draw_loop(l->layout, line);
	}
	return BW_OK;
}

static enum bw_err
finish(struct bwi_layers *l)
{
	double *tops = bwi_layers_array(l, l->nlayers, sizeof(*tops));
	double *heights = bwi_layers_array(l, l->nlayers, sizeof(*heights));

	if (tops == NULL || heights == NULL)
		return BW_ERR_NOMEM;
	stack(l, tops, heights);
	move(l);
	return draw_lines(l, tops, heights);
}

enum bw_err
bwi_layout_arrange(struct bwi_layout *to, struct bwi_arena *arena)
{
	struct bwi_layers l = {.layout = to, .arena = arena};
	enum bw_err err = bwi_layers_build(&l);

	if (err == BW_OK)
		err = bwi_layers_order(&l);
	for (size_t i = 0; err == BW_OK && i < to->nboxes; i++)
		l.vertices[i].width = to->boxes[i].width;
	if (err == BW_OK)
		err = bwi_layers_align(&l);
	return err == BW_OK ? finish(&l) : err;
}
