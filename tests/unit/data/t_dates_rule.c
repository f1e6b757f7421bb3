/* Days of yearly rules, compared with RFC 5545 applied day by day. */
#include "data/dates_rule.h"

#include <string.h>

#include "tests/tap/tap.h"
#include "time/calendar.h"

#define RULES 2000

/* About nine years with each rule, so that all kinds of years occur. */
#define DAYS 3300

struct date {
	int64_t year, new_year, next_new_year;
	int month, day, month_days;
};

static uint32_t state = 2026;

static uint32_t
any(uint32_t n)
{
	state = state * UINT32_C(1664525) + UINT32_C(1013904223);
	return (state >> 8) % n;
}

static struct date
date_of(int64_t days)
{
	struct date d = {.year = bwi_calendar_year(days), .month = 12};
	int64_t next;

	d.new_year = bwi_calendar_days(d.year, 1, 1);
	d.next_new_year = bwi_calendar_days(d.year + 1, 1, 1);
	while (bwi_calendar_days(d.year, d.month, 1) > days)
		d.month--;
	d.day = (int)(days - bwi_calendar_days(d.year, d.month, 1)) + 1;
	next = bwi_calendar_days(d.year + d.month / 12, d.month % 12 + 1, 1);
	d.month_days = (int)(next - days) + d.day - 1;
	return d;
}

/* Is a day of a span of `of` days the nth such weekday? */
static bool
is_nth(int n, int at, int of)
{
	return n == 0 || at / 7 + 1 == n || (of - 1 - at) / 7 + 1 == -n;
}

static bool
is_weekday(const struct bwi_date_rule *r, int64_t day, const struct date *d)
{
	for (size_t i = 0; i < r->nweekdays; i++) {
		const struct bwi_weekday *w = &r->weekdays[i];

		if (w->day != bwi_calendar_weekday(day))
			continue;
		if (r->months != 0 ? is_nth(w->n, d->day - 1, d->month_days)
				   : is_nth(w->n, (int)(day - d->new_year),
					 (int)(d->next_new_year - d->new_year)))
			return true;
	}
	return r->nweekdays == 0;
}

static bool
is_in_rule(const struct bwi_date_rule *r, int64_t first_day, int64_t interval,
    int64_t day)
{
	struct date d = date_of(day), first = date_of(first_day);
	bool by_day = r->days != 0 || r->last_days != 0;

	if ((d.year - first.year) % interval != 0)
		return false;
	if (r->months != 0 && (r->months >> d.month & 1) == 0)
		return false;
	if (r->months == 0 && !by_day && r->nweekdays == 0 &&
	    d.month != first.month)
		return false;
	if (by_day && (r->days >> d.day & 1) == 0 &&
	    (r->last_days >> (d.month_days - d.day + 1) & 1) == 0)
		return false;
	if (!by_day && r->nweekdays == 0 && d.day != first.day)
		return false;
	return is_weekday(r, day, &d);
}

static struct bwi_date_rule
any_rule(void)
{
	struct bwi_date_rule r = {.months = 0};

	for (uint32_t n = any(2) * any(4); n > 0; n--)
		r.months |= UINT32_C(1) << (1 + any(12));
	for (uint32_t n = any(2) * any(5); n > 0; n--)
		*(any(3) == 0 ? &r.last_days : &r.days) |= UINT32_C(1)
							   << (1 + any(31));
	for (uint32_t n = any(2) * any(5); n > 0; n--)
		r.weekdays[r.nweekdays++] = (struct bwi_weekday){
		    any(2) == 0 ? 0 : (int)any(107) - 53, (int)any(7)};
	return r;
}

/* The number of days that differ. */
static int
compare(const struct bwi_date_rule *r, int64_t first, int64_t interval)
{
	struct bwi_rule_days days;
	struct bwi_rule_walk w;
	int64_t next = 0;
	bool more;
	int wrong = 0;

	bwi_rule_days_set(&days, r, first);
	bwi_rule_walk_begin(&w, &days, first, interval, first);
	more = bwi_rule_walk_next(&w, first + DAYS, &next);
	for (int64_t day = first; day <= first + DAYS; day++) {
		bool in = more && next == day;

		if (in != is_in_rule(r, first, interval, day))
			wrong++;
		if (in)
			more = bwi_rule_walk_next(&w, first + DAYS, &next);
	}
	return wrong;
}

static void
test_from(void)
{
	const struct bwi_date_rule rule = {.months = 1 << 2, .days = 1 << 29};
	const int64_t first = bwi_calendar_days(1996, 2, 29);
	struct bwi_rule_days days;
	struct bwi_rule_walk w;
	int64_t day = 0;

	bwi_rule_days_set(&days, &rule, first);
	bwi_rule_walk_begin(&w, &days, first, 1, first + 1);
	ok(bwi_rule_walk_next(&w, INT32_MAX, &day) &&
		day == bwi_calendar_days(2000, 2, 29),
	    "the next one after a day");
	ok(!bwi_rule_walk_next(&w, bwi_calendar_days(2004, 2, 28), &day),
	    "none until a day");
	bwi_rule_walk_begin(
	    &w, &days, first, 100, bwi_calendar_days(1997, 1, 1));
	ok(bwi_rule_walk_next(&w, INT32_MAX, &day) &&
		day == bwi_calendar_days(2096, 2, 29),
	    "only in the years of the interval");
}

int
main(void)
{
	int rules = 0, wrong = 0;

	for (; rules < RULES; rules++) {
		struct bwi_date_rule r = any_rule();
		int64_t first = bwi_calendar_days(1970, 1, 1) + any(20000);

		if (compare(&r, first, 1 + any(3)) == 0)
			continue;
		if (wrong++ < 5)
			tap_diag("rule %d: months %x, days %x, last %x, %zu "
				 "weekdays, the first %d %d",
			    rules, (unsigned)r.months, (unsigned)r.days,
			    (unsigned)r.last_days, r.nweekdays, r.weekdays[0].n,
			    r.weekdays[0].day);
	}
	is_int(wrong, 0, "wrong ones of %d rules", rules);
	test_from();
	return tap_done();
}
