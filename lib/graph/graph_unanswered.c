/*
 * Is an event answered whatever it contains? Tries combinations of values for
 * its fields: empty, the ones that rules name, and others.
 */
#include "event/field.h"
#include "graph/graph.h"
#include "graph/graph_times.h"

#define ALL_TIMES (~UINT64_C(0))

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
	const struct bwi_graph_section *section;
	const struct bwi_graph_lead *lead; /* the event */
	struct bwi_graph_lead entry;	   /* the lead of a first event */
	struct bwi_graph_fact facts[MAX_FIELDS + 1];
	size_t known; /* number of facts that hold in every try */
	struct dimension d[MAX_FIELDS];
	size_t n;
	struct bwi_graph_times times;
	size_t tries;
	bool some; /* a rule may match the event */
	bool too_many;
	bool by_hours; /* the gap is at some hours only */
	bool by_dates; /* on the dates of this index only */
	size_t date;
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

static bool
add_word(const void *arg, struct bw_str word)
{
	struct dimension *const *d = arg;

	add_value(*d, word);
	return false;
}

/* Add the values that the field may have in the event. */
static void
add_documented(const struct gap_search *c, struct dimension *d)
{
	size_t ntypes, n;
	const struct bw_event_type *types = bw_event_types(&ntypes);
	const struct bw_field *fields = bw_fields(&n);

	for (size_t i = 0; i < n && c->lead->row < ntypes; i++) {
		if (bw_field_is_of(&fields[i], &types[c->lead->row]) &&
		    bwi_field_matches(&fields[i], d->field))
			(void)bwi_field_any_word(
			    fields[i].values, '|', add_word, &d);
	}
}

/* Add values that no rule names. */
static void
add_others(struct gap_search *c, struct dimension *d)
{
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
	add_documented(c, d);
	/* Each event that may have a cause has one. */
	if (!bw_str_is(d->field, "cause"))
		add_value(d, BW_STR(""));
	add_value(d, BW_STR("anything else"));
}

