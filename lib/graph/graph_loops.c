/*
 * Finds loops in which a caller who gives no input stays for ever. A state is a
 * node and the call's tag, since configurations use tags to count attempts.
 */
#include "base/alloc.h"
#include "graph/graph.h"

/* Numbers of tags; the rest are literal tags. */
#define TAG_UNKNOWN 0 /* the tag that the call had before */
#define TAG_OPEN    1 /* contains placeholders, so it may count */
#define TAG_FIRST   2

/* Far more than any hand-written configuration needs. */
#define MAX_STATES (1024 * 1024)

struct state {
	size_t node;
	size_t tag;
	size_t first_next, nnext;
	enum {
		NEW,
		OPEN,
		DONE
	} mark;
};

struct frame {
	size_t state;
	size_t at; /* index of the next successor */
};

struct walk {
	struct bw_graph *graph;
	BWI_LIST(struct bw_str) tags;
	BWI_LIST(struct state) states;
	BWI_LIST(size_t) nexts;
	size_t *index; /* 1 + the state of a node and tag; 0: none */
	bool failed;
};

#define GROW(w, list) \
	grow((w), (void **)&(w)->list.v, (w)->list.n, &(w)->list.cap, \
	    sizeof(*(w)->list.v))

static bool
grow(struct walk *w, void **v, size_t n, size_t *cap, size_t size)
{
	w->failed = !bwi_graph_grow(w->graph, v, n, cap, size) || w->failed;
	return !w->failed;
}

static size_t
tag_number(struct walk *w, struct bw_str text)
{
	for (size_t i = TAG_FIRST; i < w->tags.n; i++) {
		if (bw_str_eq(w->tags.v[i], text))
			return i;
	}
	if (!GROW(w, tags))
		return TAG_UNKNOWN;
	w->tags.v[w->tags.n] = text;
	return w->tags.n++;
}

static bool
number_tags(struct walk *w)
{
	const struct bw_graph *g = w->graph;

	for (size_t i = 0; i < TAG_FIRST; i++) {
		if (!GROW(w, tags))
			return false;
		w->tags.v[w->tags.n++] = (struct bw_str){"", 0};
	}
	(void)tag_number(w, (struct bw_str){"", 0});
	for (size_t i = 0; i < g->leads.n; i++) {
		if (g->leads.v[i].tag.kind == BWI_TAG_LITERAL)
			(void)tag_number(w, g->leads.v[i].tag.text);
	}
	return !w->failed && w->tags.n <= MAX_STATES / (g->nodes.n + 1);
}

static void
add_next(struct walk *w, size_t from, size_t node, size_t tag)
{
	size_t *index = &w->index[node * w->tags.n + tag];

	if (*index == 0) {
		if (!GROW(w, states))
			return;
		w->states.v[w->states.n++] =
		    (struct state){.node = node, .tag = tag};
		*index = w->states.n;
	}
	if (from == SIZE_MAX || !GROW(w, nexts))
		return;
	w->nexts.v[w->nexts.n++] = *index - 1;
	w->states.v[from].nnext++;
}

/* The lead that a caller without input follows; SIZE_MAX: none. */
static size_t
silent_lead(const struct bw_graph *g, const struct bwi_graph_node *n)
{
	static const char *const passive[] = {"Gather", "Record", "Redirect"};
	static const char *const active[] = {
	    "Transfer", "Bridge", "Conference", "Connect", "Refer", "Forward"};

	for (size_t i = 0; i < n->nsteps; i++) {
		const struct bwi_graph_step *s = &g->steps.v[n->first_step + i];

		for (size_t k = 0; k < sizeof(active) / sizeof(active[0]); k++)
			if (strcmp(s->verb, active[k]) == 0)
				return SIZE_MAX;
		for (size_t k = 0; k < sizeof(passive) / sizeof(passive[0]);
		     k++)
			if (strcmp(s->verb, passive[k]) == 0 &&
			    s->lead != SIZE_MAX)
				return s->lead;
	}
	return SIZE_MAX;
}

static bool
tests_tag(const struct bwi_rule *rule)
{
	for (size_t i = 0; i < rule->nconditions; i++) {
		if (bw_str_is(rule->conditions[i].field, "tag") &&
		    !bwi_pattern_is_any(rule->conditions[i].value))
			return true;
	}
	return false;
}

