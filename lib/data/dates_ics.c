/*
 * Reads the VEVENTs of iCalendar (RFC 5545). An unsupported property is an
 * error if it would change when an event occurs, else it is ignored.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "base/str.h"
#include "data/dates_event.h"
#include "data/ics.h"
#include "time/calendar.h"

#define MAX_COUNT 1000

struct ics {
	struct bwi_dates *dates;
	const char *file;
	const char *zone_dir;
	struct bw_error *error;
	/* The event being read. */
	bool in_event;
	int begun, nested; /* line of BEGIN:VEVENT; depth of other components */
	struct bwi_date_event event;
	struct bwi_date_rule rule;
	bool has_start, has_end, cancelled;
	int64_t end, count;
};

static enum bw_err
fail(const struct ics *, int line, const char *fmt, ...) BW_PRINTF(3, 4);

static enum bw_err
fail(const struct ics *p, int line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return bw_error_set(
	    p->error, BW_ERR_SYNTAX, 0, "%s:%d: %s", p->file, line, text);
}

static enum bw_err
no_memory(const struct ics *p)
{
	return bw_error_set(
	    p->error, BW_ERR_NOMEM, 0, "%s: out of memory", p->file);
}

static enum bw_err
too_many(const struct ics *p, int line, int most, const char *what)
{
	return bw_error_set(p->error, BW_ERR_LIMIT, 0, "%s:%d: more than %d %s",
	    p->file, line, most, what);
}

/*
 * A zone named in the file, opened once. BW_ERR_NOFILE: there is none.
 * BW_ERR_LIMIT: too many.
 */
static enum bw_err
find_zone(struct ics *p, struct bw_str name, const struct bwi_tzfile **out)
{
	struct bwi_dates *c = p->dates;
	struct bwi_dates_zone *more;
	struct bwi_tzfile *zone = NULL;
	enum bw_err err;

	if (name.n != 0 && *name.p == '/') {
		name.p++;
		name.n--;
	}
	for (size_t i = 0; i < c->nzones; i++) {
		*out = c->zones[i].zone;
		if (bw_str_is(name, c->zones[i].name))
			return BW_OK;
	}
	if (c->nzones == BWI_DATES_MAX_ZONES)
		return BW_ERR_LIMIT;
	more = bwi_grow(c->zones, c->nzones, &c->zones_cap, sizeof(*more));
	if (more == NULL)
		return BW_ERR_NOMEM;
	c->zones = more;
	if (name.n >= sizeof(more->name))
		return BW_ERR_NOFILE;
	err = bwi_tzfile_open(&zone, p->zone_dir, name, NULL);
	if (err != BW_OK)
		return err;
	more[c->nzones] = (struct bwi_dates_zone){.zone = zone};
	memcpy(more[c->nzones++].name, name.p, name.n);
	*out = zone;
	return BW_OK;
}

/* A date or a date with a time. */
struct moment {
	int64_t local;
	bool whole, utc;
};

static bool
take_moment(struct bw_str s, struct moment *m)
{
	int64_t day, hour, minute, second;

	if (!bwi_date_take(&s, false, &day))
		return false;
	*m = (struct moment){.local = day * BWI_DAY, .whole = s.n == 0};
	if (m->whole)
		return true;
	if (!bwi_str_take(&s, 'T') || s.n < 6 ||
	    !bwi_decimal_parse((struct bw_str){s.p, 2}, 23, &hour) ||
	    !bwi_decimal_parse((struct bw_str){s.p + 2, 2}, 59, &minute) ||
	    !bwi_decimal_parse((struct bw_str){s.p + 4, 2}, 60, &second))
		return false;
	m->local += (hour * 60 + minute) * 60 + second;
	m->utc = s.n == 7 && s.p[6] == 'Z';
	return s.n == 6 || m->utc;
}

/* Read a value with its zone; *zone is NULL for one without. */
static enum bw_err
read_moment(struct ics *p, const struct bwi_ics_line *l, struct bw_str value,
    struct moment *m, const struct bwi_tzfile **zone)
{
	struct bw_str tzid = bwi_ics_parameter(l->parameters, "TZID");
	enum bw_err err;

	*zone = NULL;
	if (!take_moment(value, m))
		return fail(p, l->number,
		    "%.*s: write a date that exists as 20261225, or a time as "
		    "20261224T120000",
		    (int)l->name.n, l->name.p);
	if (m->utc)
		tzid = BW_STR("UTC");
	if (m->whole || tzid.p == NULL)
		return BW_OK;
	err = find_zone(p, tzid, zone);
	if (err == BW_ERR_NOMEM)
		return no_memory(p);
	if (err == BW_ERR_LIMIT)
		return too_many(
		    p, l->number, BWI_DATES_MAX_ZONES, "time zones");
	if (err != BW_OK)
		return fail(p, l->number,
		    "TZID=%.*s: no such time zone; write a name like "
		    "America/New_York",
		    (int)(tzid.n < 60 ? tzid.n : 60), tzid.p);
	return BW_OK;
}

