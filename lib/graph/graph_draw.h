#ifndef BWI_GRAPH_DRAW_H
#define BWI_GRAPH_DRAW_H

#include "graph/graph.h"

/*
 * graph_label.c: what stands in and at the parts of a picture, in Graphviz's
 * HTML-like language. Everything from the configuration is escaped.
 */

/* A text, in lines of at most so many characters; cut after so many lines. */
void bwi_draw_text(struct bw_buf *, struct bw_str, size_t width, size_t lines);
/* The box of a node. */
void bwi_draw_node(
    struct bw_buf *, const struct bw_graph *, const struct bwi_graph_node *);

/* How an edge is taken. */
enum bwi_draw_way {
	BWI_WAY_CHOICE, /* the caller's, or what is meant to happen */
	BWI_WAY_ELSE,	/* nothing was pressed, nobody answered */
	BWI_WAY_NEWS	/* nobody waits */
};

enum bwi_draw_way
bwi_draw_way(const struct bwi_graph_lead *, const struct bwi_graph_node *to);
/* The words at it; maybe none. */
void bwi_draw_edge(struct bw_buf *, const struct bwi_graph_lead *,
    const struct bwi_graph_node *to);
/* The conditions of a rule but one, "Mon-Fri 09:00-17:00, from +1919*". */
void bwi_draw_conditions(
    struct bw_buf *, const struct bwi_graph_node *, const char *but);

#endif
