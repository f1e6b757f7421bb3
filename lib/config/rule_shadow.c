#include "config/rule_shadow.h"

/* Rules with more combinations are assumed reachable. */
#define MAX_COMBINATIONS 1024
#define MAX_CONDITIONS	 8

static bool
matches_rows(const struct bwi_rule *earlier, const struct bwi_rule *rule)
{
	bool some = false;
	size_t n;

	if (earlier->any)
		return true;
	if (rule->any)
		return false;
	(void)bw_event_types(&n);
	for (size_t i = 0; i < (n + 63) / 64; i++) {
		if ((rule->rows[i] & ~earlier->rows[i]) != 0)
			return false;
		some = some || rule->rows[i] != 0;
	}
	return some;
}

/* Does an earlier rule's condition always hold in this combination? */
static bool
holds(const struct bwi_condition *c, const struct bwi_rule *rule,
    const size_t *at)
{
	if (bwi_pattern_is_any(c->value))
		return true;
	for (size_t i = 0; i < rule->nconditions; i++) {
		if (bw_str_eq(rule->conditions[i].field, c->field) &&
		    bwi_pattern_includes(
			c->value, rule->conditions[i].value, at[i]))
			return true;
	}
	return false;
}

static bool
matches(const struct bwi_rule *earlier, const struct bwi_rule *rule,
    const size_t *at)
{
	if (!matches_rows(earlier, rule))
		return false;
	for (size_t i = 0; i < earlier->nconditions; i++) {
		if (!holds(&earlier->conditions[i], rule, at))
			return false;
	}
	return bwi_rule_time_includes(earlier, rule);
}

/* Advance to the next combination, like an odometer. */
static bool
next(const struct bwi_rule *rule, size_t *at)
{
	for (size_t i = 0; i < rule->nconditions; i++) {
		if (++at[i] < bwi_pattern_count(rule->conditions[i].value))
			return true;
		at[i] = 0;
	}
	return false;
}

const struct bwi_rule *
bwi_rule_shadow_find(const struct bwi_rule *earlier, size_t n,
    const struct bwi_rule *rule, bool *alone)
{
	size_t at[MAX_CONDITIONS] = {0};
	const struct bwi_rule *found = NULL;
	size_t tries = 0;

	*alone = true;
	if (rule->nconditions > MAX_CONDITIONS)
		return NULL;
	do {
		size_t i = 0;

		while (i < n && !matches(&earlier[i], rule, at))
			i++;
		if (i == n || ++tries > MAX_COMBINATIONS)
			return NULL;
		if (found == NULL)
			found = &earlier[i];
		*alone = *alone && found == &earlier[i];
	} while (next(rule, at));
	return found;
}