/* Convert to the local time of the event. */
static int64_t
local_to_event(
    const struct ics *p, const struct moment *m, const struct bwi_tzfile *zone)
{
	const struct bwi_tzfile *own = p->event.zone;
	int64_t utc = m->local;

	if (zone == NULL || own == NULL || zone == own)
		return m->local;
	utc -= bwi_tzfile_offset(zone, utc);
	utc = m->local - bwi_tzfile_offset(zone, utc);
	return utc + bwi_tzfile_offset(own, utc);
}

static enum bw_err
read_start(struct ics *p, const struct bwi_ics_line *l)
{
	struct moment m;
	enum bw_err err = read_moment(p, l, l->value, &m, &p->event.zone);

	if (err != BW_OK)
		return err;
	p->event.start = m.local;
	p->event.whole = m.whole;
	p->has_start = true;
	return BW_OK;
}

static enum bw_err
read_end(struct ics *p, const struct bwi_ics_line *l)
{
	const struct bwi_tzfile *zone;
	struct moment m;
	enum bw_err err = read_moment(p, l, l->value, &m, &zone);

	if (err != BW_OK)
		return err;
	if (!p->has_start || m.whole != p->event.whole)
		return fail(p, l->number,
		    "DTEND: write it after DTSTART and like that, as a date or "
		    "as a time");
	p->end = local_to_event(p, &m, zone);
	p->has_end = true;
	return BW_OK;
}

/* P1D, P2W, PT4H30M */
static enum bw_err
read_duration(struct ics *p, const struct bwi_ics_line *l)
{
	struct bw_str s = l->value;
	int64_t length = 0, n, unit;
	bool time = false, good = bwi_str_take(&s, 'P') && s.n != 0;

	while (good && s.n != 0) {
		size_t digits = 0;

		if (bwi_str_take(&s, 'T'))
			time = true;
		while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
			digits++;
		good =
		    digits < s.n &&
		    bwi_decimal_parse((struct bw_str){s.p, digits}, 100000, &n);
		if (!good)
			break;
		unit = s.p[digits] == 'W'	    ? 7 * BWI_DAY
		       : s.p[digits] == 'D'	    ? BWI_DAY
		       : time && s.p[digits] == 'H' ? 3600
		       : time && s.p[digits] == 'M' ? 60
		       : time && s.p[digits] == 'S' ? 1
						    : 0;
		good = unit != 0;
		length += n * unit;
		s.p += digits + 1;
		s.n -= digits + 1;
	}
	if (!good || !p->has_start)
		return fail(p, l->number,
		    "DURATION: write it after DTSTART, as P2D or PT4H");
	p->end = p->event.start + length;
	p->has_end = true;
	return BW_OK;
}

static enum bw_err
read_exceptions(struct ics *p, const struct bwi_ics_line *l)
{
	struct bwi_dates *c = p->dates;
	struct bw_str rest = l->value;

	if (!p->has_start)
		return fail(p, l->number, "EXDATE: write it after DTSTART");
	while (rest.n != 0) {
		const struct bwi_tzfile *zone;
		struct moment m;
		int64_t *more;
		enum bw_err err =
		    read_moment(p, l, bwi_ics_cut(&rest, ','), &m, &zone);

		if (err != BW_OK)
			return err;
		if (c->nexcept == BWI_DATES_MAX_EXCEPT)
			return too_many(
			    p, l->number, BWI_DATES_MAX_EXCEPT, "exceptions");
		more = bwi_grow(
		    c->except, c->nexcept, &c->except_cap, sizeof(*more));
		if (more == NULL)
			return no_memory(p);
		c->except = more;
		if (m.whole)
			m.local += p->event.start -
				   bwi_calendar_day(p->event.start) * BWI_DAY;
		more[c->nexcept++] = local_to_event(p, &m, zone);
		p->event.nexcept++;
	}
	return BW_OK;
}

static bool
read_numbers(
    struct bw_str list, int64_t most, uint32_t *bits, uint32_t *from_end)
{
	while (list.n != 0) {
		struct bw_str one = bwi_ics_cut(&list, ',');
		bool minus = bwi_str_take(&one, '-');
		int64_t n;

		if (!bwi_decimal_parse(one, most, &n) || n == 0 ||
		    (minus && from_end == NULL))
			return false;
		*(minus ? from_end : bits) |= UINT32_C(1) << n;
	}
	return true;
}

