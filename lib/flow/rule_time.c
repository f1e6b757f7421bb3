/* The times at which a rule matches: its hours and dates. */
#include "flow/rule.h"

bool
bwi_rule_is_timed(const struct bwi_rule *r)
{
	return r->hours != NULL || r->dates != NULL;
}

static bool
is_date(const struct bwi_rule *r, int64_t time)
{
	for (size_t i = 0; i < r->ndates; i++) {
		const struct bwi_rule_dates *d = &r->dates[i];

		if (bwi_dates_match(d->calendar->dates, d->zone, time))
			return true;
	}
	return false;
}

bool
bwi_rule_time_match(const struct bwi_rule *r, int64_t time)
{
	if (r->hours != NULL && !bwi_hours_match(r->hours, r->zone, time))
		return false;
	return r->dates == NULL || is_date(r, time) != r->outside;
}

static bool
names(const struct bwi_rule *r, const struct bwi_rule_dates *d)
{
	for (size_t i = 0; i < r->ndates; i++) {
		if (r->dates[i].calendar == d->calendar &&
		    r->dates[i].zone == d->zone)
			return true;
	}
	return false;
}

/* Does r have all calendars of the other rule? */
static bool
names_all(const struct bwi_rule *r, const struct bwi_rule *of)
{
	size_t i = 0;

	while (i < of->ndates && names(r, &of->dates[i]))
		i++;
	return i == of->ndates;
}

static bool
dates_include(const struct bwi_rule *r, const struct bwi_rule *inner)
{
	if (r->dates == NULL)
		return true;
	if (inner->dates == NULL || r->outside != inner->outside)
		return false;
	return r->outside ? names_all(inner, r) : names_all(r, inner);
}

static bool
hours_include(const struct bwi_rule *r, const struct bwi_rule *inner)
{
	if (r->hours == NULL || bwi_hours_always(r->hours))
		return true;
	return inner->hours != NULL && inner->zone == r->zone &&
	       bwi_hours_includes(r->hours, inner->hours);
}

bool
bwi_rule_time_includes(const struct bwi_rule *r, const struct bwi_rule *inner)
{
	return dates_include(r, inner) && hours_include(r, inner);
}
