/* Finds unreachable rules, and calls that end unintentionally. */
#include "base/alloc.h"
#include "graph/graph.h"

/* Events not caused by a verb: a call begins or ends, or the API changes it. */
static const char *const beginnings[] = {"initiate", "answer", "redirect",
    "disconnect", "machineDetectionComplete", "conferenceRedirect"};

/*
 * Can the rule match an event that does not follow from an answer? An event of
 * another kind of section has been reported when the rule was loaded.
 */
static bool
is_entry(const struct bwi_rule *rule)
{
	const struct bw_event_type *types;
	bool known = false;
	size_t n;

	if (rule->any)
		return true;
	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		if ((rule->rows[i / 64] >> i % 64 & 1) == 0)
			continue;
		if (!bwi_section_expects(BWI_SECTION_VOICE, types[i].family))
			continue;
		known = true;
		if (types[i].family != BW_FAMILY_VOICE &&
		    types[i].family != BW_FAMILY_CONFERENCE)
			continue; /* same name in another family */
		/*
		 * An event without an answer may have been requested through
		 * the API.
		 */
		if (types[i].answer != BW_ANSWER_BXML)
			return true;
		for (size_t k = 0;
		     k < sizeof(beginnings) / sizeof(beginnings[0]); k++) {
			if (strcmp(types[i].name, beginnings[k]) == 0)
				return true;
		}
	}
	return !known;
}

static void
reach(struct bw_graph *g, size_t node, size_t *queue, size_t *nqueue)
{
	if (node == SIZE_MAX || g->nodes.v[node].reached)
		return;
	g->nodes.v[node].reached = true;
	queue[(*nqueue)++] = node;
}

/* Mark everything reachable; false if an answer may lead anywhere. */
static bool
follow(struct bw_graph *g, size_t *queue, size_t *nqueue)
{
	bool known = true;

	while (*nqueue > 0) {
		const struct bwi_graph_node *n = &g->nodes.v[queue[--*nqueue]];

		if (n->rule != NULL &&
		    (n->rule->action.kind == BWI_ACTION_EXEC ||
			n->rule->action.kind == BWI_ACTION_MODULE))
			known = false;
		for (size_t i = 0; i < n->nleads; i++) {
			const struct bwi_graph_lead *lead =
			    &g->leads.v[n->first_lead + i];

			if (lead->where == BWI_LEAD_UNKNOWN)
				known = false;
			for (size_t k = 0; k < lead->nedges; k++)
				reach(g, g->edges.v[lead->first_edge + k].to,
				    queue, nqueue);
		}
	}
	return known;
}

static struct bw_str
event_of(const struct bwi_graph_node *n)
{
	for (size_t i = 0; i < n->npairs; i++) {
		if (bw_str_is(n->pairs[i].name, "event"))
			return n->pairs[i].value;
	}
	return BW_STR("*");
}

static void
report_unreachable(struct bw_graph *g)
{
	for (size_t i = 0; i < g->nodes.n; i++) {
		const struct bwi_graph_node *n = &g->nodes.v[i];

		if (n->reached || n->rule == NULL)
			continue;
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, n->line,
		    "<on event=\"%.60s\">: never reached: no answer leads to "
		    "%s with such an event",
		    event_of(n).p, n->section->path.p);
	}
}

/*
 * Warn about a Transfer without transferCompleteUrl. As the last verb, it ends
 * the call when it is not answered; otherwise the verbs after it also run when
 * a conversation is over. Only a Hangup is right in both cases.
 */
static void
check_transfer(struct bw_graph *g, const struct bwi_graph_node *n, size_t i)
{
	const struct bwi_graph_step *step = &g->steps.v[n->first_step + i];
	bool last = i + 1 == n->nsteps;

	if (strcmp(step->verb, "Transfer") != 0 || step->lead != SIZE_MAX ||
	    (!last && strcmp(step[1].verb, "Hangup") == 0))
		return;
	if (last) {
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, step->line,
		    "<Transfer>: if it is not answered (busy, no answer), the "
		    "call ends: add transferCompleteUrl and answer its "
		    "transferComplete, where cause says what happened");
	} else {
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, step->line,
		    "<Transfer>: the <%.40s> after it also runs when the two "
		    "have spoken: add transferCompleteUrl and answer its "
		    "transferComplete, where cause=\"hangup\" means a "
		    "conversation",
		    step[1].verb);
	}
}

void
bwi_graph_reach(struct bw_graph *g)
{
	size_t *queue, nqueue = 0;

	if (g->err != BW_OK || g->nodes.n == 0)
		return;
	queue = bwi_graph_alloc(g, g->nodes.n * sizeof(*queue));
	if (queue == NULL)
		return;
	for (size_t i = 0; i < g->nodes.n; i++) {
		struct bwi_graph_node *n = &g->nodes.v[i];

		for (size_t k = 0; k < n->nsteps; k++)
			check_transfer(g, n, k);
		n->entry = n->rule != NULL && is_entry(n->rule);
		if (n->entry || n->rule == NULL)
			reach(g, i, queue, &nqueue);
	}
	if (follow(g, queue, &nqueue))
		report_unreachable(g);
}
