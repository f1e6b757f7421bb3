/* The times at which a rule matches: its hours. */
#include "flow/rule.h"

bool
bwi_rule_is_timed(const struct bwi_rule *r)
{
	return r->hours != NULL;
}

bool
bwi_rule_time_match(const struct bwi_rule *r, int64_t time)
{
	return r->hours == NULL || bwi_hours_match(r->hours, r->zone, time);
}

bool
bwi_rule_time_includes(const struct bwi_rule *r, const struct bwi_rule *inner)
{
	if (r->hours == NULL || bwi_hours_always(r->hours))
		return true;
	return inner->hours != NULL && inner->zone == r->zone &&
	       bwi_hours_includes(r->hours, inner->hours);
}
