/* Compiling the rules of a section. */
#include <bwcallback/tools/spell.h>

#include "config/rule_loader.h"

#include "base/alloc.h"
#include "config/field_check.h"
#include "config/rule_shadow.h"
#include "config/rule_status.h"
#include "event/event.h"
#include "event/field.h"

/* Larger than the number of event types. */
#define MAX_TYPES 256

static bool
is_family_other(size_t row)
{
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	return bwi_event_type_other(types[row].family) == &types[row];
}

/* The type for which payloads use this alias. */
static const struct bw_event_type *
find_alias(struct bw_str name)
{
	for (int f = 0; f < BW_FAMILY__MAX; f++) {
		const struct bw_event_type *type =
		    bwi_event_type_find((enum bw_family)f, name);

		if (type != NULL)
			return type;
	}
	return NULL;
}

static void
report_unknown(struct bwi_loader *l, const xmlNode *node, struct bw_str name)
{
	const char *names[MAX_TYPES];
	const struct bw_event_type *types, *alias = find_alias(name);
	const char *near;
	size_t n, known = 0;

	if (alias != NULL) {
		bwi_loader_error(l, node,
		    "<on>: event=\"%.*s\": write it as \"%s\"", (int)name.n,
		    name.p, alias->name);
		return;
	}
	types = bw_event_types(&n);
	for (size_t i = 0; i < n && known < MAX_TYPES; i++) {
		if (!is_family_other(i))
			names[known++] = types[i].name;
	}
	near = bw_spell_suggest(name, names, known);
	bwi_loader_warn(l, node,
	    "<on>: event=\"%.*s\": unknown event type%s%s%s",
	    (int)(name.n < 60 ? name.n : 60), name.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

/* The contexts of a rule's events, as bits. */
static unsigned
contexts_of(const uint64_t *rows)
{
	const struct bw_event_type *types;
	unsigned contexts = 0;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		struct bw_str name = {types[i].name, strlen(types[i].name)};

		if ((rows[i / 64] >> i % 64 & 1) != 0)
			contexts |= 1U << bwi_bxml_context(name);
	}
	return contexts & ~BWI_BXML_BIT(NOTHING);
}

/* Set the bits of the rows that match; returns their number. */
static size_t
mark_rows(const struct bwi_pattern *m, uint64_t *rows)
{
	const struct bw_event_type *types;
	size_t n, marked = 0;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		struct bw_str name = {types[i].name, strlen(types[i].name)};

		if (is_family_other(i) || !bwi_pattern_match(m, name))
			continue;
		rows[i / 64] |= UINT64_C(1) << i % 64;
		marked++;
	}
	return marked;
}

/* The name of a kind of section that receives these events; NULL: none does. */
static const char *
find_section(const uint64_t *rows, enum bwi_section_kind here)
{
	const struct bw_event_type *types;
	const char *element = NULL;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		if ((rows[i / 64] >> i % 64 & 1) == 0)
			continue;
		if (bwi_section_expects(here, types[i].family))
			return bwi_section_element(here);
		for (int k = 0; element == NULL && k < BWI_SECTION__MAX; k++) {
			enum bwi_section_kind kind = (enum bwi_section_kind)k;

			if (bwi_section_expects(kind, types[i].family))
				element = bwi_section_element(kind);
		}
	}
	return element;
}

/* Report events that come to sections of another kind only. */
static void
check_family(struct bwi_loader *l, const xmlNode *node, struct bw_str event,
    const uint64_t *rows, enum bwi_section_kind here)
{
	const char *there = find_section(rows, here);

	if (there != NULL && strcmp(there, bwi_section_element(here)) != 0)
		bwi_loader_warn(l, node,
		    "<on>: event=\"%.*s\": %.*s never comes to a <%s> section, "
		    "only to <%s>",
		    (int)(event.n < 60 ? event.n : 60), event.p,
		    (int)(event.n < 60 ? event.n : 60), event.p,
		    bwi_section_element(here), there);
}

static void
check_alternative(struct bwi_loader *l, const xmlNode *node,
    struct bw_str event, const struct bwi_pattern *m,
    enum bwi_section_kind here)
{
	uint64_t rows[MAX_TYPES / 64] = {0};

	if (mark_rows(m, rows) == 0)
		report_unknown(l, node, event);
	else
		check_family(l, node, event, rows, here);
}

/* Mark each alternative separately, so that a misspelt one is reported. */
static bool
mark_alternatives(struct bwi_loader *l, const xmlNode *node, struct bw_str s,
    enum bwi_section_kind here, uint64_t *rows)
{
	while (s.p != NULL) {
		const char *bar = s.n != 0 ? memchr(s.p, '|', s.n) : NULL;
		struct bw_str one = {
		    s.p, bar != NULL ? (size_t)(bar - s.p) : s.n};
		const struct bwi_pattern *m =
		    bwi_pattern_compile(&l->config->arena, one);

		if (m == NULL) {
			bwi_loader_no_memory(l);
			return false;
		}
		if (!l->compiled)
			check_alternative(l, node, one, m, here);
		(void)mark_rows(m, rows);
		s = bar != NULL ? (struct bw_str){bar + 1, s.n - one.n - 1}
				: (struct bw_str){NULL, 0};
	}
	return true;
}

