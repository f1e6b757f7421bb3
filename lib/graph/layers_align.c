/*
 * Places the vertices of a layout. In turn, each layer is moved as near to its
 * neighbours as the order and the widths allow: the least sum of squares, found
 * by pooling adjacent violators (isotonic regression).
 */
#include "graph/layers.h"

#define ROUNDS	 12
#define BOX_GAP	 18.0
#define PASS_GAP 12.0

/* A run of vertices that touch. */
struct pool {
	double sum, weight; /* of the places wanted for its beginning */
	size_t end;	    /* the vertex after it, in its layer */
};

static bool
is_box(const struct bwi_layers *l, size_t vertex)
{
	return vertex < l->layout->nboxes;
}

/* The distance between the centres of neighbours in a layer. */
static double
distance(const struct bwi_layers *l, size_t a, size_t b)
{
	double gap = is_box(l, a) && is_box(l, b) ? BOX_GAP : PASS_GAP;

	return (l->vertices[a].width + l->vertices[b].width) / 2 + gap;
}

/* Long edges are to be straight first. */
static double
weight(const struct bwi_layers *l, const struct bwi_segment *s)
{
	bool upper = is_box(l, s->upper), lower = is_box(l, s->lower);

	if (!upper && !lower)
		return 8;
	return upper && lower ? 1 : 2;
}

/* Add the places and weights of the neighbours on one side. */
static void
add_side(const struct bwi_layers *l, size_t vertex, bool upper, double *sum,
    double *all)
{
	const struct bwi_vertex *v = &l->vertices[vertex];
	size_t n = upper ? v->nabove : v->nbelow;

	for (size_t i = 0; i < n; i++) {
		const struct bwi_segment *s =
		    &l->segments[upper ? l->above[v->first_above + i]
				       : l->below[v->first_below + i]];
		double w = weight(l, s);

		*sum += w * l->vertices[upper ? s->upper : s->lower].x;
		*all += w;
	}
}

/* The pools before p that begin left of where the one before ends are one. */
static size_t
join(struct pool *pools, size_t n)
{
	while (n > 1 && pools[n - 2].sum / pools[n - 2].weight >
			    pools[n - 1].sum / pools[n - 1].weight) {
		pools[n - 2].sum += pools[n - 1].sum;
		pools[n - 2].weight += pools[n - 1].weight;
		pools[n - 2].end = pools[n - 1].end;
		n--;
	}
	return n;
}

static void
align_layer(struct bwi_layers *l, size_t layer, bool upper, bool lower,
    struct pool *pools)
{
	const size_t *v = l->layers[layer];
	double offset = 0;
	size_t n = 0, i = 0;

	for (i = 0; i < l->sizes[layer]; i++) {
		double sum = 0, all = 0;

		if (i > 0)
			offset += distance(l, v[i - 1], v[i]);
		if (upper)
			add_side(l, v[i], true, &sum, &all);
		if (lower)
			add_side(l, v[i], false, &sum, &all);
		if (all ==
		    0) { /* stays where it is, if nothing is in the way */
			all = 0.01;
			sum = all * l->vertices[v[i]].x;
		}
		pools[n++] = (struct pool){sum - all * offset, all, i + 1};
		n = join(pools, n);
	}
	offset = 0;
	i = 0;
	for (size_t p = 0; p < n; p++) {
		for (; i < pools[p].end; i++) {
			if (i > 0)
				offset += distance(l, v[i - 1], v[i]);
			l->vertices[v[i]].x =
			    pools[p].sum / pools[p].weight + offset;
		}
	}
}

/* Side by side, as the first guess. */
static void
line_up(struct bwi_layers *l)
{
	for (size_t i = 0; i < l->nlayers; i++) {
		double x = 0;

		for (size_t k = 0; k < l->sizes[i]; k++) {
			if (k > 0)
				x += distance(
				    l, l->layers[i][k - 1], l->layers[i][k]);
			l->vertices[l->layers[i][k]].x = x;
		}
	}
}

enum bw_err
bwi_layers_align(struct bwi_layers *l)
{
	struct pool *pools = bwi_layers_array(l, l->nvertices, sizeof(*pools));

	if (pools == NULL)
		return BW_ERR_NOMEM;
	line_up(l);
	for (size_t round = 0; round < ROUNDS; round++) {
		bool last = round + 2 >= ROUNDS;

		for (size_t i = 0; i < l->nlayers; i++) {
			bool down = round % 2 == 0;

			align_layer(l, down ? i : l->nlayers - 1 - i,
			    down || last, !down || last, pools);
		}
	}
	return BW_OK;
}
