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

static bool
names_event(const struct bwi_graph_node *n, const char *event)
{
	const struct bw_event_type *types;
	size_t count;

	if (n->rule == NULL || n->rule->any)
		return false;
	types = bw_event_types(&count);
	for (size_t i = 0; i < count; i++) {
		if (types[i].family == BW_FAMILY_VOICE &&
		    strcmp(types[i].name, event) == 0)
			return (n->rule->rows[i / 64] >> i % 64 & 1) != 0;
	}
	return false;
}

/*
 * A rule that only redirects is not drawn: edges go to its target instead.
 * Rules in a loop are drawn, so that the loop is visible.
 */
static bool
is_passage(const struct bw_graph *g, size_t node)
{
	const struct bwi_graph_node *n = &g->nodes.v[node];
	const struct bwi_graph_lead *lead;

	if (n->rule == NULL || n->in_loop || n->nsteps != 1 || n->nleads != 1 ||
	    names_event(n, "initiate") || names_event(n, "answer"))
		return false;
	lead = &g->leads.v[n->first_lead];
	return strcmp(lead->verb, "Redirect") == 0 && !lead->refused &&
	       lead->nedges == 1 && lead->ntargets == 1 &&
	       g->edges.v[lead->first_edge].to != node;
}

/* The drawn node where an edge to this node ends. */
static size_t
destination(const struct bw_graph *g, size_t node)
{
	for (size_t i = 0; i < g->nodes.n && is_passage(g, node); i++) {
		size_t lead = g->nodes.v[node].first_lead;

		node = g->edges.v[g->leads.v[lead].first_edge].to;
	}
	return node;
}

/* Is the node drawn? Rules that only acknowledge an event are not. */
static bool
is_drawn(const struct bw_graph *g, size_t node)
{
	const struct bwi_graph_node *n = &g->nodes.v[node];

	if (is_passage(g, node))
		return false;
	if (n->nleads != 0 || n->entered)
		return true;
	return n->rule != NULL && n->rule->action.kind != BWI_ACTION_REPLY;
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

			if (!is_drawn(g, node))
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
	static const struct {
		const char *event;
		const char *words;
		bool always; /* even if an answer leads to the rule */
	} starts[] = {
	    {"initiate", "a call<BR/>comes in", true},
	    {"answer", "our call<BR/>is answered", true},
	    {"redirect", "redirected<BR/>by the API", false},
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		bool put = false;

		for (size_t k = 0; k < g->nodes.n; k++) {
			const struct bwi_graph_node *n = &g->nodes.v[k];

			if (!names_event(n, starts[i].event) ||
			    (!starts[i].always &&
				(n->entered || names_event(n, "initiate"))))
				continue;
			if (!put)
				bw_buf_printf(b,
				    "\ts%zu [shape=ellipse, style=filled, "
				    "fillcolor=\"#cfe8cf\", "
				    "color=\"#5b8f5b\", label=<<B>%s</B>>];\n",
				    i, starts[i].words);
			bw_buf_printf(
			    b, "\ts%zu -> n%zu [penwidth=1.6, label=<", i, k);
			bw_buf_putc(b, ' ');
			if (n->npairs > 1)
				bwi_draw_conditions(b, n, "");
			else if (put)
				bw_buf_puts(b, "otherwise");
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

	if (is_passage(g, lead->node))
		return;
	bw_buf_printf(
	    b, "\tn%zu -> n%zu [label=< ", lead->node, destination(g, e->to));
	bwi_draw_edge(b, lead, to);
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
			const struct bwi_rule *rule = g->nodes.v[node].rule;

			if (rule == NULL || s->fallback == SIZE_MAX ||
			    !is_drawn(g, s->fallback) ||
			    (rule->action.kind != BWI_ACTION_EXEC &&
				rule->action.kind != BWI_ACTION_MODULE))
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