static bool
set_event(struct bwi_loader *l, const xmlNode *node, enum bwi_section_kind here,
    struct bwi_rule *rule)
{
	struct bw_str event = bwi_loader_attr(l, node, "event");
	uint64_t *rows;
	size_t n;

	if (event.p == NULL)
		event = BW_STR("*");
	(void)bw_event_types(&n);
	n = (n + 63) / 64;
	rows = bwi_arena_alloc(&l->config->arena, n * sizeof(*rows));
	rule->event = bwi_pattern_compile(&l->config->arena, event);
	if (rows == NULL || rule->event == NULL) {
		bwi_loader_no_memory(l);
		return false;
	}
	memset(rows, 0, n * sizeof(*rows));
	rule->rows = rows;
	rule->any = bwi_pattern_is_any(rule->event);
	if (!mark_alternatives(l, node, event, here, rows))
		return false;
	/* Without wildcards, each name must exist. */
	if (!l->compiled && memchr(event.p, '*', event.n) == NULL &&
	    memchr(event.p, '?', event.n) == NULL)
		rule->action.contexts = contexts_of(rows);
	return true;
}

static bool
set_conditions(struct bwi_loader *l, const xmlNode *node, struct bwi_rule *rule)
{
	struct bwi_arena *arena = &l->config->arena;
	struct bwi_condition *c;
	size_t n = 0;

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		n += bwi_field_is_condition((const char *)a->name);
	c = bwi_arena_alloc(arena, n * sizeof(*c));
	if (c == NULL)
		goto no_memory;
	rule->conditions = c;
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const char *name = (const char *)a->name;
		struct bw_str value;

		if (!bwi_field_is_condition(name))
			continue;
		value = bwi_loader_attr(l, node, name);
		c->field =
		    bwi_arena_copy(arena, (struct bw_str){name, strlen(name)});
		c->value =
		    value.p != NULL ? bwi_pattern_compile(arena, value) : NULL;
		if (c->field.p == NULL || c->value == NULL)
			goto no_memory;
		if (l->scope != NULL)
			bwi_field_check_condition(
			    l, l->scope, node, c->field, value);
		c->field = bwi_field_name(c->field);
		c++;
		rule->nconditions++;
	}
	return true;
no_memory:
	bwi_loader_no_memory(l);
	return false;
}

static void
check_reachable(struct bwi_loader *l, const xmlNode *node,
    const struct bwi_flow *flow, const struct bwi_rule *rule)
{
	bool alone;
	const struct bwi_rule *earlier =
	    bwi_rule_shadow_find(flow->rules, flow->nrules, rule, &alone);

	if (earlier == NULL)
		return;
	bwi_loader_warn(l, node,
	    "<on>: never reached: the one%s in line %d %s all such events: put "
	    "the special case first",
	    alone ? "" : "s from that", earlier->location.line,
	    alone ? "matches" : "on match");
}

/*
 * Numbers of rows that a rule names: all, those that may get BXML, those that
 * must.
 */
struct tally {
	size_t rows, may, wants;
	const char *name; /* one of those that must */
};

static struct tally
tally_rows(const struct bwi_rule *rule)
{
	struct tally t = {0};
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		if ((rule->rows[i / 64] >> i % 64 & 1) == 0)
			continue;
		t.rows++;
		t.may += types[i].answer == BW_ANSWER_BXML ||
			 types[i].answer == BW_ANSWER_BXML_OR_NONE;
		if (types[i].answer == BW_ANSWER_BXML) {
			t.wants++;
			t.name = types[i].name;
		}
	}
	return t;
}

static void
check_bxml(
    struct bwi_loader *l, const xmlNode *node, const struct bwi_rule *rule)
{
	const struct bwi_action *a = &rule->action;
	struct tally t = tally_rows(rule);

	if (a->kind == BWI_ACTION_REPLY && a->status < 300 && t.wants != 0) {
		bwi_loader_error(l, node,
		    "<on>: the call waits for BXML after \"%s\": answer with "
		    "<Response>, or name only events that need none",
		    t.name);
	}
	if (a->kind == BWI_ACTION_RESPONSE && t.rows != 0 && t.may == 0) {
		bwi_loader_warn(l, node,
		    "<on>: these events get a status only: the <Response> is "
		    "not sent");
	}
}

/* Report an <on> whose events all reject this kind of answer. */
static void
check_fit(
    struct bwi_loader *l, const xmlNode *node, const struct bwi_rule *rule)
{
	unsigned contexts = contexts_of(rule->rows);

	if (rule->action.kind == BWI_ACTION_RESPONSE && contexts != 0 &&
	    (contexts & rule->action.fit) == 0)
		bwi_loader_error(l, node,
		    "<on>: none of these events may be answered with all the "
		    "verbs of the <Response>");
}

