/*
 * Is an event answered whatever it contains? Tries combinations of values for
 * its fields: empty, the ones that rules name, and others.
 */
#include "graph/graph.h"

#define MAX_FIELDS 3
#define MAX_VALUES 48
/* Most combinations to try; more than a person writes by hand. */
#define MAX_TRIES 20000

/* A field that rules test, and its possible values. */
struct dimension {
	struct bw_str field;
	struct bw_str values[MAX_VALUES];
	size_t n;
};

struct gap_search {
	struct bw_graph *graph;
	struct bwi_graph_lead *lead;
	const struct bwi_graph_section *section;
	struct bwi_graph_fact facts[MAX_FIELDS + 1];
	size_t known; /* number of facts that hold in every try */
	struct dimension d[MAX_FIELDS];
	size_t n;
	bool some;	/* a rule may match the event */
	bool some_hour; /* but only during its hours */
	bool too_many;
};

static void
add_value(struct dimension *d, struct bw_str value)
{
	for (size_t i = 0; i < d->n; i++) {
		if (bw_str_eq(d->values[i], value))
			return;
	}
	if (d->n < MAX_VALUES)
		d->values[d->n++] = value;
}

/* Add values that no rule names. */
static void
add_others(struct gap_search *c, struct dimension *d)
{
	static const char *const causes[] = {
	    "hangup", "busy", "timeout", "rejected", "cancel", "error"};
	static const char *const long_keys[] = {"0000", "1111", "2222", "3333",
	    "4444", "5555", "6666", "7777", "8888", "9999", "****", "####"};
	size_t most = c->lead->digits < 4 ? (size_t)c->lead->digits : 4;

	if (bw_str_is(d->field, "digits")) {
		add_value(d, BW_STR(""));
		for (size_t i = 0; i < sizeof(long_keys) / sizeof(long_keys[0]);
		     i++)
			add_value(d, (struct bw_str){long_keys[i], most});
		return;
	}
	if (bw_str_is(d->field, "cause")) {
		for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
			add_value(
			    d, (struct bw_str){causes[i], strlen(causes[i])});
	} else {
		add_value(d, BW_STR(""));
	}
	add_value(d, BW_STR("anything else"));
}

static bool
is_known(const struct gap_search *c, struct bw_str field)
{
	for (size_t i = 0; i < c->known; i++) {
		if (bw_str_eq(c->facts[i].field, field))
			return true;
	}
	return false;
}

static void
add_condition(struct gap_search *c, const struct bwi_condition *condition)
{
	struct dimension *d = NULL;

	if (is_known(c, condition->field) ||
	    bwi_pattern_is_any(condition->value))
		return;
	for (size_t i = 0; i < c->n && d == NULL; i++) {
		if (bw_str_eq(c->d[i].field, condition->field))
			d = &c->d[i];
	}
	if (d == NULL && c->n == MAX_FIELDS) {
		c->too_many = true;
		return;
	}
	if (d == NULL) {
		d = &c->d[c->n++];
		d->field = condition->field;
		add_others(c, d);
	}
	for (size_t i = 0; i < bwi_pattern_count(condition->value); i++) {
		struct bw_str literal =
		    bwi_pattern_literal(condition->value, i);

		if (literal.p != NULL &&
		    (!bw_str_is(d->field, "digits") ||
			literal.n <= (size_t)c->lead->digits))
			add_value(d, literal);
	}
}

static enum bwi_graph_match
match_rule(
    const struct gap_search *c, const struct bwi_rule *rule, size_t nfacts)
{
	return bwi_graph_match(
	    rule, c->lead->row, c->facts, nfacts, c->lead->digits);
}

static const struct bwi_rule *
rule_of(const struct gap_search *c, size_t i)
{
	return c->graph->nodes.v[c->section->first_node + i].rule;
}

