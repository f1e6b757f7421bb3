#ifndef BWI_GRAPH_DRAW_H
#define BWI_GRAPH_DRAW_H

#include "graph/graph.h"

/*
 * graph_label.c: labels of nodes and edges in Graphviz's HTML-like language.
 * All text from the configuration is escaped.
 */

/* A text of at most so many lines of width characters; the rest is cut. */
void bwi_draw_text(struct bw_buf *, struct bw_str, size_t width, size_t lines);
/* The box of a node. */
void bwi_draw_node(
    struct bw_buf *, const struct bw_graph *, const struct bwi_graph_node *);

/* The kind of an edge. */
enum bwi_draw_way {
	BWI_WAY_CHOICE, /* the caller's choice, or the expected outcome */
	BWI_WAY_ELSE,	/* no input, or no answer */
	BWI_WAY_EVENT	/* event without an answer */
};

enum bwi_draw_way
bwi_draw_way(const struct bwi_graph_lead *, const struct bwi_graph_node *to);
/* The label of an edge; may be empty. */
void bwi_draw_edge(struct bw_buf *, const struct bwi_graph_lead *,
    const struct bwi_graph_node *to);
/* The conditions of a rule except one: "Mon-Fri 09:00-17:00, from +1919*". */
void bwi_draw_conditions(
    struct bw_buf *, const struct bwi_graph_node *, const char *but);

#endif