/*
 * Add the rules of a section that may match the event of a caller without
 * input.
 */
static void
enter_section(struct walk *w, size_t from, const struct bwi_graph_lead *lead,
    const struct bwi_graph_section *s, size_t tag)
{
	const struct bwi_graph_fact facts[] = {
	    {BW_STR("digits"), {"", 0}},
	    {BW_STR("terminatingDigit"), {"", 0}},
	    {BW_STR("text"), {"", 0}},
	    {BW_STR("tag"), w->tags.v[tag]},
	};
	size_t nfacts = tag >= TAG_FIRST ? 4 : 3;

	for (size_t i = 0; i < s->nnodes; i++) {
		const struct bwi_rule *rule =
		    w->graph->nodes.v[s->first_node + i].rule;
		enum bwi_graph_match match;

		if (rule == NULL)
			continue;
		match = bwi_graph_match(rule, lead, facts, nfacts);
		if (match == BWI_MATCH_NEVER)
			continue;
		if ((tag == TAG_OPEN && tests_tag(rule)) ||
		    bwi_graph_lead_may_count(lead, rule))
			return; /* it may count: assume that the loop ends */
		add_next(w, from, s->first_node + i, tag);
		if (match == BWI_MATCH_ALWAYS)
			return;
	}
	if (s->fallback != SIZE_MAX)
		add_next(w, from, s->fallback, tag);
}

static void
expand(struct walk *w, size_t state)
{
	struct bw_graph *g = w->graph;
	const struct bwi_graph_node *n = &g->nodes.v[w->states.v[state].node];
	size_t tag = w->states.v[state].tag, lead = silent_lead(g, n);
	const struct bwi_graph_section *own =
	    bwi_graph_section_of(g, n->section);
	const struct bwi_graph_lead *l;

	w->states.v[state].first_next = w->nexts.n;
	if (n->rule != NULL && own != NULL && own->fallback != SIZE_MAX &&
	    (n->rule->action.kind == BWI_ACTION_EXEC ||
		n->rule->action.kind == BWI_ACTION_MODULE))
		add_next(w, state, own->fallback, tag);
	if (lead == SIZE_MAX)
		return;
	l = &g->leads.v[lead];
	if (l->tag.kind == BWI_TAG_OPEN)
		tag = TAG_OPEN;
	else if (l->tag.kind == BWI_TAG_LITERAL)
		tag = tag_number(w, l->tag.text);
	for (size_t i = 0; i < l->ntargets; i++) {
		const struct bwi_graph_section *s = bwi_graph_section_of(
		    g, g->targets.v[l->first_target + i].section);

		if (s != NULL)
			enter_section(w, state, l, s, tag);
	}
}

/* Properties of a loop. */
struct loop {
	const struct bwi_graph_node
	    *waits; /* first node that waits for input */
	bool program, sound, new;
	struct bw_buf nodes_text;
};

static void
add_node_name(struct loop *c, const struct bwi_graph_node *n)
{
	const char *slash = strrchr(n->file, '/');

	if (c->nodes_text.n < 200)
		bw_buf_printf(&c->nodes_text, "%s%s:%d",
		    c->nodes_text.n != 0 ? ", " : "",
		    slash != NULL ? slash + 1 : n->file, n->line);
}

static void
add_loop_node(struct loop *c, struct bw_graph *g, struct bwi_graph_node *n)
{
	static const char *const audible[] = {
	    "SpeakSentence", "PlayAudio", "Pause", "Ring", "SendDtmf"};
	size_t lead = silent_lead(g, n);

	c->new = c->new || !n->in_loop;
	n->in_loop = true;
	c->program = c->program || (n->rule != NULL && n->nsteps == 0);
	if (lead != SIZE_MAX && c->waits == NULL &&
	    strcmp(g->leads.v[lead].verb, "Redirect") != 0)
		c->waits = n;
	for (size_t i = 0; i < n->nsteps; i++)
		for (size_t k = 0; k < sizeof(audible) / sizeof(audible[0]);
		     k++)
			if (strcmp(g->steps.v[n->first_step + i].verb,
				audible[k]) == 0)
				c->sound = true;
	add_node_name(c, n);
}

