#include "time/hours.h"

#include "base/str.h"
#include "time/calendar.h"

#define MINUTES_A_DAY (24 * 60)

struct window {
	unsigned char days; /* bit 0 is Sunday */
	int begin;	    /* minutes after midnight */
	int end;
};

struct bwi_hours {
	size_t n;
	struct window windows[];
};

static const char weekdays[7][4] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

const char *
bwi_weekday_name(int day)
{
	return weekdays[day];
}

static void
skip_spaces(struct bw_str *s)
{
	while (s->n != 0 && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n')) {
		s->p++;
		s->n--;
	}
}

static bool
take_day(struct bw_str *s, int *day)
{
	if (s->n < 3)
		return false;
	for (int d = 0; d < 7; d++) {
		if ((s->p[0] | 0x20) == (weekdays[d][0] | 0x20) &&
		    (s->p[1] | 0x20) == weekdays[d][1] &&
		    (s->p[2] | 0x20) == weekdays[d][2]) {
			s->p += 3;
			s->n -= 3;
			*day = d;
			return true;
		}
	}
	return false;
}

static bool
take_days(struct bw_str *s, unsigned char *days)
{
	*days = 0;
	for (;;) {
		int from, to;

		skip_spaces(s);
		if (!take_day(s, &from))
			break;
		to = from;
		if (bwi_str_take(s, '-') && !take_day(s, &to))
			return false;
		for (int d = from;; d = (d + 1) % 7) {
			*days |= (unsigned char)(1U << d);
			if (d == to)
				break;
		}
	}
	if (*days == 0)
		*days = 0x7f;
	return true;
}

static bool
take_time_of_day(struct bw_str *s, int *minutes)
{
	const char *p = s->p;

	if (s->n < 5 || p[2] != ':')
		return false;
	for (int i = 0; i < 5; i++) {
		if (i != 2 && (p[i] < '0' || p[i] > '9'))
			return false;
	}
	if (p[3] > '5')
		return false;
	*minutes = ((p[0] - '0') * 10 + p[1] - '0') * 60 + (p[3] - '0') * 10 +
		   p[4] - '0';
	s->p += 5;
	s->n -= 5;
	return *minutes <= MINUTES_A_DAY;
}

static const char *
take_window(struct bw_str *s, struct window *w)
{
	if (!take_days(s, &w->days))
		return "write a day as Mon, Tue, Wed, Thu, Fri, Sat or Sun";
	if (!take_time_of_day(s, &w->begin))
		return "write each window as days and times, like "
		       "\"Mon-Fri 09:00-17:00\"";
	skip_spaces(s);
	if (!bwi_str_take(s, '-'))
		return "write the times as 09:00-17:00";
	skip_spaces(s);
	if (!take_time_of_day(s, &w->end))
		return "write the times as 09:00-17:00";
	if (w->begin == w->end || w->begin == MINUTES_A_DAY)
		return "empty window: write the whole day as 00:00-24:00";
	skip_spaces(s);
	return s->n == 0 || *s->p == ',' ? NULL
					 : "separate windows with commas";
}

enum bw_err
bwi_hours_compile(struct bwi_arena *arena, struct bw_str s,
    const struct bwi_hours **out, struct bw_error *e)
{
	size_t n = 1;
	struct bwi_hours *h;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == ',';
	h = bwi_arena_alloc(arena, sizeof(*h) + n * sizeof(h->windows[0]));
	if (h == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "hours: out of memory");
	h->n = n;
	for (size_t i = 0; i < n; i++) {
		const char *why = take_window(&s, &h->windows[i]);

		if (why != NULL) {
			return bw_error_set(
			    e, BW_ERR_SYNTAX, 0, "hours: %s", why);
		}
		(void)bwi_str_take(&s, ',');
	}
	*out = h;
	return BW_OK;
}

static bool
in_window(const struct window *w, int day, int minute)
{
	bool today = (w->days >> day & 1) != 0;
	bool yesterday = (w->days >> (day + 6) % 7 & 1) != 0;

	if (w->begin < w->end)
		return today && minute >= w->begin && minute < w->end;
	return (today && minute >= w->begin) || (yesterday && minute < w->end);
}

static bool
in_any_window(const struct bwi_hours *h, int day, int minute)
{
	for (size_t i = 0; i < h->n; i++) {
		if (in_window(&h->windows[i], day, minute))
			return true;
	}
	return false;
}

bool
bwi_hours_match(
    const struct bwi_hours *h, const struct bwi_tzfile *zone, int64_t time)
{
	int64_t local = time + bwi_tzfile_offset(zone, time);
	int64_t day = bwi_calendar_day(local);

	return in_any_window(
	    h, bwi_calendar_weekday(day), (int)((local - day * 86400) / 60));
}

bool
bwi_hours_in_week(const struct bwi_hours *h, int minute)
{
	return in_any_window(
	    h, minute / MINUTES_A_DAY % 7, minute % MINUTES_A_DAY);
}

bool
bwi_hours_always(const struct bwi_hours *h)
{
	int i = 0;

	while (i < BWI_WEEK_MINUTES && bwi_hours_in_week(h, i))
		i++;
	return i == BWI_WEEK_MINUTES;
}

bool
bwi_hours_includes(const struct bwi_hours *outer, const struct bwi_hours *inner)
{
	for (int i = 0; i < BWI_WEEK_MINUTES; i++) {
		if (bwi_hours_in_week(inner, i) && !bwi_hours_in_week(outer, i))
			return false;
	}
	return true;
}

int
bwi_hours_lost_minute(const struct bwi_hours *h)
{
	bool before = bwi_hours_in_week(h, BWI_WEEK_MINUTES - 1);

	for (int i = 0; i < BWI_WEEK_MINUTES; i++) {
		bool now = bwi_hours_in_week(h, i);

		if (before && !now && bwi_hours_in_week(h, i + 1))
			return i;
		before = now;
	}
	return -1;
}
