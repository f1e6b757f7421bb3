/* Finds the layers of a layout. */
#include "graph/layers.h"

#include <stdint.h>
#include <string.h>

void *
bwi_layers_array(struct bwi_layers *l, size_t n, size_t size)
{
	size_t bytes = (n > 0 ? n : 1) * size; /* n and size have limits */
	void *p = bwi_arena_alloc(l->arena, bytes);

	if (p != NULL)
		memset(p, 0, bytes);
	return p;
}

enum colour {
	WHITE, /* not seen */
	GREY,  /* on the path from where the search began */
	BLACK
};

/*
 * An edge back to where its path came from would make a circle of layers: it is
 * turned around. The depth is at most the number of boxes.
 */
static void
search(struct bwi_layers *l, size_t box, enum colour *colours)
{
	const struct bwi_layout *to = l->layout;

	colours[box] = GREY;
	for (size_t i = 0; i < to->nlines; i++) {
		size_t next = to->lines[i].to;

		if (to->lines[i].from != box || next == box)
			continue;
		if (colours[next] == GREY)
			l->chains[i].upwards = true;
		else if (colours[next] == WHITE)
			search(l, next, colours);
	}
	colours[box] = BLACK;
}

static enum bw_err
turn_around(struct bwi_layers *l)
{
	enum colour *colours =
	    bwi_layers_array(l, l->layout->nboxes, sizeof(*colours));

	if (colours == NULL)
		return BW_ERR_NOMEM;
	for (size_t i = 0; i < l->layout->nboxes; i++) {
		if (colours[i] == WHITE)
			search(l, i, colours);
	}
	return BW_OK;
}

static size_t
upper_box(const struct bwi_layers *l, size_t line)
{
	const struct bwi_layout_line *e = &l->layout->lines[line];

	return l->chains[line].upwards ? e->to : e->from;
}

static size_t
lower_box(const struct bwi_layers *l, size_t line)
{
	const struct bwi_layout_line *e = &l->layout->lines[line];

	return l->chains[line].upwards ? e->from : e->to;
}

static bool
is_loop(const struct bwi_layers *l, size_t line)
{
	return upper_box(l, line) == lower_box(l, line);
}

/* Each box below everything that leads to it. */
static void
find_layers(struct bwi_layers *l)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < l->layout->nlines; i++) {
			size_t above = l->vertices[upper_box(l, i)].layer;
			struct bwi_vertex *v = &l->vertices[lower_box(l, i)];

			if (!is_loop(l, i) && v->layer < above + 1) {
				v->layer = above + 1;
				changed = true;
			}
		}
	}
}

/* A box that nothing leads to stands right above the first that follows. */
static void
lower_sources(struct bwi_layers *l)
{
	for (size_t box = 0; box < l->layout->nboxes; box++) {
		size_t lowest = SIZE_MAX;
		bool source = true;

		for (size_t i = 0; i < l->layout->nlines; i++) {
			size_t below = l->vertices[lower_box(l, i)].layer;

			if (is_loop(l, i))
				continue;
			source = source && lower_box(l, i) != box;
			if (upper_box(l, i) == box && below < lowest)
				lowest = below;
		}
		if (source && lowest != SIZE_MAX)
			l->vertices[box].layer = lowest - 1;
	}
}

static size_t
span(const struct bwi_layers *l, size_t line)
{
	return l->vertices[lower_box(l, line)].layer -
	       l->vertices[upper_box(l, line)].layer;
}

/* Count the segments; false: too many. */
static bool
count(struct bwi_layers *l)
{
	for (size_t i = 0; i < l->layout->nlines; i++) {
		if (is_loop(l, i))
			continue;
		l->chains[i].first = l->nsegments;
		l->chains[i].n = span(l, i);
		l->nsegments += l->chains[i].n;
		l->nvertices += l->chains[i].n - 1;
	}
	return l->nvertices <= BWI_LAYOUT_MAX_PASSES;
}

static void
add_chain(struct bwi_layers *l, size_t line, size_t *vertex)
{
	const struct bwi_chain *c = &l->chains[line];
	size_t at = upper_box(l, line);

	for (size_t i = 0; i < c->n; i++) {
		size_t next = i + 1 == c->n ? lower_box(l, line) : (*vertex)++;

		if (i + 1 < c->n)
			l->vertices[next].layer = l->vertices[at].layer + 1;
		l->segments[c->first + i] = (struct bwi_segment){at, next};
		at = next;
	}
}

