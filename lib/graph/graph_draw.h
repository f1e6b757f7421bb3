#ifndef BWI_GRAPH_DRAW_H
#define BWI_GRAPH_DRAW_H

#include "graph/graph.h"

/*
 * graph_drawn.c: what is drawn. A rule that only redirects is not: edges go to
 * its target instead. Rules in a loop are, so that the loop is visible.
 */
bool bwi_draw_is_passage(const struct bw_graph *, size_t node);
/* The drawn node where an edge to this node ends. */
size_t bwi_draw_destination(const struct bw_graph *, size_t node);
/* Is the node drawn? Rules that only acknowledge an event are not. */
bool bwi_draw_is_drawn(const struct bw_graph *, size_t node);
/* Does the fallback of the section answer if the program of the node fails? */
bool bwi_draw_may_fail(
    const struct bw_graph *, const struct bwi_graph_section *, size_t node);
/* Does the rule name the event? */
bool bwi_draw_names_event(const struct bwi_graph_node *, const char *event);

/*
 * graph_name.c: append the name of a node, unique in the graph: its line, after
 * the number of its file unless that is the first: "42", "1_42".
 */
void bwi_draw_name(struct bw_buf *, const struct bw_graph *, size_t node);

/* How a call begins. */
struct bwi_draw_start {
	const char *event;
	const char *words;
	bool always; /* even if an answer leads to the rule */
};

/* NULL after the last. */
const struct bwi_draw_start *bwi_draw_start(size_t i);
bool bwi_draw_starts_at(
    const struct bwi_draw_start *, const struct bwi_graph_node *);

/*
 * graph_words.c: what pictures say, as plain text. The attribute of a rule; p
 * NULL: it has none.
 */
struct bw_str bwi_words_pair(const struct bwi_graph_node *, const char *name);
/* When the rule answers: "key 1", "call comes in". */
void bwi_words_heading(
    struct bw_buf *, const struct bw_graph *, const struct bwi_graph_node *);
/* Its other conditions: "Mon-Fri 09:00-17:00, from +1919*"; may be empty. */
void bwi_words_more(struct bw_buf *, const struct bwi_graph_node *);
/* All conditions but the event. */
void bwi_words_conditions(struct bw_buf *, const struct bwi_graph_node *);
/* "records a message"; NULL: the verb is not mentioned. */
const char *bwi_words_verb(const char *verb);
/* The label of an edge; may be empty. */
void bwi_words_edge(struct bw_buf *, const struct bwi_graph_lead *,
    const struct bwi_graph_node *to);

/*
 * graph_label.c: labels of nodes and edges in Graphviz's HTML-like language.
 * All text from the configuration is escaped.
 */

/* A text of at most so many lines of width characters; the rest is cut. */
void bwi_draw_text(struct bw_buf *, struct bw_str, size_t width, size_t lines);
/* Append the words and free them. */
void bwi_draw_words(struct bw_buf *, struct bw_buf *words);
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
#endif