static bool
is_known(const struct gap_search *c, struct bw_str field)
{
	struct bw_str value;

	for (size_t i = 0; i < c->known; i++) {
		if (bw_str_eq(c->facts[i].field, field))
			return true;
	}
	return bwi_graph_lead_value(c->lead, field, &value);
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

/* Add the fields and times that a rule tests. */
static void
add_rule(struct gap_search *c, const struct bwi_rule *rule)
{
	c->some = true;
	for (size_t i = 0; i < rule->nconditions; i++)
		add_condition(c, &rule->conditions[i]);
	if (bwi_rule_is_timed(rule) && !bwi_graph_times_add(&c->times, rule))
		c->too_many = true;
}

/* Collect the tested fields; true if a rule always matches. */
static bool
collect_fields(struct gap_search *c)
{
	const struct bwi_flow *flow = c->section->section->flow;

	for (size_t i = 0; i < flow->nrules; i++) {
		enum bwi_graph_match match = bwi_graph_match(
		    &flow->rules[i], c->lead, c->facts, c->known);

		if (match == BWI_MATCH_ALWAYS)
			return true;
		if (match != BWI_MATCH_NEVER)
			add_rule(c, &flow->rules[i]);
	}
	return false;
}

/* Does the rule match at that time, apart from its fields? */
static bool
is_open(const struct gap_search *c, const struct bwi_rule *rule, uint64_t time)
{
	for (size_t i = 0; i < c->times.nrules; i++) {
		if (c->times.rules[i] == rule)
			return (time >> i & 1) != 0;
	}
	return true;
}

static bool
is_matched(const struct gap_search *c, uint64_t time)
{
	const struct bwi_flow *flow = c->section->section->flow;

	for (size_t i = 0; i < flow->nrules; i++) {
		const struct bwi_rule *rule = &flow->rules[i];

		if (is_open(c, rule, time) &&
		    bwi_graph_match_open(rule, c->lead, c->facts,
			c->known + c->n) == BWI_MATCH_ALWAYS)
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

/*
 * Find the first combination that no rule matches; the facts then have it. With
 * a time other than ALL_TIMES, skip combinations that no rule matches at any
 * time.
 */
static bool
find_gap_at(struct gap_search *c, uint64_t time)
{
	size_t at[MAX_FIELDS] = {0};

	do {
		for (size_t i = 0; i < c->n; i++)
			c->facts[c->known + i] = (struct bwi_graph_fact){
			    c->d[i].field, c->d[i].values[at[i]]};
		if (!is_matched(c, time) &&
		    (time == ALL_TIMES || is_matched(c, ALL_TIMES)))
			return true;
	} while (next_try(c, at) && ++c->tries < MAX_TRIES);
	return false;
}

static bool
find_date_gap(struct gap_search *c)
{
	c->by_dates = true;
	for (c->date = 0; c->date < BWI_TIMES_NDATES(&c->times); c->date++) {
		uint64_t time = c->times.dates[c->date];

		if (time != ALL_TIMES && find_gap_at(c, time))
			return true;
	}
	c->by_dates = false;
	return false;
}

/* Hours are tried on all kinds of dates. */
static bool
find_time_gap(struct gap_search *c)
{
	if (find_date_gap(c))
		return true;
	c->by_hours = true;
	for (size_t i = 0; i < c->times.nhours; i++) {
		for (size_t k = 0; k < BWI_TIMES_NDATES(&c->times); k++) {
			uint64_t time = c->times.hours[i] & c->times.dates[k];

			if (time != ALL_TIMES && find_gap_at(c, time))
				return true;
		}
	}
	return false;
}

/* " on the dates of "holidays"", or on others. */
static void
put_dates(const struct gap_search *c, struct bw_buf *b)
{
	bw_buf_puts(b, c->date != 0 ? " on the dates of "
				    : " on other dates than those of ");
	for (size_t i = 0, n = 0; i < c->times.ncalendars; i++) {
		const struct bwi_named_calendar *calendar =
		    c->times.calendars[i];

		if (c->date != 0 && (c->date >> i & 1) == 0)
			continue;
		bw_buf_printf(b, "%s\"%.*s\"", n++ > 0 ? " and " : "",
		    (int)calendar->id.n, calendar->id.p);
	}
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
	if (c->by_dates)
		put_dates(c, b);
	if (c->by_hours)
		bw_buf_puts(b, " outside of those hours");
}

/* Report combinations of values for which no rule answers the event of a
 * lead. */
static void
report_lead(struct gap_search *c, struct bwi_graph_lead *lead)
{
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

static struct gap_search *
begin(struct bw_graph *g, const struct bwi_graph_section *s,
    const struct bwi_graph_lead *lead)
{
	struct gap_search *c = bwi_graph_alloc(g, sizeof(*c));

	if (c != NULL)
		*c =
		    (struct gap_search){.graph = g, .section = s, .lead = lead};
	return c;
}

void
bwi_graph_unanswered(struct bw_graph *g, struct bwi_graph_lead *lead,
    const struct bwi_graph_section *s)
{
	struct gap_search *c = begin(g, s, lead);

	if (c == NULL)
		return;
	c->known = bwi_graph_tag_fact(&lead->tag, c->facts);
	if (collect_fields(c) || c->too_many ||
	    !bwi_graph_times_find(&c->times))
		return;
	if (find_gap_at(c, ALL_TIMES) || find_time_gap(c))
		report_lead(c, lead);
}

static bool
is_target(const struct bw_graph *g, const struct bwi_section *section)
{
	for (size_t i = 0; i < g->targets.n; i++) {
		if (g->targets.v[i].section == section)
			return true;
	}
	return false;
}

/*
 * The first rule that names the event, or NULL. A rule for any event names the
 * one with which a call begins where no answer leads to the section.
 */
static const struct bwi_rule *
naming_rule(const struct bw_graph *g, const struct bwi_graph_section *s,
    const struct bw_event_type *type, size_t row)
{
	const struct bwi_flow *flow = s->section->flow;
	bool any =
	    strcmp(type->name, "initiate") == 0 && !is_target(g, s->section);

	for (size_t i = 0; i < flow->nrules; i++) {
		const struct bwi_rule *r = &flow->rules[i];

		if ((r->rows[row / 64] >> row % 64 & 1) != 0 &&
		    (!r->any || any))
			return r;
	}
	return NULL;
}

static void
report_entry(struct gap_search *c, const struct bwi_rule *rule)
{
	const struct bw_event_type *types;
	const char *event, *path = c->section->section->path.p;
	struct bw_buf gap;
	size_t n;

	types = bw_event_types(&n);
	event = types[c->lead->row].name;
	bw_buf_init(&gap, 400);
	put_gap(c, &gap);
	bwi_graph_find(c->graph, BW_SEVERITY_WARNING, rule->location.file,
	    rule->location.line,
	    "<on>: %s comes to %s and nothing answers it%.*s: %s; add <on "
	    "event=\"%s\"> as the last rule there",
	    event, path, (int)gap.n, gap.n != 0 ? gap.p : "",
	    c->section->section->flow->bxml
		? "only the fallback does"
		: "it is acknowledged and, without a <store>, lost",
	    event);
	bw_buf_free(&gap);
}

/* Is an event that no rule matches lost: no store, and a status as answer? */
static bool
is_lost_unhandled(
    const struct bwi_graph_section *s, const struct bw_event_type *type)
{
	return type->answer == BW_ANSWER_STATUS && s->section->store == NULL;
}

/* Does the section expect an earlier row of the same name? */
static bool
is_repeated(const struct bwi_graph_section *s, size_t row)
{
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = BW_FAMILY__MAX; i < row; i++) {
		if (strcmp(types[i].name, types[row].name) == 0 &&
		    bwi_section_expects(s->section->kind, types[i].family))
			return true;
	}
	return false;
}

/*
 * The event that begins a call may have any values of its fields. For other
 * events, only report times at which they are lost: ignoring an event always
 * may be intended.
 */
static void
check_entry(struct bw_graph *g, const struct bwi_graph_section *s, size_t row)
{
	const struct bw_event_type *types;
	const struct bwi_rule *rule;
	struct gap_search *c;
	bool begins;
	size_t n;

	types = bw_event_types(&n);
	rule = naming_rule(g, s, &types[row], row);
	begins = strcmp(types[row].name, "initiate") == 0 ||
		 strcmp(types[row].name, "answer") == 0;
	if (rule == NULL ||
	    !bwi_section_expects(s->section->kind, types[row].family) ||
	    is_repeated(s, row) ||
	    (!begins && !is_lost_unhandled(s, &types[row])))
		return;
	c = begin(g, s, NULL);
	if (c == NULL)
		return;
	c->entry = (struct bwi_graph_lead){.row = row, .digits = 50};
	c->lead = &c->entry;
	if (collect_fields(c) || c->too_many ||
	    !bwi_graph_times_find(&c->times))
		return;
	if ((begins && find_gap_at(c, ALL_TIMES)) || find_time_gap(c))
		report_entry(c, rule);
}

void
bwi_graph_entries(struct bw_graph *g)
{
	size_t n;

	(void)bw_event_types(&n);
	for (size_t i = 0; i < g->sections.n && g->err == BW_OK; i++) {
		for (size_t row = BW_FAMILY__MAX; row < n; row++)
			check_entry(g, &g->sections.v[i], row);
	}
}
