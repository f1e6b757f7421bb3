#ifndef BWI_GRAPH_PICTURE_H
#define BWI_GRAPH_PICTURE_H

#include "graph/graph_draw.h"
#include "graph/layout.h"

/*
 * The brief picture of a graph, without markup. Each rule is a box of two short
 * lines. Positions are in pixels.
 */
enum bwi_picture_kind {
	BWI_PICTURE_START, /* how calls begin */
	BWI_PICTURE_RULE,
	BWI_PICTURE_FALLBACK,
	BWI_PICTURE_OUTSIDE, /* another server answers, or it is unknown */
	BWI_PICTURE_WRONG    /* nothing answers */
};

struct bwi_picture_box {
	enum bwi_picture_kind kind;
	struct bw_str name;	    /* its id is "n" and this */
	struct bw_str lines[2];	    /* n 0: there is none */
	size_t node;		    /* in the graph; SIZE_MAX: none */
	double x, y, width, height; /* of its upper left corner */
	bool loops;		    /* part of a loop that check reports */
};

struct bwi_picture_line {
	size_t from, to;  /* boxes */
	struct bw_str id; /* "e42-92" */
	enum bwi_draw_way way;
	bool wrong;
	struct bw_str path; /* d of the SVG path, and d of the arrowhead */
	struct bw_str head;
	struct bwi_point middle; /* place of a label */
};

struct bwi_picture {
	struct bwi_arena arena;
	struct bwi_picture_box *boxes;
	size_t nboxes;
	struct bwi_picture_line *lines;
	size_t nlines;
	int width, height;
};

/* BW_ERR_LIMIT: too many rules for a picture. BW_ERR_NOMEM. */
enum bw_err bwi_picture_make(
    const struct bw_graph *, struct bwi_picture *, struct bw_error *) BW_CHECK;
void bwi_picture_free(struct bwi_picture *);

/* picture_text.c */

/* The height of a line, and of a box besides its lines. */
#define BWI_PICTURE_LINE   15.0
#define BWI_PICTURE_BORDER 10.0

/* The class of a box in markup: "rule" */
const char *bwi_picture_kind_name(enum bwi_picture_kind);
/* About how wide a text is. */
double bwi_picture_width(struct bw_str);
/* What a rule does first, and when it answers, as short lines. */
void bwi_picture_says(
    struct bw_buf *, const struct bw_graph *, const struct bwi_graph_node *);
void bwi_picture_when(
    struct bw_buf *, const struct bw_graph *, const struct bwi_graph_node *);
/* Append as much of a text as there is room for in a line. */
void bwi_picture_cut(struct bw_buf *, struct bw_str);

#endif
