/* Which rule would match an event that has not occurred yet. */
#include "graph/graph.h"

static bool
matches_row(const struct bwi_rule *rule, size_t row)
{
	size_t n;

	(void)bw_event_types(&n);
	if (rule->any)
		return true;
	return row < n && (rule->rows[row / 64] >> row % 64 & 1) != 0;
}

static enum bwi_graph_match
meets(const struct bwi_condition *c, const struct bwi_graph_lead *lead,
    const struct bwi_graph_fact *facts, size_t nfacts, int64_t digits)
{
	struct bw_str value;

	for (size_t i = 0; i < nfacts; i++) {
		if (bw_str_eq(c->field, facts[i].field))
			return bwi_pattern_match(c->value, facts[i].value)
				   ? BWI_MATCH_ALWAYS
				   : BWI_MATCH_NEVER;
	}
	if (bwi_pattern_is_any(c->value))
		return BWI_MATCH_ALWAYS;
	if (bwi_graph_lead_value(lead, c->field, &value))
		return bwi_pattern_match(c->value, value) ? BWI_MATCH_ALWAYS
							  : BWI_MATCH_NEVER;
	if (bw_str_is(c->field, "digits") &&
	    bwi_pattern_shortest(c->value) > (size_t)digits)
		return BWI_MATCH_NEVER;
	return BWI_MATCH_MAYBE;
}

enum bwi_graph_match
bwi_graph_match_open(const struct bwi_rule *rule,
    const struct bwi_graph_lead *lead, const struct bwi_graph_fact *facts,
    size_t nfacts)
{
	enum bwi_graph_match match = BWI_MATCH_ALWAYS;

	if (!matches_row(rule, lead->row))
		return BWI_MATCH_NEVER;
	for (size_t i = 0; i < rule->nconditions; i++) {
		enum bwi_graph_match one = meets(
		    &rule->conditions[i], lead, facts, nfacts, lead->digits);

		if (one < match)
			match = one;
	}
	return match;
}

enum bwi_graph_match
bwi_graph_match(const struct bwi_rule *rule, const struct bwi_graph_lead *lead,
    const struct bwi_graph_fact *facts, size_t nfacts)
{
	enum bwi_graph_match match =
	    bwi_graph_match_open(rule, lead, facts, nfacts);

	if (match == BWI_MATCH_ALWAYS && bwi_rule_is_timed(rule))
		match = BWI_MATCH_MAYBE;
	return match;
}

/* Does every event that meets the rule's own conditions also meet this one? */
static bool
is_implied(const struct bwi_condition *c, const struct bwi_rule *rule)
{
	for (size_t i = 0; i < rule->nconditions; i++) {
		const struct bwi_condition *own = &rule->conditions[i];
		size_t n = bwi_pattern_count(own->value), k = 0;

		if (!bw_str_eq(own->field, c->field))
			continue;
		while (k < n && bwi_pattern_includes(c->value, own->value, k))
			k++;
		return k == n;
	}
	return false;
}

bool
bwi_graph_shadows(const struct bwi_rule *earlier, const struct bwi_rule *rule,
    const struct bwi_graph_lead *lead, const struct bwi_graph_fact *facts,
    size_t nfacts)
{
	for (size_t i = 0; i < earlier->nconditions; i++) {
		const struct bwi_condition *c = &earlier->conditions[i];

		if (meets(c, lead, facts, nfacts, INT64_MAX) !=
			BWI_MATCH_ALWAYS &&
		    !is_implied(c, rule))
			return false;
	}
	return bwi_rule_time_includes(earlier, rule);
}

size_t
bwi_graph_tag_fact(const struct bwi_graph_tag *tag, struct bwi_graph_fact *fact)
{
	if (tag->kind != BWI_TAG_LITERAL)
		return 0;
	*fact = (struct bwi_graph_fact){BW_STR("tag"), tag->text};
	return 1;
}
