/* Orders the layers of a layout: the barycentre method. */
#include <stdlib.h>
#include <string.h>

#include "graph/layers.h"

#define SWEEPS 16

/* The other end of a segment of a vertex. */
static size_t
neighbour(const struct bwi_layers *l, size_t vertex, bool upper, size_t i)
{
	const struct bwi_vertex *v = &l->vertices[vertex];

	return upper ? l->segments[l->above[v->first_above + i]].upper
		     : l->segments[l->below[v->first_below + i]].lower;
}

/* The mean place of the neighbours, or its own place if there are none. */
static void
set_key(struct bwi_layers *l, size_t vertex, bool upper)
{
	struct bwi_vertex *v = &l->vertices[vertex];
	size_t n = upper ? v->nabove : v->nbelow;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum +=
		    (double)l->vertices[neighbour(l, vertex, upper, i)].order;
	v->key = n > 0 ? sum / (double)n : (double)v->order;
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct bwi_layers *l = arg;
	const struct bwi_vertex *x = &l->vertices[*(const size_t *)a];
	const struct bwi_vertex *y = &l->vertices[*(const size_t *)b];

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void
sort_layer(struct bwi_layers *l, size_t layer, bool upper)
{
	size_t *v = l->layers[layer];

	for (size_t i = 0; i < l->sizes[layer]; i++)
		set_key(l, v[i], upper);
	qsort_r(v, l->sizes[layer], sizeof(*v), compare, l);
	for (size_t i = 0; i < l->sizes[layer]; i++)
		l->vertices[v[i]].order = i;
}

/* Does the segment cross the other one? Each pair counts once. */
static bool
crosses(const struct bwi_layers *l, const struct bwi_segment *a,
    const struct bwi_segment *b)
{
	return l->vertices[a->upper].order < l->vertices[b->upper].order &&
	       l->vertices[a->lower].order > l->vertices[b->lower].order;
}

/* The crossings of the segments below two vertices, the first on the left. */
static size_t
count_between(const struct bwi_layers *l, size_t left, size_t right)
{
	const struct bwi_vertex *a = &l->vertices[left];
	const struct bwi_vertex *b = &l->vertices[right];
	size_t n = 0;

	for (size_t i = 0; i < a->nbelow; i++) {
		const struct bwi_segment *s =
		    &l->segments[l->below[a->first_below + i]];

		for (size_t k = 0; k < b->nbelow; k++)
			n += crosses(
			    l, s, &l->segments[l->below[b->first_below + k]]);
	}
	return n;
}

static size_t
count_crossings(const struct bwi_layers *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->nlayers; i++) {
		for (size_t a = 0; a < l->sizes[i]; a++) {
			for (size_t b = a + 1; b < l->sizes[i]; b++)
				n += count_between(
				    l, l->layers[i][a], l->layers[i][b]);
		}
	}
	return n;
}

static void
save(const struct bwi_layers *l, size_t *best)
{
	for (size_t i = 0; i < l->nvertices; i++)
		best[i] = l->vertices[i].order;
}

static void
restore(struct bwi_layers *l, const size_t *best)
{
	for (size_t i = 0; i < l->nvertices; i++) {
		struct bwi_vertex *v = &l->vertices[i];

		v->order = best[i];
		l->layers[v->layer][v->order] = i;
	}
}

static void
sweep(struct bwi_layers *l, bool down)
{
	for (size_t i = 1; i < l->nlayers; i++)
		sort_layer(l, down ? i : l->nlayers - 1 - i, down);
}

enum bw_err
bwi_layers_order(struct bwi_layers *l)
{
	size_t *best = bwi_layers_array(l, l->nvertices, sizeof(*best));
	size_t least = count_crossings(l);

	if (best == NULL)
		return BW_ERR_NOMEM;
	save(l, best);
	for (size_t i = 0; i < SWEEPS && least > 0; i++) {
		size_t n;

		sweep(l, i % 2 == 0);
		n = count_crossings(l);
		if (n < least) {
			least = n;
			save(l, best);
		}
	}
	restore(l, best);
	return BW_OK;
}
