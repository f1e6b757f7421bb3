/* When the events of a calendar occur. */
#include "data/dates_event.h"
#include "time/calendar.h"

/* Occurrences of a COUNT are looked for during so many days. */
#define MAX_SEARCH (400 * 366)

struct date {
	int64_t year;
	int month, day;
	int month_days; /* length of its month */
};

static struct date
date_of(int64_t days)
{
	struct date d = {.year = bwi_calendar_year(days), .month = 12};
	int64_t next;

	while (bwi_calendar_days(d.year, d.month, 1) > days)
		d.month--;
	d.day = (int)(days - bwi_calendar_days(d.year, d.month, 1)) + 1;
	next = bwi_calendar_days(d.year + d.month / 12, d.month % 12 + 1, 1);
	d.month_days = (int)(next - days) + d.day - 1;
	return d;
}

/*
 * Is the day the nth such weekday of a span of n days? at: its index in the
 * span.
 */
static bool
is_nth(int n, int at, int of)
{
	return n == 0 || (n > 0 && at / 7 + 1 == n) ||
	       (n < 0 && (of - 1 - at) / 7 + 1 == -n);
}

static bool
is_weekday(const struct bwi_date_event *e, int64_t day, const struct date *d)
{
	int64_t new_year = bwi_calendar_days(d->year, 1, 1);
	int weekday = bwi_calendar_weekday(day);

	for (size_t i = 0; i < e->nweekdays; i++) {
		const struct bwi_weekday *w = &e->weekdays[i];

		if (w->day != weekday)
			continue;
		if (e->months != 0
			? is_nth(w->n, d->day - 1, d->month_days)
			: is_nth(w->n, (int)(day - new_year),
			      (int)(bwi_calendar_days(d->year + 1, 1, 1) -
				    new_year)))
			return true;
	}
	return e->nweekdays == 0;
}

/* What a rule leaves out is taken from the first occurrence. */
static bool
is_in_rule(const struct bwi_date_event *e, int64_t day)
{
	struct date d = date_of(day);
	struct date first = date_of(bwi_calendar_day(e->start));
	uint32_t months = e->months;

	if ((d.year - first.year) % e->interval != 0)
		return false;
	if (months == 0 && e->days == 0 && e->last_days == 0 &&
	    e->nweekdays == 0)
		months = UINT32_C(1) << first.month;
	if (months != 0 && (months >> d.month & 1) == 0)
		return false;
	if (e->days != 0 || e->last_days != 0) {
		if ((e->days >> d.day & 1) == 0 &&
		    (e->last_days >> (d.month_days - d.day + 1) & 1) == 0)
			return false;
	} else if (e->nweekdays == 0 && d.day != first.day) {
		return false;
	}
	return is_weekday(e, day, &d);
}

static bool
is_excepted(
    const struct bwi_dates *c, const struct bwi_date_event *e, int64_t start)
{
	for (size_t i = 0; i < e->nexcept; i++) {
		if (c->except[e->first_except + i] == start)
			return true;
	}
	return false;
}

bool
bwi_date_event_starts(
    const struct bwi_dates *c, const struct bwi_date_event *e, int64_t day)
{
	int64_t first = bwi_calendar_day(e->start);
	int64_t start = day * BWI_DAY + (e->start - first * BWI_DAY);

	if (start < e->start || is_excepted(c, e, start))
		return false;
	if (start == e->start)
		return true;
	return e->yearly && start <= e->until && is_in_rule(e, day);
}

void
bwi_date_event_limit(
    const struct bwi_dates *c, struct bwi_date_event *e, int64_t count)
{
	struct bwi_date_event all = *e;
	int64_t first = bwi_calendar_day(e->start), last = first;

	all.nexcept = 0; /* an exception counts as an occurrence */
	for (int64_t day = first; count > 0 && day < first + MAX_SEARCH;
	     day++) {
		if (!bwi_date_event_starts(c, &all, day))
			continue;
		last = day;
		count--;
	}
	e->until = last * BWI_DAY + (e->start - first * BWI_DAY);
}

/* Does an occurrence overlap [from, to)? */
static bool
meets(const struct bwi_dates *c, const struct bwi_date_event *e, int64_t from,
    int64_t to)
{
	int64_t tod = e->start - bwi_calendar_day(e->start) * BWI_DAY;
	int64_t day = bwi_calendar_day(from - e->length);

	if (!e->yearly) {
		return e->start < to && e->start + e->length > from &&
		       !is_excepted(c, e, e->start);
	}
	for (; day * BWI_DAY + tod < to; day++) {
		if (day * BWI_DAY + tod + e->length > from &&
		    bwi_date_event_starts(c, e, day))
			return true;
	}
	return false;
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
