#ifndef BWI_GRAPH_LAYOUT_H
#define BWI_GRAPH_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/error.h>

#include "base/arena.h"

/*
 * Places the boxes of a directed graph in layers, so that edges lead downwards
 * where they can, cross little and bend little: the method of Sugiyama, Tagawa
 * and Toda (IEEE Transactions on Systems, Man, and Cybernetics 11, 1981).
 */

/* More would be unreadable, and take long. */
#define BWI_LAYOUT_MAX_NODES 400
#define BWI_LAYOUT_MAX_EDGES 1600
/* Places where an edge passes a layer. */
#define BWI_LAYOUT_MAX_PASSES 4000

struct bwi_point {
	double x, y;
};

struct bwi_layout_box {
	double width, height; /* given */
	double x, y;	      /* its centre */
};

struct bwi_layout_line {
	size_t from, to; /* given: boxes; they may be the same */
	/*
	 * The points that it passes, from its beginning to its end; it is
	 * vertical in all of them. For an edge from a box to itself: four
	 * points of a loop at its right side.
	 */
	struct bwi_point *points;
	size_t n;
};

struct bwi_layout {
	struct bwi_layout_box *boxes;
	size_t nboxes;
	struct bwi_layout_line *lines;
	size_t nlines;
	double width, height;
};

/*
 * Set the places; boxes and lines are given. Boxes that are listed earlier are
 * preferred at the top and on the left. BW_ERR_LIMIT: too many. BW_ERR_NOMEM.
 * Points are in the arena.
 */
enum bw_err
bwi_layout_arrange(struct bwi_layout *, struct bwi_arena *) BW_CHECK;

#endif
