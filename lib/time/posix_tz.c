#include "time/posix_tz.h"

#include "base/str.h"
#include "time/calendar.h"

/* Each take_ function parses one item and removes it from the front. */

static bool
take_number(struct bw_str *s, int most, int *v)
{
	size_t i = 0;
	int n = 0;

	while (i < s->n && i < 4 && s->p[i] >= '0' && s->p[i] <= '9')
		n = n * 10 + (s->p[i++] - '0');
	if (i == 0 || n > most)
		return false;
	s->p += i;
	s->n -= i;
	*v = n;
	return true;
}

/* An abbreviation: three letters or more, or anything in angle brackets. */
static bool
take_name(struct bw_str *s)
{
	size_t i = 0;

	if (bwi_str_take(s, '<')) {
		const char *end = memchr(s->p, '>', s->n);

		if (end == NULL)
			return false;
		i = (size_t)(end - s->p) + 1;
	} else {
		while (i < s->n && ((s->p[i] >= 'A' && s->p[i] <= 'Z') ||
				       (s->p[i] >= 'a' && s->p[i] <= 'z')))
			i++;
		if (i < 3)
			return false;
	}
	s->p += i;
	s->n -= i;
	return true;
}

/* [+-]hours[:minutes[:seconds]] */
static bool
take_time(struct bw_str *s, int hours, int32_t *seconds)
{
	bool negative = bwi_str_take(s, '-');
	int h, m = 0, sec = 0;

	if (!negative)
		(void)bwi_str_take(s, '+');
	if (!take_number(s, hours, &h))
		return false;
	if (bwi_str_take(s, ':')) {
		if (!take_number(s, 59, &m))
			return false;
		if (bwi_str_take(s, ':') && !take_number(s, 59, &sec))
			return false;
	}
	*seconds = h * 3600 + m * 60 + sec;
	if (negative)
		*seconds = -*seconds;
	return true;
}

static bool
take_change(struct bw_str *s, struct bwi_posix_tz_change *c)
{
	if (!bwi_str_take(s, ','))
		return false;
	if (bwi_str_take(s, 'M')) {
		c->kind = BWI_POSIX_TZ_MONTH;
		if (!take_number(s, 12, &c->month) || c->month < 1 ||
		    !bwi_str_take(s, '.') || !take_number(s, 5, &c->week) ||
		    c->week < 1 || !bwi_str_take(s, '.') ||
		    !take_number(s, 6, &c->day))
			return false;
	} else if (bwi_str_take(s, 'J')) {
		c->kind = BWI_POSIX_TZ_JULIAN;
		if (!take_number(s, 365, &c->day) || c->day < 1)
			return false;
	} else {
		c->kind = BWI_POSIX_TZ_DAY;
		if (!take_number(s, 365, &c->day))
			return false;
	}
	c->time = 2 * 3600;
	return !bwi_str_take(s, '/') || take_time(s, 167, &c->time);
}

bool
bwi_posix_tz_parse(struct bwi_posix_tz *tz, struct bw_str s)
{
	int32_t west;

	*tz = (struct bwi_posix_tz){0};
	if (!take_name(&s) || !take_time(&s, 24, &west))
		return false;
	tz->standard = -west; /* POSIX counts west of Greenwich */
	if (s.n == 0)
		return true;
	if (!take_name(&s))
		return false;
	tz->has_summer = true;
	tz->summer = tz->standard + 3600;
	if (s.n != 0 && *s.p != ',') {
		if (!take_time(&s, 24, &west))
			return false;
		tz->summer = -west;
	}
	return take_change(&s, &tz->begin) && take_change(&s, &tz->end) &&
	       s.n == 0;
}

/* The day of a change in a year, in days since 1970. */
static int64_t
change_day(const struct bwi_posix_tz_change *c, int64_t year)
{
	int64_t first = bwi_calendar_days(year, 1, 1);
	int64_t day;

	if (c->kind == BWI_POSIX_TZ_DAY)
		return first + c->day;
	if (c->kind == BWI_POSIX_TZ_JULIAN) {
		bool leap = bwi_calendar_days(year + 1, 1, 1) - first == 366;

		return first + c->day - 1 + (leap && c->day >= 60);
	}
	first = bwi_calendar_days(year, c->month, 1);
	day = first + (c->day - bwi_calendar_weekday(first) + 7) % 7 +
	      7 * (c->week - 1);
	while (day >=
	       bwi_calendar_days(year + c->month / 12, c->month % 12 + 1, 1))
		day -= 7; /* week 5 means the last one of the month */
	return day;
}

int32_t
bwi_posix_tz_offset(const struct bwi_posix_tz *tz, int64_t time)
{
	int64_t year, begin, end;

	if (!tz->has_summer)
		return tz->standard;
	year = bwi_calendar_year(bwi_calendar_day(time + tz->standard));
	/* A change's time is in the local time in force before it. */
	begin = change_day(&tz->begin, year) * 86400 + tz->begin.time -
		tz->standard;
	end = change_day(&tz->end, year) * 86400 + tz->end.time - tz->summer;
	if (begin < end)
		return time >= begin && time < end ? tz->summer : tz->standard;
	return time >= end && time < begin ? tz->standard : tz->summer;
}
