/* What of a graph is drawn. */
#include "graph/graph_draw.h"

bool
bwi_draw_names_event(const struct bwi_graph_node *n, const char *event)
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

bool
bwi_draw_is_passage(const struct bw_graph *g, size_t node)
{
	const struct bwi_graph_node *n = &g->nodes.v[node];
	const struct bwi_graph_lead *lead;

	if (n->rule == NULL || n->in_loop || n->nsteps != 1 || n->nleads != 1 ||
	    bwi_draw_names_event(n, "initiate") ||
	    bwi_draw_names_event(n, "answer"))
		return false;
	lead = &g->leads.v[n->first_lead];
	return strcmp(lead->verb, "Redirect") == 0 && !lead->refused &&
	       lead->nedges == 1 && lead->ntargets == 1 &&
	       g->edges.v[lead->first_edge].to != node;
}

size_t
bwi_draw_destination(const struct bw_graph *g, size_t node)
{
	for (size_t i = 0; i < g->nodes.n && bwi_draw_is_passage(g, node);
	     i++) {
		size_t lead = g->nodes.v[node].first_lead;

		node = g->edges.v[g->leads.v[lead].first_edge].to;
	}
	return node;
}

bool
bwi_draw_is_drawn(const struct bw_graph *g, size_t node)
{
	const struct bwi_graph_node *n = &g->nodes.v[node];

	if (bwi_draw_is_passage(g, node))
		return false;
	if (n->nleads != 0 || n->entered)
		return true;
	return n->rule != NULL && n->rule->action.kind != BWI_ACTION_REPLY;
}

bool
bwi_draw_may_fail(
    const struct bw_graph *g, const struct bwi_graph_section *s, size_t node)
{
	const struct bwi_rule *rule = g->nodes.v[node].rule;

	return rule != NULL && s->fallback != SIZE_MAX &&
	       (rule->action.kind == BWI_ACTION_EXEC ||
		   rule->action.kind == BWI_ACTION_MODULE);
}

const struct bwi_draw_start *
bwi_draw_start(size_t i)
{
	static const struct bwi_draw_start starts[] = {
	    {"initiate", "a call<BR/>comes in", true},
	    {"answer", "our call<BR/>is answered", true},
	    {"redirect", "redirected<BR/>by the API", false},
	};

	return i < sizeof(starts) / sizeof(starts[0]) ? &starts[i] : NULL;
}

bool
bwi_draw_starts_at(
    const struct bwi_draw_start *start, const struct bwi_graph_node *n)
{
	return bwi_draw_names_event(n, start->event) &&
	       (start->always ||
		   (!n->entered && !bwi_draw_names_event(n, "initiate")));
}
