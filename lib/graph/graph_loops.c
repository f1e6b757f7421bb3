/*
 * Circles in which a caller who does nothing stays for ever. A state is a node
 * and the tag that the call has, since tags are how flows count.
 */
#include "base/alloc.h"
#include "graph/graph.h"

/* Tags by number; the others are literal ones. */
#define TAG_UNKNOWN 0 /* whatever the call brought along */
#define TAG_OPEN    1 /* made of values, so it may well count */
#define TAG_FIRST   2

/* No flow that a person wrote comes near. */
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
	size_t at; /* which of its next */
};

struct walk {
	struct bw_graph *graph;
	BWI_LIST(struct bw_str) tags;
	BWI_LIST(struct state) states;
	BWI_LIST(size_t) nexts;
	size_t *index; /* of the state of a node and tag, plus one */
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

/* Where a caller who does nothing is led by an answer; SIZE_MAX: nowhere. */
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
asks_for_tag(const struct bwi_rule *rule)
{
	for (size_t i = 0; i < rule->nconditions; i++) {
		if (bw_str_is(rule->conditions[i].field, "tag") &&
		    !bwi_pattern_is_any(rule->conditions[i].value))
			return true;
	}
	return false;
}

/* Rules of a section that may take the event of a caller who did nothing. */
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
		enum bwi_graph_match takes;

		if (rule == NULL)
			continue;
		takes = bwi_graph_match(
		    rule, lead->row, facts, nfacts, lead->digits);
		if (takes == BWI_TAKES_NOT)
			continue;
		if (tag == TAG_OPEN && asks_for_tag(rule))
			return; /* it counts, and we cannot */
		add_next(w, from, s->first_node + i, tag);
		if (takes == BWI_TAKES_SURELY)
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
	    (n->rule->answer.kind == BWI_ANSWER_EXEC ||
		n->rule->answer.kind == BWI_ANSWER_MODULE))
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

/* What a circle is made of. */
struct circle {
	const struct bwi_graph_node *asks; /* waits for the caller */
	bool program, sound, new;
	struct bw_buf places;
};

static void
add_place(struct circle *c, const struct bwi_graph_node *n)
{
	const char *slash = strrchr(n->file, '/');

	if (c->places.n < 200)
		bw_buf_printf(&c->places, "%s%s:%d",
		    c->places.n != 0 ? ", " : "",
		    slash != NULL ? slash + 1 : n->file, n->line);
}

static void
look_at(struct circle *c, struct bw_graph *g, struct bwi_graph_node *n)
{
	static const char *const heard[] = {
	    "SpeakSentence", "PlayAudio", "Pause", "Ring", "SendDtmf"};
	size_t lead = silent_lead(g, n);

	c->new = c->new || !n->circles;
	n->circles = true;
	c->program = c->program || (n->rule != NULL && n->nsteps == 0);
	if (lead != SIZE_MAX && c->asks == NULL &&
	    strcmp(g->leads.v[lead].verb, "Redirect") != 0)
		c->asks = n;
	for (size_t i = 0; i < n->nsteps; i++)
		for (size_t k = 0; k < sizeof(heard) / sizeof(heard[0]); k++)
			if (strcmp(g->steps.v[n->first_step + i].verb,
				heard[k]) == 0)
				c->sound = true;
	add_place(c, n);
}

/* Where the circle is closed is where it is cut. */
static void
report(struct bw_graph *g, const struct circle *c,
    const struct bwi_graph_node *first)
{
	const struct bwi_graph_node *n = c->asks != NULL ? c->asks : first;
	size_t lead = silent_lead(g, n);
	int line = lead != SIZE_MAX ? g->leads.v[lead].line : n->line;
	const char *verb = lead != SIZE_MAX ? g->leads.v[lead].verb : "on";
	int places = (int)c->places.n;

	if (c->program)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, line,
		    "<%s>: as long as the program fails, the call goes round "
		    "(%.*s): end the fallback with <Hangup/>",
		    verb, places, c->places.p);
	else if (c->asks != NULL)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, line,
		    "<%s>: a caller who does nothing is asked for ever (%.*s): "
		    "give the second try a tag=\"...\", and answer that tag "
		    "with <Hangup/>",
		    verb, places, c->places.p);
	else if (c->sound)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, line,
		    "<%s>: goes round for ever (%.*s), and the caller can do "
		    "nothing but hang up: put a <Gather> into it",
		    verb, places, c->places.p);
	else
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, line,
		    "<%s>: leads back to itself at once, for ever (%.*s)", verb,
		    places, c->places.p);
}

static void
close_circle(struct walk *w, const struct frame *stack, size_t depth, size_t to)
{
	struct circle c = {.asks = NULL};
	size_t i = depth;

	bw_buf_init(&c.places, 512);
	while (i > 0 && stack[i - 1].state != to)
		i--;
	for (size_t k = i > 0 ? i - 1 : 0; k < depth; k++)
		look_at(&c, w->graph,
		    &w->graph->nodes.v[w->states.v[stack[k].state].node]);
	if (c.new)
		report(w->graph, &c, &w->graph->nodes.v[w->states.v[to].node]);
	bw_buf_free(&c.places);
}

/* Depth first, with a stack of our own: a flow may be long. */
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
			close_circle(w, stack, depth, next);
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
	/* A call comes in without a tag; one that we made may have any. */
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