/* Collect the tested fields; true if a rule always matches. */
static bool
collect_fields(struct gap_search *c)
{
	for (size_t i = 0; i < c->section->nnodes; i++) {
		const struct bwi_rule *rule = rule_of(c, i);
		enum bwi_graph_match match;

		if (rule == NULL)
			continue;
		match = match_rule(c, rule, c->known);
		if (match == BWI_MATCH_ALWAYS)
			return true;
		if (match == BWI_MATCH_NEVER)
			continue;
		c->some = true;
		c->some_hour = c->some_hour || rule->hours != NULL;
		for (size_t k = 0; k < rule->nconditions; k++)
			add_condition(c, &rule->conditions[k]);
	}
	return false;
}

static bool
is_matched(const struct gap_search *c)
{
	for (size_t i = 0; i < c->section->nnodes; i++) {
		const struct bwi_rule *rule = rule_of(c, i);

		if (rule != NULL &&
		    match_rule(c, rule, c->known + c->n) == BWI_MATCH_ALWAYS)
			return true;
	}
	return false;
}

/* Advance to the next combination, like an odometer. */
static bool
next_try(struct gap_search *c, size_t *at)
{
	size_t i = c->n;

	while (i > 0) {
		i--;
		if (++at[i] < c->d[i].n)
			return true;
		at[i] = 0;
	}
	return false;
}

/* Leave the first combination without a match in the facts. */
static bool
find_gap(struct gap_search *c)
{
	size_t at[MAX_FIELDS] = {0};
	size_t tries = 0;

	do {
		for (size_t i = 0; i < c->n; i++)
			c->facts[c->known + i] = (struct bwi_graph_fact){
			    c->d[i].field, c->d[i].values[at[i]]};
		if (!is_matched(c))
			return true;
	} while (next_try(c, at) && ++tries < MAX_TRIES);
	return false;
}

static void
put_gap(const struct gap_search *c, struct bw_buf *b)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct bwi_graph_fact *f = &c->facts[c->known + i];
		bool digits = bw_str_is(f->field, "digits");

		bw_buf_puts(b, i == 0 ? " when " : " and ");
		if (digits && f->value.n == 0)
			bw_buf_puts(b, "no key is pressed (digits=\"\")");
		else
			bw_buf_printf(b, "%.*s is \"%.*s\"", (int)f->field.n,
			    f->field.p, (int)f->value.n, f->value.p);
	}
	if (c->n == 0 && c->some_hour)
		bw_buf_puts(b, " outside of those hours");
}

static void
report(struct gap_search *c)
{
	struct bwi_graph_lead *lead = c->lead;
	const struct bwi_graph_node *n = &c->graph->nodes.v[lead->node];
	struct bw_buf gap;

	if (!c->section->section->flow->bxml) {
		lead->unanswered = true;
		bwi_graph_find(c->graph, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s receives %s from here and answers no calls: only "
		    "a <voice> section does",
		    lead->verb, c->section->section->path.p, lead->event);
		return;
	}
	if (!c->some) {
		lead->unanswered = true;
		bwi_graph_find(c->graph, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s receives %s from here and no rule answers it: "
		    "add <on event=\"%s\"> to that section",
		    lead->verb, c->section->section->path.p, lead->event,
		    lead->event);
		return;
	}
	bw_buf_init(&gap, 400);
	put_gap(c, &gap);
	bwi_graph_find(c->graph, BW_SEVERITY_WARNING, n->file, lead->line,
	    "<%s>: %s receives %s from here and no rule answers it%.*s: only "
	    "the fallback does; add <on event=\"%s\"> as the last rule there",
	    lead->verb, c->section->section->path.p, lead->event, (int)gap.n,
	    gap.n != 0 ? gap.p : "", lead->event);
	bw_buf_free(&gap);
}

void
bwi_graph_unanswered(struct bw_graph *g, struct bwi_graph_lead *lead,
    const struct bwi_graph_section *s)
{
	struct gap_search *c = bwi_graph_alloc(g, sizeof(*c));

	if (c == NULL)
		return;
	*c = (struct gap_search){.graph = g, .lead = lead, .section = s};
	c->known = bwi_graph_tag_fact(&lead->tag, c->facts);
	if (collect_fields(c) || c->too_many)
		return;
	if (find_gap(c))
		report(c);
}