static enum bw_err
add_chains(struct bwi_layers *l)
{
	size_t boxes = l->layout->nboxes, vertex = boxes;
	struct bwi_vertex *all;

	if (!count(l))
		return BW_ERR_LIMIT;
	all = bwi_layers_array(l, l->nvertices, sizeof(*all));
	l->segments = bwi_layers_array(l, l->nsegments, sizeof(*l->segments));
	if (all == NULL || l->segments == NULL)
		return BW_ERR_NOMEM;
	memcpy(all, l->vertices, boxes * sizeof(*all));
	l->vertices = all;
	for (size_t i = 0; i < l->layout->nlines; i++)
		add_chain(l, i, &vertex);
	return BW_OK;
}

/* List the segments of each vertex. */
static enum bw_err
index_segments(struct bwi_layers *l)
{
	size_t above = 0, below = 0;

	l->above = bwi_layers_array(l, l->nsegments, sizeof(*l->above));
	l->below = bwi_layers_array(l, l->nsegments, sizeof(*l->below));
	if (l->above == NULL || l->below == NULL)
		return BW_ERR_NOMEM;
	for (size_t i = 0; i < l->nsegments; i++) {
		l->vertices[l->segments[i].lower].nabove++;
		l->vertices[l->segments[i].upper].nbelow++;
	}
	for (size_t i = 0; i < l->nvertices; i++) {
		struct bwi_vertex *v = &l->vertices[i];

		v->first_above = above;
		v->first_below = below;
		above += v->nabove;
		below += v->nbelow;
		v->nabove = v->nbelow = 0;
	}
	for (size_t i = 0; i < l->nsegments; i++) {
		struct bwi_vertex *u = &l->vertices[l->segments[i].upper];
		struct bwi_vertex *v = &l->vertices[l->segments[i].lower];

		l->below[u->first_below + u->nbelow++] = i;
		l->above[v->first_above + v->nabove++] = i;
	}
	return BW_OK;
}

/* List the vertices of each layer, in the order of the boxes at first. */
static enum bw_err
list_layers(struct bwi_layers *l)
{
	for (size_t i = 0; i < l->nvertices; i++) {
		if (l->vertices[i].layer >= l->nlayers)
			l->nlayers = l->vertices[i].layer + 1;
	}
	l->layers = bwi_layers_array(l, l->nlayers, sizeof(*l->layers));
	l->sizes = bwi_layers_array(l, l->nlayers, sizeof(*l->sizes));
	if (l->layers == NULL || l->sizes == NULL)
		return BW_ERR_NOMEM;
	for (size_t i = 0; i < l->nvertices; i++)
		l->sizes[l->vertices[i].layer]++;
	for (size_t i = 0; i < l->nlayers; i++) {
		l->layers[i] = bwi_layers_array(l, l->sizes[i], sizeof(size_t));
		if (l->layers[i] == NULL)
			return BW_ERR_NOMEM;
		l->sizes[i] = 0;
	}
	for (size_t i = 0; i < l->nvertices; i++) {
		struct bwi_vertex *v = &l->vertices[i];

		v->order = l->sizes[v->layer]++;
		l->layers[v->layer][v->order] = i;
	}
	return BW_OK;
}

enum bw_err
bwi_layers_build(struct bwi_layers *l)
{
	enum bw_err err;

	if (l->layout->nboxes > BWI_LAYOUT_MAX_NODES ||
	    l->layout->nlines > BWI_LAYOUT_MAX_EDGES)
		return BW_ERR_LIMIT;
	l->nvertices = l->layout->nboxes;
	l->vertices = bwi_layers_array(l, l->nvertices, sizeof(*l->vertices));
	l->chains = bwi_layers_array(l, l->layout->nlines, sizeof(*l->chains));
	if (l->vertices == NULL || l->chains == NULL)
		return BW_ERR_NOMEM;
	err = turn_around(l);
	if (err != BW_OK)
		return err;
	find_layers(l);
	lower_sources(l);
	err = add_chains(l);
	if (err == BW_OK)
		err = index_segments(l);
	return err == BW_OK ? list_layers(l) : err;
}
