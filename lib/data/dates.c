/* Opening a calendar's file, and the list of dates. */
#include "data/dates.h"

#include <bwcallback/limits.h>
#include <bwcallback/tools/dates.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "data/dates_event.h"
#include "os/file.h"
#include "time/calendar.h"

static bool
take_digits(struct bw_str *s, size_t n, int *v)
{
	*v = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*v = *v * 10 + s->p[i] - '0';
	}
	s->p += n;
	s->n -= n;
	return true;
}

bool
bwi_date_take(struct bw_str *s, bool dashes, int64_t *day)
{
	int year, month, of_month;
	int64_t first;

	if (!take_digits(s, 4, &year) || (dashes && !bwi_str_take(s, '-')) ||
	    !take_digits(s, 2, &month) || (dashes && !bwi_str_take(s, '-')) ||
	    !take_digits(s, 2, &of_month) || year < 1970 || month < 1 ||
	    month > 12 || of_month < 1)
		return false;
	first = bwi_calendar_days(year, month, 1);
	*day = first + of_month - 1;
	return *day < bwi_calendar_days(year + month / 12, month % 12 + 1, 1);
}

bool
bwi_dates_add(struct bwi_dates *c, const struct bwi_date_event *e)
{
	struct bwi_date_event *more =
	    bwi_grow(c->events, c->nevents, &c->events_cap, sizeof(*more));

	if (more == NULL)
		return false;
	c->events = more;
	more[c->nevents++] = *e;
	return true;
}

static bool
take_spaces(struct bw_str *s)
{
	size_t n = s->n;

	while (s->n != 0 && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r')) {
		s->p++;
		s->n--;
	}
	return s->n != n;
}

/* ".." or "/" between the two dates of a range. */
static bool
take_range(struct bw_str *s)
{
	struct bw_str rest = *s;

	(void)take_spaces(&rest);
	if (rest.n > 2 && rest.p[0] == '.' && rest.p[1] == '.') {
		rest.p += 2;
		rest.n -= 2;
	} else if (!bwi_str_take(&rest, '/')) {
		return false;
	}
	(void)take_spaces(&rest);
	*s = rest;
	return true;
}

/* A name with a date in it is probably a range in another form. */
static bool
has_date(struct bw_str s)
{
	for (; s.n != 0; s.p++, s.n--) {
		struct bw_str rest = s;
		int64_t day;

		if (bwi_date_take(&rest, true, &day))
			return true;
	}
	return false;
}

/* A line of the list; NULL, or what is wrong. */
static const char *
read_line(struct bwi_date_event *e, struct bw_str s)
{
	int64_t first, last;

	if (!bwi_date_take(&s, true, &first))
		return "write a date that exists as 2026-12-25, then a name, "
		       "or a range as 2026-12-28..2026-12-31";
	last = first;
	if (take_range(&s)) {
		if (!bwi_date_take(&s, true, &last))
			return "the range needs a last date: "
			       "2026-12-28..2026-12-31";
	}
	if (last < first)
		return "the range ends before it begins";
	if (last - first >= BWI_DATES_MAX_DAYS)
		return "the range is longer than a year";
	if (s.n != 0 && !take_spaces(&s) && *s.p != ',' && *s.p != ';')
		return "write a space between the date and the name";
	if (has_date(s))
		return "a second date: write a range as "
		       "2026-12-28..2026-12-31, and other dates in lines of "
		       "their own";
	*e = (struct bwi_date_event){
	    .start = first * BWI_DAY,
	    .length = (last - first + 1) * BWI_DAY,
	    .whole = true,
	};
	return NULL;
}

static enum bw_err
read_list(struct bwi_dates *c, const char *file, struct bw_str text,
    struct bw_error *error)
{
	for (int line = 1; text.n != 0; line++) {
		const char *end = memchr(text.p, '\n', text.n);
		struct bw_str s = {
		    text.p, end != NULL ? (size_t)(end - text.p) : text.n};
		struct bwi_date_event e;
		const char *why;

		text.p += s.n + (end != NULL);
		text.n -= s.n + (end != NULL);
		(void)take_spaces(&s);
		if (s.n == 0 || *s.p == '#')
			continue;
		why = read_line(&e, s);
		if (why != NULL)
			return bw_error_set(error, BW_ERR_SYNTAX, 0,
			    "%s:%d: %s", file, line, why);
		if (c->nevents == BWI_DATES_MAX_EVENTS)
			return bw_error_set(error, BW_ERR_LIMIT, 0,
			    "%s:%d: more than %d dates", file, line,
			    BWI_DATES_MAX_EVENTS);
		if (!bwi_dates_add(c, &e))
			return bw_error_set(
			    error, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	return BW_OK;
}

static bool
is_ics(struct bw_str s)
{
	static const char begin[] = "BEGIN:";

	(void)take_spaces(&s);
	return s.n > 6 && memcmp(s.p, begin, 6) == 0;
}

enum bw_err
bwi_dates_parse(struct bwi_dates **out, const char *file, struct bw_str text,
    const char *zone_dir, struct bw_error *e)
{
	struct bwi_dates *c = bwi_calloc(1, sizeof(*c));
	enum bw_err err;

	if (c == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	if (bwi_utf8_valid(text.p, text.n) != text.n)
		err =
		    bw_error_set(e, BW_ERR_ENCODING, 0, "%s: not UTF-8", file);
	else if (is_ics(text))
		err = bwi_dates_read_ics(c, file, text, zone_dir, e);
	else
		err = read_list(c, file, text, e);
	if (err != BW_OK) {
		bwi_dates_free(c);
		return err;
	}
	*out = c;
	return BW_OK;
}

enum bw_err
bwi_dates_open(struct bwi_dates **out, const char *file, const char *zone_dir,
    struct bw_error *e)
{
	char *text = NULL;
	size_t n = 0;
	enum bw_err err = bwi_file_read(file, BW_MAX_CALENDAR, &text, &n, e);

	if (err != BW_OK)
		return err;
	err = bwi_dates_parse(out, file, (struct bw_str){text, n}, zone_dir, e);
	bwi_free(text);
	return err;
}

void
bwi_dates_free(struct bwi_dates *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nzones; i++)
		bwi_tzfile_free(c->zones[i].zone);
	bwi_free(c->zones);
	bwi_free(c->rules);
	bwi_free(c->except);
	bwi_free(c->events);
	bwi_free(c);
}

enum bw_err
bw_dates_changes(const char *file, int64_t from, int64_t *days, size_t max,
    size_t *n, struct bw_error *e)
{
	struct bwi_dates *c;
	bool before = false;
	enum bw_err err = bwi_dates_open(&c, file, BWI_ZONE_DIR, e);

	*n = 0;
	if (err != BW_OK)
		return err;
	for (int64_t day = from; day < from + 366 && *n < max; day++) {
		bool now = bwi_dates_on(c, day);

		if (now != before)
			days[(*n)++] = day;
		before = now;
	}
	bwi_dates_free(c);
	return BW_OK;
}
