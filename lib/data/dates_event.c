/* When the events of a calendar occur. */
#include "data/dates_event.h"
#include "time/calendar.h"

/* Occurrences of a COUNT are looked for until the calendar repeats. */
#define MAX_SEARCH (INT64_C(400) * 366)

/* The starts that are left out are sorted. */
static bool
is_excepted(
    const struct bwi_dates *c, const struct bwi_date_event *e, int64_t start)
{
	size_t low = e->first_except, high = low + e->nexcept;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->except[mid] == start)
			return true;
		if (c->except[mid] < start)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static int64_t
start_on(const struct bwi_date_event *e, int64_t day)
{
	return day * BWI_DAY + e->start - bwi_calendar_day(e->start) * BWI_DAY;
}

void
bwi_date_event_limit(
    const struct bwi_dates *c, struct bwi_date_event *e, int64_t count)
{
	int64_t first = bwi_calendar_day(e->start), last = first, day;
	struct bwi_rule_walk w;

	/* The first start counts, and an exception does. */
	bwi_rule_walk_begin(
	    &w, &c->rules[e->rule], first, e->interval, first + 1);
	while (--count > 0 && bwi_rule_walk_next(&w, first + MAX_SEARCH, &day))
		last = day;
	e->until = start_on(e, last);
}

/* Does an occurrence after the first one overlap [from, to)? */
static bool
meets_again(const struct bwi_dates *c, const struct bwi_date_event *e,
    int64_t from, int64_t to)
{
	int64_t first = bwi_calendar_day(e->start), day, start;
	int64_t begin = bwi_calendar_day(from - e->length);
	struct bwi_rule_walk w;

	bwi_rule_walk_begin(&w, &c->rules[e->rule], first, e->interval,
	    begin > first ? begin : first + 1);
	while (bwi_rule_walk_next(&w, bwi_calendar_day(to), &day)) {
		start = start_on(e, day);
		if (start >= to || start > e->until)
			return false;
		if (start + e->length > from && !is_excepted(c, e, start))
			return true;
	}
	return false;
}

/* Does an occurrence overlap [from, to)? */
static bool
meets(const struct bwi_dates *c, const struct bwi_date_event *e, int64_t from,
    int64_t to)
{
	if (e->start < to && e->start + e->length > from &&
	    !is_excepted(c, e, e->start))
		return true;
	return e->yearly && to > e->start && meets_again(c, e, from, to);
}

bool
bwi_dates_match(
    const struct bwi_dates *c, const struct bwi_tzfile *zone, int64_t time)
{
	for (size_t i = 0; i < c->nevents; i++) {
		const struct bwi_date_event *e = &c->events[i];
		int64_t local =
		    time +
		    bwi_tzfile_offset(e->zone != NULL ? e->zone : zone, time);

		if (meets(c, e, local, local + 1))
			return true;
	}
	return false;
}

bool
bwi_dates_on(const struct bwi_dates *c, int64_t day)
{
	for (size_t i = 0; i < c->nevents; i++) {
		if (meets(c, &c->events[i], day * BWI_DAY, (day + 1) * BWI_DAY))
			return true;
	}
	return false;
}
