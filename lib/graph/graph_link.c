/* Linking URLs to the rules that answer them. */
#include <bwcallback/tools/spell.h>

#include "graph/graph.h"

/* Do the edges added so far leave no event for this rule? */
static bool
is_hidden(const struct bw_graph *g, const struct bwi_graph_lead *lead,
    size_t first, const struct bwi_rule *rule)
{
	struct bwi_graph_fact fact;
	size_t nfacts = bwi_graph_tag_fact(&lead->tag, &fact);

	for (size_t i = first; i < g->edges.n; i++) {
		if (bwi_graph_shadows(g->nodes.v[g->edges.v[i].to].rule, rule,
			lead, &fact, nfacts))
			return true;
	}
	return false;
}

/* Add the edges of a lead into one section. */
static void
link_section(struct bw_graph *g, struct bwi_graph_lead *lead,
    const struct bwi_graph_section *s)
{
	struct bwi_graph_fact fact;
	size_t nfacts = bwi_graph_tag_fact(&lead->tag, &fact);
	size_t first = g->edges.n;

	for (size_t i = 0; i < s->nnodes; i++) {
		const struct bwi_rule *rule =
		    g->nodes.v[s->first_node + i].rule;
		enum bwi_graph_match takes;

		if (rule == NULL)
			continue;
		takes = bwi_graph_match(rule, lead, &fact, nfacts);
		if (takes != BWI_MATCH_NEVER)
			bwi_graph_bare_names(
			    g, lead, &g->nodes.v[s->first_node + i]);
		if (takes == BWI_MATCH_NEVER || is_hidden(g, lead, first, rule))
			continue;
		if (!BWI_GRAPH_GROW(g, edges))
			return;
		g->edges.v[g->edges.n++] = (struct bwi_graph_edge){
		    (size_t)(lead - g->leads.v),
		    s->first_node + i,
		    takes == BWI_MATCH_ALWAYS,
		};
		g->nodes.v[s->first_node + i].entered = true;
		lead->nedges++;
		if (takes == BWI_MATCH_ALWAYS)
			return;
	}
}

/* If only the mount point is missing from the path: the correct path. */
static bool
misses_mount(const struct bw_graph *g, struct bw_str path)
{
	for (size_t i = 0; i < g->config->nsections; i++) {
		const struct bwi_section *s = &g->config->sections[i];

		if (!bwi_section_is_page(s->kind) && bw_str_eq(s->path, path))
			return g->config->mount.n != 0;
	}
	return false;
}

static const char *
near_path(const struct bw_graph *g, struct bw_str path)
{
	struct bw_str mount = g->config->mount;
	const char *near = NULL;

	if (mount.n != 0 && path.n >= mount.n &&
	    memcmp(path.p, mount.p, mount.n) == 0) {
		path.p += mount.n;
		path.n -= mount.n;
	}
	for (size_t i = 0; i < g->config->nsections && near == NULL; i++) {
		const struct bwi_section *s = &g->config->sections[i];

		if (!bwi_section_is_page(s->kind))
			near = bw_spell_suggest(path, &s->path.p, 1);
	}
	return near;
}

/* "menu" in the answer of /voice is /menu, and /voice/menu was meant. */
static bool
report_relative(struct bw_graph *g, const struct bwi_graph_lead *lead)
{
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];
	struct bw_str meant = bwi_graph_meant(g, lead);
	struct bw_str path =
	    meant.p != NULL ? bwi_graph_readable(g, lead->path) : meant;

	if (path.p == NULL)
		return false;
	bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
	    "<%s>: %s=\"%.80s\": relative to %.80s that is \"%.80s\", and no "
	    "section has that path, did you mean \"%.80s\"?",
	    lead->verb, lead->attr, lead->url.p, n->section->path.p, path.p,
	    meant.p);
	return true;
}

static void
report_unrouted(struct bw_graph *g, const struct bwi_graph_lead *lead)
{
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];
	const struct bw_str mount = g->config->mount;
	const char *near;

	if (lead->again || report_relative(g, lead))
		return;
	if (memchr(lead->path.p, BWI_GRAPH_VALUE, lead->path.n) != NULL) {
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s=\"%.80s\": no section has such a path, for any "
		    "value",
		    lead->verb, lead->attr, lead->url.p);
		return;
	}
	if (misses_mount(g, lead->path)) {
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s=\"%.80s\" lacks mount=\"%.40s\": write "
		    "\"%.40s%.80s\"",
		    lead->verb, lead->attr, lead->url.p, mount.p, mount.p,
		    lead->path.p);
		return;
	}
	near = near_path(g, lead->path);
	if (near == NULL)
		near = near_path(g, bwi_graph_below(g, lead));
	bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
	    "<%s>: %s=\"%.80s\": no section has the path \"%.80s\"%s%s%s",
	    lead->verb, lead->attr, lead->url.p, lead->path.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

/* The answer there would be no BXML but a 405, or the page. */
static void
report_page(struct bw_graph *g, const struct bwi_graph_lead *lead,
    const struct bwi_section *page)
{
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];

	if (!lead->again)
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s=\"%.80s\": <%s path=\"%.80s\"> takes no "
		    "callbacks",
		    lead->verb, lead->attr, lead->url.p,
		    bwi_section_element(page->kind), page->path.p);
}

static void
link_lead(struct bw_graph *g, struct bwi_graph_lead *lead)
{
	const struct bw_event_type *types;
	enum bw_answer_kind wants = BW_ANSWER_STATUS;
	size_t n;

	types = bw_event_types(&n);
	if (lead->row < n)
		wants = types[lead->row].answer;
	lead->first_edge = g->edges.n;
	if (lead->where != BWI_LEAD_LOCAL || lead->path.p == NULL)
		return;
	if (lead->ntargets == 0)
		report_unrouted(g, lead);
	for (size_t i = 0; i < lead->ntargets; i++) {
		const struct bwi_section *section =
		    g->targets.v[lead->first_target + i].section;
		const struct bwi_graph_section *s =
		    bwi_graph_section_of(g, section);

		if (s == NULL)
			continue;
		if (bwi_section_is_page(section->kind)) {
			report_page(g, lead, section);
			continue;
		}
		link_section(g, lead, s);
		if (wants == BW_ANSWER_BXML)
			bwi_graph_unanswered(g, lead, s);
	}
}

void
bwi_graph_link(struct bw_graph *g)
{
	for (size_t i = 0; i < g->leads.n && g->err == BW_OK; i++) {
		bwi_graph_resolve(g, &g->leads.v[i]);
		if (g->err == BW_OK)
			link_lead(g, &g->leads.v[i]);
	}
}