/* "MO", "3MO", "-1FR" */
static bool
read_weekdays(struct bwi_date_rule *e, struct bw_str list)
{
	static const char names[7][3] = {
	    "SU", "MO", "TU", "WE", "TH", "FR", "SA"};

	while (list.n != 0) {
		struct bw_str one = bwi_ics_cut(&list, ',');
		bool minus = bwi_str_take(&one, '-');
		int64_t n = 0;
		int day = 0;

		if (one.n < 2 || e->nweekdays == BWI_DATES_MAX_WEEKDAYS)
			return false;
		if (one.n > 2 &&
		    (!bwi_decimal_parse(
			 (struct bw_str){one.p, one.n - 2}, 53, &n) ||
			n == 0))
			return false;
		one.p += one.n - 2;
		one.n = 2;
		while (day < 7 && !bwi_ics_is(one, names[day]))
			day++;
		if (day == 7 || (minus && n == 0))
			return false;
		e->weekdays[e->nweekdays++] =
		    (struct bwi_weekday){(int)(minus ? -n : n), day};
	}
	return true;
}

static bool
read_until(struct ics *p, struct bw_str value)
{
	struct moment m;
	int64_t utc;

	if (!take_moment(value, &m))
		return false;
	if (m.whole)
		m.local += BWI_DAY - 1;
	utc = m.local;
	if (m.utc && p->event.zone != NULL)
		m.local = utc + bwi_tzfile_offset(p->event.zone, utc);
	if (m.utc && p->event.whole)
		m.local = bwi_calendar_day(utc) * BWI_DAY + BWI_DAY - 1;
	p->event.until = m.local;
	return true;
}

/* One part of a rule. False: wrong, or not supported. */
static bool
read_part(struct ics *p, struct bw_str name, struct bw_str value)
{
	struct bwi_date_event *e = &p->event;
	struct bwi_date_rule *r = &p->rule;

	if (bwi_ics_is(name, "FREQ"))
		return bwi_ics_is(value, "YEARLY");
	if (bwi_ics_is(name, "INTERVAL"))
		return bwi_decimal_parse(value, 100, &e->interval) &&
		       e->interval > 0;
	if (bwi_ics_is(name, "COUNT"))
		return bwi_decimal_parse(value, MAX_COUNT, &p->count) &&
		       p->count > 0;
	if (bwi_ics_is(name, "UNTIL"))
		return read_until(p, value);
	if (bwi_ics_is(name, "BYMONTH"))
		return read_numbers(value, 12, &r->months, NULL);
	if (bwi_ics_is(name, "BYMONTHDAY"))
		return read_numbers(value, 31, &r->days, &r->last_days);
	if (bwi_ics_is(name, "BYDAY"))
		return read_weekdays(r, value);
	return bwi_ics_is(
	    name, "WKST"); /* without BYWEEKNO it changes nothing */
}

static enum bw_err
read_rule(struct ics *p, const struct bwi_ics_line *l)
{
	struct bw_str rest = l->value;
	bool frequency = false;

	if (!p->has_start || p->event.yearly)
		return fail(
		    p, l->number, "RRULE: write one, and after DTSTART");
	p->event.yearly = true;
	p->event.interval = 1;
	p->event.until = INT64_MAX;
	while (rest.n != 0) {
		struct bw_str value = bwi_ics_cut(&rest, ';');
		struct bw_str name = bwi_ics_cut(&value, '=');

		frequency = frequency || bwi_ics_is(name, "FREQ");
		if (read_part(p, name, value))
			continue;
		return fail(p, l->number,
		    "RRULE: %.*s=%.*s: not supported; a rule may have "
		    "FREQ=YEARLY, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, COUNT "
		    "and UNTIL",
		    (int)(name.n < 40 ? name.n : 40), name.p,
		    (int)(value.n < 40 ? value.n : 40), value.p);
	}
	return frequency ? BW_OK : fail(p, l->number, "RRULE: FREQ is missing");
}

