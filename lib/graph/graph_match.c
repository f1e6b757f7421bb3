/* Which rule would take an event that has not come yet. */
#include "graph/graph.h"

static bool
takes_row(const struct bwi_rule *rule, size_t row)
{
	size_t n;

	(void)bw_event_types(&n);
	if (rule->any)
		return true;
	return row < n && (rule->rows[row / 64] >> row % 64 & 1) != 0;
}

static enum bwi_graph_match
meets(const struct bwi_condition *c, const struct bwi_graph_fact *facts,
    size_t nfacts, int64_t digits)
{
	for (size_t i = 0; i < nfacts; i++) {
		if (bw_str_eq(c->field, facts[i].field))
			return bwi_pattern(c->value, facts[i].value)
				   ? BWI_TAKES_SURELY
				   : BWI_TAKES_NOT;
	}
	if (bwi_pattern_is_any(c->value))
		return BWI_TAKES_SURELY;
	if (bw_str_is(c->field, "digits") &&
	    bwi_pattern_shortest(c->value) > (size_t)digits)
		return BWI_TAKES_NOT;
	return BWI_TAKES_PERHAPS;
}

enum bwi_graph_match
bwi_graph_match(const struct bwi_rule *rule, size_t row,
    const struct bwi_graph_fact *facts, size_t nfacts, int64_t digits)
{
	enum bwi_graph_match takes =
	    rule->hours != NULL ? BWI_TAKES_PERHAPS : BWI_TAKES_SURELY;

	if (!takes_row(rule, row))
		return BWI_TAKES_NOT;
	for (size_t i = 0; i < rule->nconditions; i++) {
		enum bwi_graph_match one =
		    meets(&rule->conditions[i], facts, nfacts, digits);

		if (one < takes)
			takes = one;
	}
	return takes;
}

/* Is a condition met by every event that meets a rule's own? */
static bool
follows(const struct bwi_condition *c, const struct bwi_rule *rule)
{
	for (size_t i = 0; i < rule->nconditions; i++) {
		const struct bwi_condition *own = &rule->conditions[i];
		size_t n = bwi_pattern_count(own->value), k = 0;

		if (!bw_str_eq(own->field, c->field))
			continue;
		while (k < n && bwi_pattern_covers(c->value, own->value, k))
			k++;
		return k == n;
	}
	return false;
}

bool
bwi_graph_hides(const struct bwi_rule *earlier, const struct bwi_rule *rule,
    const struct bwi_graph_fact *facts, size_t nfacts)
{
	if (earlier->hours != NULL)
		return false;
	for (size_t i = 0; i < earlier->nconditions; i++) {
		const struct bwi_condition *c = &earlier->conditions[i];

		if (meets(c, facts, nfacts, INT64_MAX) != BWI_TAKES_SURELY &&
		    !follows(c, rule))
			return false;
	}
	return true;
}

size_t
bwi_graph_tag_fact(const struct bwi_graph_tag *tag, struct bwi_graph_fact *fact)
{
	if (tag->kind != BWI_TAG_LITERAL)
		return 0;
	*fact = (struct bwi_graph_fact){BW_STR("tag"), tag->text};
	return 1;
}
