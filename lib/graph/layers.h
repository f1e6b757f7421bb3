#ifndef BWI_GRAPH_LAYERS_H
#define BWI_GRAPH_LAYERS_H

#include "graph/layout.h"

/*
 * The layers of a layout. A vertex is a box, or a place where an edge passes a
 * layer; a segment joins vertices of adjacent layers.
 */
struct bwi_vertex {
	size_t layer;
	size_t order; /* in its layer, from the left */
	double width, x;
	double key; /* by which it is sorted */
	/* Segments: above[first_above ...], and the same below. */
	size_t first_above, nabove, first_below, nbelow;
};

struct bwi_segment {
	size_t upper, lower; /* vertices */
};

/* The chain of segments that an edge became; n 0: a loop. */
struct bwi_chain {
	size_t first, n;
	bool upwards; /* the edge leads from the lower end to the upper one */
};

struct bwi_layers {
	struct bwi_layout *layout;
	struct bwi_arena *arena;
	struct bwi_vertex *vertices; /* the boxes first */
	size_t nvertices;
	struct bwi_segment *segments;
	size_t nsegments;
	size_t *above, *below; /* segments by lower, and by upper vertex */
	struct bwi_chain *chains;
	size_t **layers; /* vertices of each layer in their order */
	size_t *sizes;
	size_t nlayers;
};

/* layers.c: find the layers. BW_ERR_LIMIT, BW_ERR_NOMEM. */
enum bw_err bwi_layers_build(struct bwi_layers *) BW_CHECK;
/* layers_order.c: order each layer so that few segments cross. */
enum bw_err bwi_layers_order(struct bwi_layers *) BW_CHECK;
/* layers_align.c: choose x so that segments are nearly vertical. */
enum bw_err bwi_layers_align(struct bwi_layers *) BW_CHECK;

/* An array in the arena, zeroed; NULL: out of memory. */
void *bwi_layers_array(struct bwi_layers *, size_t n, size_t size);

#endif
