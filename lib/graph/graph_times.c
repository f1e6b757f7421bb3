#include "graph/graph_times.h"

#define MAX_ZONES 4

bool
bwi_graph_times_add(struct bwi_graph_times *t, const struct bwi_rule *rule)
{
	if (t->nrules == BWI_TIMES_MAX_RULES)
		return false;
	t->rules[t->nrules++] = rule;
	return true;
}

static bool
add_set(uint64_t *sets, size_t *n, uint64_t set)
{
	for (size_t i = 0; i < *n; i++) {
		if (sets[i] == set)
			return true;
	}
	if (*n == BWI_TIMES_MAX_SETS)
		return false;
	sets[(*n)++] = set;
	return true;
}

static bool
has_hours_in(const struct bwi_rule *r, const struct bwi_tzfile *zone)
{
	return r->hours != NULL && r->zone == zone;
}

/* Restrict a set to a minute of the week in one zone. */
static uint64_t
set_at(const struct bwi_graph_times *t, const struct bwi_tzfile *zone,
    uint64_t set, int minute)
{
	for (size_t i = 0; i < t->nrules; i++) {
		if (has_hours_in(t->rules[i], zone) &&
		    !bwi_hours_in_week(t->rules[i]->hours, minute))
			set &= ~(UINT64_C(1) << i);
	}
	return set;
}

/* Different zones are independent: their distance changes with the season. */
static bool
split_by_zone(struct bwi_graph_times *t, const struct bwi_tzfile *zone)
{
	uint64_t sets[BWI_TIMES_MAX_SETS];
	size_t n = 0;

	for (size_t i = 0; i < t->nhours; i++) {
		for (int minute = 0; minute < BWI_WEEK_MINUTES; minute++) {
			if (!add_set(
				sets, &n, set_at(t, zone, t->hours[i], minute)))
				return false;
		}
	}
	memcpy(t->hours, sets, n * sizeof(sets[0]));
	t->nhours = n;
	return true;
}

static bool
is_first_of_zone(const struct bwi_graph_times *t, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (has_hours_in(t->rules[k], t->rules[i]->zone))
			return false;
	}
	return t->rules[i]->hours != NULL;
}

static bool
add_calendar(
    struct bwi_graph_times *t, const struct bwi_named_calendar *calendar)
{
	for (size_t i = 0; i < t->ncalendars; i++) {
		if (t->calendars[i] == calendar)
			return true;
	}
	if (t->ncalendars == BWI_TIMES_MAX_CALENDARS)
		return false;
	t->calendars[t->ncalendars++] = calendar;
	return true;
}

static bool
matches_dates(
    const struct bwi_graph_times *t, const struct bwi_rule *r, size_t in)
{
	bool is = false;

	for (size_t i = 0; i < r->ndates; i++) {
		for (size_t k = 0; k < t->ncalendars; k++) {
			if (t->calendars[k] == r->dates[i].calendar)
				is = is || (in >> k & 1) != 0;
		}
	}
	return r->dates == NULL || is != r->outside;
}

static bool
find_dates(struct bwi_graph_times *t)
{
	for (size_t i = 0; i < t->nrules; i++) {
		for (size_t k = 0; k < t->rules[i]->ndates; k++) {
			if (!add_calendar(t, t->rules[i]->dates[k].calendar))
				return false;
		}
	}
	for (size_t in = 0; in < BWI_TIMES_NDATES(t); in++) {
		t->dates[in] = ~UINT64_C(0);
		for (size_t i = 0; i < t->nrules; i++) {
			if (!matches_dates(t, t->rules[i], in))
				t->dates[in] &= ~(UINT64_C(1) << i);
		}
	}
	return true;
}

static bool
find_hours(struct bwi_graph_times *t)
{
	int zones = 0;

	t->hours[0] = ~UINT64_C(0);
	t->nhours = 1;
	for (size_t i = 0; i < t->nrules; i++) {
		if (!is_first_of_zone(t, i))
			continue;
		if (++zones > MAX_ZONES || !split_by_zone(t, t->rules[i]->zone))
			return false;
	}
	return true;
}

bool
bwi_graph_times_find(struct bwi_graph_times *t)
{
	return find_hours(t) && find_dates(t);
}