static enum bw_err
read_property(struct ics *p, const struct bwi_ics_line *l)
{
	static const char *const unsupported[] = {
	    "RDATE", "EXRULE", "RECURRENCE-ID"};

	if (bwi_ics_is(l->name, "DTSTART"))
		return read_start(p, l);
	if (bwi_ics_is(l->name, "DTEND"))
		return read_end(p, l);
	if (bwi_ics_is(l->name, "DURATION"))
		return read_duration(p, l);
	if (bwi_ics_is(l->name, "RRULE"))
		return read_rule(p, l);
	if (bwi_ics_is(l->name, "EXDATE"))
		return read_exceptions(p, l);
	if (bwi_ics_is(l->name, "STATUS"))
		p->cancelled = bwi_ics_is(l->value, "CANCELLED");
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]);
	     i++) {
		if (bwi_ics_is(l->name, unsupported[i]))
			return fail(p, l->number,
			    "%s: not supported: write an event of its own",
			    unsupported[i]);
	}
	return BW_OK;
}

static int
compare_starts(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
add_rule(struct ics *p)
{
	struct bwi_dates *c = p->dates;
	struct bwi_rule_days *more =
	    bwi_grow(c->rules, c->nrules, &c->rules_cap, sizeof(*more));

	if (more == NULL)
		return false;
	c->rules = more;
	bwi_rule_days_set(
	    &more[c->nrules], &p->rule, bwi_calendar_day(p->event.start));
	p->event.rule = c->nrules++;
	if (p->count > 0)
		bwi_date_event_limit(c, &p->event, p->count);
	return true;
}

static enum bw_err
finish_event(struct ics *p)
{
	struct bwi_date_event *e = &p->event;

	p->in_event = false;
	if (p->cancelled)
		return BW_OK;
	if (!p->has_start)
		return fail(p, p->begun, "VEVENT: DTSTART is missing");
	e->length = p->has_end ? p->end - e->start : e->whole ? BWI_DAY : 0;
	if (e->length <= 0)
		return fail(p, p->begun,
		    "VEVENT: it ends when it begins, or before: DTEND is the "
		    "first day or moment after it");
	if (e->length > BWI_DATES_MAX_DAYS * BWI_DAY)
		return fail(p, p->begun, "VEVENT: longer than a year");
	if (p->dates->nevents == BWI_DATES_MAX_EVENTS)
		return too_many(p, p->begun, BWI_DATES_MAX_EVENTS, "events");
	if (p->event.nexcept > 1)
		qsort(p->dates->except + e->first_except, e->nexcept,
		    sizeof(*p->dates->except), compare_starts);
	if (e->yearly && !add_rule(p))
		return no_memory(p);
	return bwi_dates_add(p->dates, e) ? BW_OK : no_memory(p);
}

static enum bw_err
begin_component(struct ics *p, const struct bwi_ics_line *l)
{
	if (p->in_event || p->nested > 0 || bwi_ics_is(l->value, "VTIMEZONE")) {
		p->nested++;
		return BW_OK;
	}
	if (bwi_ics_is(l->value, "VCALENDAR"))
		return BW_OK;
	if (!bwi_ics_is(l->value, "VEVENT"))
		return fail(p, l->number,
		    "BEGIN:%.*s: not supported: only VEVENT is",
		    (int)(l->value.n < 40 ? l->value.n : 40), l->value.p);
	p->in_event = true;
	p->begun = l->number;
	p->has_start = p->has_end = p->cancelled = false;
	p->count = 0;
	p->event = (struct bwi_date_event){.first_except = p->dates->nexcept};
	p->rule = (struct bwi_date_rule){.months = 0};
	return BW_OK;
}

static enum bw_err
read_content(struct ics *p, const struct bwi_ics_line *l)
{
	if (bwi_ics_is(l->name, "BEGIN"))
		return begin_component(p, l);
	if (!bwi_ics_is(l->name, "END"))
		return p->in_event && p->nested == 0 ? read_property(p, l)
						     : BW_OK;
	if (p->nested > 0)
		p->nested--;
	else if (p->in_event)
		return finish_event(p);
	return BW_OK;
}

enum bw_err
bwi_dates_read_ics(struct bwi_dates *c, const char *file, struct bw_str text,
    const char *zone_dir, struct bw_error *e)
{
	struct ics p = {
	    .dates = c, .file = file, .zone_dir = zone_dir, .error = e};
	struct bwi_ics_reader reader;
	struct bwi_ics_line l;
	enum bw_err err;

	bwi_ics_begin(&reader, text);
	do {
		err = bwi_ics_next(&reader, &l);
		if (err == BW_ERR_NOMEM)
			err = no_memory(&p);
		else if (err != BW_OK)
			err = fail(&p, l.number, "write NAME:VALUE");
		else if (l.number != 0)
			err = read_content(&p, &l);
	} while (err == BW_OK && l.number != 0);
	if (err == BW_OK && p.in_event)
		err = fail(&p, p.begun, "VEVENT: END:VEVENT is missing");
	bwi_ics_end(&reader);
	return err;
}
