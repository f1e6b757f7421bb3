/* Drawing a graph in Graphviz's language. */
#include "graph/graph_draw.h"

#define RED "#c0392b"

static void
put_head(struct bw_buf *b)
{
	/*
	 * A font that every browser has, and that Graphviz measures wide
	 * enough.
	 */
	bw_buf_puts(b,
	    "digraph calls {\n"
	    "\tgraph [rankdir=TB, fontname=\"sans-serif\", fontsize=12, "
	    "nodesep=0.3, ranksep=0.6, bgcolor=white, pad=0.3, "
	    "newrank=true];\n"
	    "\tnode [shape=plain, fontname=\"sans-serif\", fontsize=10, "
	    "fontcolor=\"#1f2933\"];\n"
	    "\tedge [fontname=\"sans-serif\", fontsize=9, "
	    "color=\"#44505e\", fontcolor=\"#1f2933\", arrowsize=0.7];\n");
}

static void
put_sections(struct bw_buf *b, const struct bw_graph *g)
{
	for (size_t i = 0; i < g->sections.n; i++) {
		const struct bwi_graph_section *s = &g->sections.v[i];

		if (s->nnodes == 0)
			continue;
		bw_buf_printf(b,
		    "\tsubgraph cluster_%zu {\n"
		    "\t\tstyle=\"rounded,filled\"; color=\"#d5dae1\"; "
		    "fillcolor=\"#f5f7fa\"; labeljust=l; margin=12;\n"
		    "\t\tlabel=<<B>",
		    i);
		bw_buf_xml(b, s->section->path);
		bw_buf_puts(b, "</B>>;\n");
		for (size_t k = 0; k < s->nnodes; k++) {
			size_t node = s->first_node + k;

			if (!bwi_draw_is_drawn(g, node))
				continue;
			bw_buf_printf(b, "\t\tn%zu [label=<", node);
			bwi_draw_node(b, g, &g->nodes.v[node]);
			bw_buf_puts(b, ">];\n");
		}
		bw_buf_puts(b, "\t}\n");
	}
}

/* Draw the starting points of calls. */
static void
put_beginnings(struct bw_buf *b, const struct bw_graph *g)
{
	const struct bwi_draw_start *start;
	struct bw_buf words;

	for (size_t i = 0; (start = bwi_draw_start(i)) != NULL; i++) {
		bool put = false;

		for (size_t k = 0; k < g->nodes.n; k++) {
			const struct bwi_graph_node *n = &g->nodes.v[k];

			if (!bwi_draw_starts_at(start, n))
				continue;
			if (!put)
				bw_buf_printf(b,
				    "\ts%zu [shape=ellipse, style=filled, "
				    "fillcolor=\"#cfe8cf\", "
				    "color=\"#5b8f5b\", label=<<B>%s</B>>];\n",
				    i, start->words);
			bw_buf_init(&words, b->max);
			bw_buf_printf(
			    b, "\ts%zu -> n%zu [penwidth=1.6, label=< ", i, k);
			if (n->npairs > 1)
				bwi_words_conditions(&words, n);
			else if (put)
				bw_buf_puts(b, "otherwise");
			bwi_draw_words(b, &words);
			bw_buf_puts(b, " >];\n");
			put = true;
		}
	}
}

static void
put_edge(
    struct bw_buf *b, const struct bw_graph *g, const struct bwi_graph_edge *e)
{
	const struct bwi_graph_lead *lead = &g->leads.v[e->lead];
	const struct bwi_graph_node *to = &g->nodes.v[e->to];
	const struct bwi_graph_node *from = &g->nodes.v[lead->node];
	struct bw_buf words;

