/* The days of a yearly rule, as bits for each kind of year. */
#include "data/dates_rule.h"

#include <string.h>

#include "time/calendar.h"

#define WORD 64

/* A part of a year. */
struct span {
	int at, n;
};

/* A kind of year. */
struct kind {
	int weekday; /* of 1 January */
	struct span all, months[13];
};

static void
set(uint64_t *bits, int at)
{
	bits[at / WORD] |= UINT64_C(1) << (at % WORD);
}

static bool
is_set(const uint64_t *bits, int at)
{
	return (bits[at / WORD] >> (at % WORD) & 1) != 0;
}

static struct kind
kind_of(bool leap, int weekday)
{
	static const int lengths[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct kind k = {.weekday = weekday, .all = {0, 0}};

	for (int m = 1; m <= 12; m++) {
		k.months[m].at = k.all.n;
		k.months[m].n = lengths[m - 1] + (m == 2 && leap);
		k.all.n += k.months[m].n;
	}
	return k;
}

/* Set the days of a span that one value of BYDAY selects. */
static void
set_weekday(
    uint64_t *bits, const struct kind *k, struct span s, struct bwi_weekday w)
{
	int first = (w.day - (k->weekday + s.at) % 7 + 7) % 7;
	int number = (s.n - first + 6) / 7;
	int nth = w.n > 0 ? w.n - 1 : number + w.n;

	if (w.n != 0) {
		if (nth >= 0 && nth < number)
			set(bits, s.at + first + 7 * nth);
		return;
	}
	for (int i = first; i < s.n; i += 7)
		set(bits, s.at + i);
}

static void
set_weekdays(
    uint64_t *bits, const struct kind *k, const struct bwi_date_rule *r)
{
	if (r->nweekdays == 0)
		memset(bits, 0xff, sizeof(uint64_t) * BWI_YEAR_WORDS);
	for (size_t i = 0; i < r->nweekdays; i++) {
		if (r->months == 0)
			set_weekday(bits, k, k->all, r->weekdays[i]);
		for (int m = 1; r->months >> m != 0; m++)
			set_weekday(bits, k, k->months[m], r->weekdays[i]);
	}
}

/* Does the rule have the day of a month? day: from 1. */
static bool
has_day(const struct bwi_date_rule *r, struct span month, int day, int first)
{
	if (r->days != 0 || r->last_days != 0)
		return (r->days >> day & 1) != 0 ||
		       (r->last_days >> (month.n - day + 1) & 1) != 0;
	return r->nweekdays != 0 || day == first;
}

static void
set_kind(uint64_t *bits, const struct kind *k, const struct bwi_date_rule *r,
    uint32_t months, int first)
{
	uint64_t weekdays[BWI_YEAR_WORDS] = {0};

	set_weekdays(weekdays, k, r);
	for (int m = 1; m <= 12; m++) {
		struct span s = k->months[m];

		for (int day = 1; (months >> m & 1) != 0 && day <= s.n; day++) {
			if (has_day(r, s, day, first) &&
			    is_set(weekdays, s.at + day - 1))
				set(bits, s.at + day - 1);
		}
	}
}

void
bwi_rule_days_set(
    struct bwi_rule_days *d, const struct bwi_date_rule *r, int64_t first)
{
	int64_t year = bwi_calendar_year(first);
	uint32_t months = r->months;
	int month = 12;

	while (bwi_calendar_days(year, month, 1) > first)
		month--;
	if (months == 0 && r->days == 0 && r->last_days == 0 &&
	    r->nweekdays == 0)
		months = UINT32_C(1) << month;
	*d = (struct bwi_rule_days){.bits = {{0}}};
	for (int i = 0; i < BWI_YEAR_KINDS; i++) {
		const struct kind k = kind_of(i >= 7, i % 7);

		set_kind(d->bits[i], &k, r, months != 0 ? months : UINT32_MAX,
		    (int)(first - bwi_calendar_days(year, month, 1)) + 1);
	}
}

void
bwi_rule_walk_begin(struct bwi_rule_walk *w, const struct bwi_rule_days *days,
    int64_t first, int64_t interval, int64_t from)
{
	*w = (struct bwi_rule_walk){
	    .days = days,
	    .first_year = bwi_calendar_year(first),
	    .interval = interval,
	    .year = bwi_calendar_year(from),
	};
	w->new_year = bwi_calendar_days(w->year, 1, 1);
	w->at = (int)(from - w->new_year);
}

/* The first set bit, from one on; -1: there is none. */
static int
find_bit(const uint64_t *bits, int at)
{
	for (int i = at / WORD; i < BWI_YEAR_WORDS; i++, at = i * WORD) {
		uint64_t word = bits[i] >> (at % WORD);

		for (; word != 0; word >>= 1, at++) {
			if ((word & 1) != 0)
				return at;
		}
	}
	return -1;
}

bool
bwi_rule_walk_next(struct bwi_rule_walk *w, int64_t last, int64_t *day)
{
	while (w->new_year <= last) {
		int64_t next = bwi_calendar_days(w->year + 1, 1, 1);
		int64_t skip = (w->year - w->first_year) % w->interval;
		int kind = (next - w->new_year == 366 ? 7 : 0) +
			   bwi_calendar_weekday(w->new_year);
		int at = skip == 0 ? find_bit(w->days->bits[kind], w->at) : -1;

		if (at >= 0) {
			w->at = at + 1;
			*day = w->new_year + at;
			return *day <= last;
		}
		w->year += skip <= 0 ? 1 : w->interval - skip;
		w->new_year = bwi_calendar_days(w->year, 1, 1);
		w->at = 0;
	}
	return false;
}