/* Report at the node that waits for input, or at the first one. */
static void
report(struct bw_graph *g, const struct loop *c,
    const struct bwi_graph_node *first)
{
	const struct bwi_graph_node *n = c->waits != NULL ? c->waits : first;
	size_t lead = silent_lead(g, n);
	int line = lead != SIZE_MAX ? g->leads.v[lead].line : n->line;
	const char *verb = lead != SIZE_MAX ? g->leads.v[lead].verb : "on";
	int nodes_text = (int)c->nodes_text.n;

	if (c->program)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, line,
		    "<%s>: while the program fails, the call loops (%.*s): end "
		    "the fallback with <Hangup/>",
		    verb, nodes_text, c->nodes_text.p);
	else if (c->waits != NULL)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, line,
		    "<%s>: a caller who gives no input is prompted for ever "
		    "(%.*s): give the second try a tag=\"...\", and answer "
		    "that tag with <Hangup/>",
		    verb, nodes_text, c->nodes_text.p);
	else if (c->sound)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, line,
		    "<%s>: loops for ever (%.*s), and the caller can only hang "
		    "up: add a <Gather>",
		    verb, nodes_text, c->nodes_text.p);
	else
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, line,
		    "<%s>: redirects back to itself for ever (%.*s)", verb,
		    nodes_text, c->nodes_text.p);
}

static void
report_loop(struct walk *w, const struct frame *stack, size_t depth, size_t to)
{
	struct loop c = {.waits = NULL};
	size_t i = depth;

	bw_buf_init(&c.nodes_text, 512);
	while (i > 0 && stack[i - 1].state != to)
		i--;
	for (size_t k = i > 0 ? i - 1 : 0; k < depth; k++)
		add_loop_node(&c, w->graph,
		    &w->graph->nodes.v[w->states.v[stack[k].state].node]);
	if (c.new)
		report(w->graph, &c, &w->graph->nodes.v[w->states.v[to].node]);
	bw_buf_free(&c.nodes_text);
}

/* Depth-first search with an explicit stack: a path may be long. */
static void
search(struct walk *w, struct frame *stack, size_t root)
{
	size_t depth = 1;

	stack[0] = (struct frame){root, 0};
	w->states.v[root].mark = OPEN;
	while (depth > 0) {
		struct frame *f = &stack[depth - 1];
		struct state *s = &w->states.v[f->state];
		size_t next;

		if (f->at == s->nnext) {
			s->mark = DONE;
			depth--;
			continue;
		}
		next = w->nexts.v[s->first_next + f->at++];
		if (w->states.v[next].mark == OPEN)
			report_loop(w, stack, depth, next);
		if (w->states.v[next].mark != NEW)
			continue;
		w->states.v[next].mark = OPEN;
		stack[depth++] = (struct frame){next, 0};
	}
}

static void
walk(struct walk *w)
{
	struct bw_graph *g = w->graph;
	struct frame *stack;
	size_t tag = tag_number(w, (struct bw_str){"", 0});

	w->index = bwi_calloc(g->nodes.n * w->tags.n, sizeof(*w->index));
	if (w->index == NULL) {
		g->err = BW_ERR_NOMEM;
		return;
	}
	/*
	 * Incoming calls have no tag; calls created through the API may have
	 * any.
	 */
	for (size_t i = 0; i < g->nodes.n; i++) {
		if (!g->nodes.v[i].entry)
			continue;
		add_next(w, SIZE_MAX, i, tag);
		add_next(w, SIZE_MAX, i, TAG_UNKNOWN);
	}
	for (size_t i = 0; i < w->states.n && !w->failed; i++)
		expand(w, i);
	stack = bwi_calloc(w->states.n + 1, sizeof(*stack));
	if (stack == NULL)
		g->err = BW_ERR_NOMEM;
	for (size_t i = 0; i < w->states.n && g->err == BW_OK; i++) {
		if (w->states.v[i].mark == NEW)
			search(w, stack, i);
	}
	bwi_free(stack);
}

void
bwi_graph_loops(struct bw_graph *g)
{
	struct walk w = {.graph = g};

	if (g->err == BW_OK && g->nodes.n != 0 && number_tags(&w))
		walk(&w);
	bwi_free(w.index);
	bwi_free(w.tags.v);
	bwi_free(w.states.v);
	bwi_free(w.nexts.v);
}