	if (bwi_draw_is_passage(g, lead->node))
		return;
	bw_buf_printf(b, "\tn%zu -> n%zu [label=< ", lead->node,
	    bwi_draw_destination(g, e->to));
	bw_buf_init(&words, b->max);
	bwi_words_edge(&words, lead, to);
	bwi_draw_words(b, &words);
	bw_buf_puts(b, " >");
	switch (bwi_draw_way(lead, to)) {
	case BWI_WAY_CHOICE:
		break;
	case BWI_WAY_ELSE:
		bw_buf_puts(b, ", style=dashed");
		break;
	case BWI_WAY_EVENT:
		bw_buf_puts(b,
		    ", style=dotted, color=\"#9aa5b1\", fontcolor=\"#7b8794\"");
		break;
	}
	if (lead->refused || (from->in_loop && to->in_loop))
		bw_buf_puts(b, ", color=\"" RED "\", fontcolor=\"" RED "\"");
	bw_buf_puts(b, "];\n");
}

/* Draw a box for a target outside the configuration. */
static void
put_outside(struct bw_buf *b, size_t lead, const char *words,
    struct bw_str what, bool wrong)
{
	bw_buf_printf(b,
	    "\tx%zu [shape=%s, style=filled, fillcolor=\"%s\", "
	    "color=\"%s\", margin=\"0.12,0.06\", label=<",
	    lead, wrong ? "octagon" : "note", wrong ? "#f9d7d2" : "#eef1f4",
	    wrong ? RED : "#9aa5b1");
	if (words[0] != '\0')
		bw_buf_printf(b, "<B>%s</B><BR ALIGN=\"LEFT\"/>", words);
	bwi_draw_text(b, what, 40, 3);
	bw_buf_puts(b, "<BR ALIGN=\"LEFT\"/>>];\n");
}

static void
put_unanswered(struct bw_buf *b, const struct bw_graph *g, size_t i)
{
	const struct bwi_graph_lead *lead = &g->leads.v[i];
	bool wrong = true;

	if (lead->where == BWI_LEAD_EXTERNAL) {
		wrong = false;
		put_outside(b, i, "", lead->url, wrong);
	} else if (lead->where == BWI_LEAD_UNKNOWN) {
		wrong = false;
		put_outside(b, i, "depends on the call", lead->url, wrong);
	} else if (lead->ntargets == 0) {
		put_outside(b, i, "no such path", lead->path, wrong);
	} else if (lead->unanswered) {
		put_outside(b, i, "nothing answers it", lead->path, wrong);
	} else {
		return;
	}
	bw_buf_printf(b, "\tn%zu -> x%zu [label=< ", lead->node, i);
	bw_buf_xml(b, (struct bw_str){lead->event, strlen(lead->event)});
	bw_buf_printf(b, " >%s%s];\n", lead->fallback ? ", style=dashed" : "",
	    wrong ? ", color=\"" RED "\", fontcolor=\"" RED "\"" : "");
}

/* If a program fails, the fallback of its section answers. */
static void
put_failures(struct bw_buf *b, const struct bw_graph *g)
{
	for (size_t i = 0; i < g->sections.n; i++) {
		const struct bwi_graph_section *s = &g->sections.v[i];

		for (size_t k = 0; k < s->nnodes; k++) {
			size_t node = s->first_node + k;

			if (!bwi_draw_may_fail(g, s, node) ||
			    !bwi_draw_is_drawn(g, s->fallback))
				continue;
			bw_buf_printf(b,
			    "\tn%zu -> n%zu [style=dashed, "
			    "label=< fails >];\n",
			    node, s->fallback);
		}
	}
}

void
bw_graph_dot(const struct bw_graph *g, struct bw_buf *b)
{
	put_head(b);
	put_sections(b, g);
	put_beginnings(b, g);
	for (size_t i = 0; i < g->edges.n; i++)
		put_edge(b, g, &g->edges.v[i]);
	for (size_t i = 0; i < g->leads.n; i++) {
		if (!g->leads.v[i].again)
			put_unanswered(b, g, i);
	}
	put_failures(b, g);
	bw_buf_puts(b, "}\n");
}