/* Reuse the file name of the previous rule if it is the same. */
static bool
set_location(struct bwi_loader *l, const struct bwi_section_loading *s,
    const xmlNode *node, struct bwi_rule *rule)
{
	const struct bwi_flow *flow = s->section->flow;
	const char *file = bwi_loader_file(node);
	const struct bwi_rule *before =
	    flow->nrules > 0 ? &flow->rules[flow->nrules - 1] : NULL;

	rule->location.section = s->section->path;
	rule->location.event = bwi_loader_attr(l, node, "event");
	rule->location.line = bwi_loader_line(node);
	if (before != NULL && strcmp(before->location.file, file) == 0) {
		rule->location.file = before->location.file;
		return true;
	}
	rule->location.file = bwi_arena_copy(
	    &l->config->arena, (struct bw_str){file, strlen(file)})
				  .p;
	if (rule->location.file == NULL)
		bwi_loader_no_memory(l);
	return rule->location.file != NULL;
}

static bool
compile_rule(struct bwi_loader *l, struct bwi_section_loading *s,
    const xmlNode *node, struct bwi_rule *rule, struct bwi_field_scope *scope)
{
	enum bwi_section_kind kind = s->section->kind;
	bool good =
	    set_location(l, s, node, rule) && set_event(l, node, kind, rule);

	if (good && !l->compiled) {
		bwi_field_scope_set(scope, kind, rule);
		l->scope = scope;
	}
	good = good && set_conditions(l, node, rule);
	good = bwi_loader_time(l, node, rule) && good;
	return bwi_loader_answer(l, s->section,
		   bwi_node_element(node->children), &rule->action) &&
	       good;
}

static void
add_rule(
    struct bwi_loader *l, struct bwi_section_loading *s, const xmlNode *node)
{
	struct bwi_flow *flow = s->section->flow;
	struct bwi_rule *rule = &flow->rules[flow->nrules];
	struct bwi_field_scope scope;
	bool good;

	*rule = (struct bwi_rule){0};
	good = compile_rule(l, s, node, rule, &scope);
	l->scope = NULL;
	if (!good)
		return;
	if (flow->bxml && !l->compiled) {
		check_bxml(l, node, rule);
		check_fit(l, node, rule);
	}
	if (!l->compiled) {
		bwi_rule_status_check(l, node, s->section, rule);
		check_reachable(l, node, flow, rule);
	}
	flow->nrules++;
}

static void
set_fallback(struct bwi_loader *l, struct bwi_flow *flow, const xmlNode *node)
{
	const xmlNode *response = bwi_node_element(node->children);
	const struct bwi_template *t;
	bool values = false;

	t = bwi_loader_response(l, response,
	    BWI_BXML_BIT(RINGING) | BWI_BXML_BIT(ANSWERED), &values);
	if (t == NULL)
		return;
	if (values) {
		bwi_loader_error(l, response,
		    "<fallback>: {...} is not allowed: values may be missing "
		    "when it is sent");
		return;
	}
	flow->fallback = bwi_template_text(t);
	flow->fallback_fit = bwi_loader_fit(response);
}

static void
set_portout_verdict(
    struct bwi_loader *l, const xmlNode *node, struct bwi_flow *flow)
{
	struct bw_str s = bwi_loader_attr(l, node, "on-error");

	flow->portout_verdict = *bwi_portout_verdict_deny();
	if (s.p != NULL && strcmp(s.p, "allow") == 0 &&
	    !bwi_portout_verdict_make(&flow->portout_verdict, &l->config->arena,
		0, (struct bw_str){"", 0}))
		bwi_loader_no_memory(l);
}

void
bwi_loader_rules(struct bwi_loader *l, struct bwi_section_loading *s)
{
	struct bwi_flow *flow = s->section->flow;
	const xmlNode *e;
	size_t n = 0;

	for (e = bwi_node_element(s->node->children); e != NULL;
	     e = bwi_node_element(e->next))
		n++;
	flow->rules =
	    bwi_arena_alloc(&l->config->arena, n * sizeof(*flow->rules));
	if (flow->rules == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	if (flow->bxml) {
		flow->fallback = bwi_flow_default_fallback();
		flow->fallback_fit = BWI_BXML_BIT(RINGING) |
				     BWI_BXML_BIT(ANSWERED) |
				     BWI_BXML_BIT(TRANSFER);
	}
	if (s->section->kind == BWI_SECTION_PORTOUT)
		set_portout_verdict(l, s->node, flow);
	for (e = bwi_node_element(s->node->children); e != NULL;
	     e = bwi_node_element(e->next)) {
		if (bwi_node_is(e, "fallback"))
			set_fallback(l, flow, e);
		else if (bwi_node_is(e, "subscribers"))
			bwi_loader_subscribers(l, s, e);
		else if (bwi_node_is(e, "locations"))
			bwi_loader_locations(l, s, e);
		else if (bwi_node_is(e, "notify"))
			bwi_loader_notify(l, s, e);
		else
			add_rule(l, s, e);
	}
}
