#include <bwcallback/tools/iso8601.h>

#include <string.h>
#include <time.h>

struct reader {
	const char *p;
	bool wrong;
};

/* Exactly n digits whose number is from min to max. */
static int
take_number(struct reader *r, int n, int min, int max)
{
	int v = 0;

	for (; n > 0 && *r->p >= '0' && *r->p <= '9'; n--)
		v = v * 10 + (*r->p++ - '0');
	if (n > 0 || v < min || v > max)
		r->wrong = true;
	return v;
}

static bool
take(struct reader *r, const char *any)
{
	bool is = *r->p != '\0' && strchr(any, *r->p) != NULL;

	r->p += is;
	return is;
}

static void
need(struct reader *r, const char *any)
{
	if (!take(r, any))
		r->wrong = true;
}

static int
days_of(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static void
take_date(struct reader *r, struct tm *tm)
{
	int year = take_number(r, 4, 1970, 9999), month, day;

	need(r, "-");
	month = take_number(r, 2, 1, 12);
	need(r, "-");
	day = take_number(r, 2, 1, 31);
	if (!r->wrong && day > days_of(year, month))
		r->wrong = true;
	*tm = (struct tm){
	    .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
}

/* Digits after the point, as milliseconds. */
static int
take_fraction(struct reader *r)
{
	int ms = 0, unit = 100;

	if (!take(r, ".,"))
		return 0;
	if (*r->p < '0' || *r->p > '9')
		r->wrong = true;
	for (; *r->p >= '0' && *r->p <= '9'; r->p++) {
		ms += unit * (*r->p - '0');
		unit /= 10;
	}
	return ms;
}

/* Minutes east of UTC. */
static int
take_offset(struct reader *r)
{
	bool west = *r->p == '-';
	int hours, minutes = 0;

	if (take(r, "Zz"))
		return 0;
	if (strcmp(r->p, " UTC") == 0) {
		r->p += 4;
		return 0;
	}
	if (!take(r, "+-"))
		return 0;
	hours = take_number(r, 2, 0, 18);
	if (take(r, ":") || *r->p != '\0')
		minutes = take_number(r, 2, 0, 59);
	return (hours * 60 + minutes) * (west ? -1 : 1);
}

/* Milliseconds that its offset puts it away from the time as written. */
static int64_t
take_time(struct reader *r, struct tm *tm)
{
	int64_t ms = 0;

	need(r, "Tt ");
	tm->tm_hour = take_number(r, 2, 0, 23);
	need(r, ":");
	tm->tm_min = take_number(r, 2, 0, 59);
	if (take(r, ":")) {
		tm->tm_sec = take_number(r, 2, 0, 60);
		ms = take_fraction(r);
	}
	return ms - (int64_t)take_offset(r) * 60000;
}

bool
bw_iso8601_parse(const char *s, int64_t *ms)
{
	struct reader r = {s, false};
	struct tm tm;
	int64_t away = 0;

	take_date(&r, &tm);
	if (!r.wrong && *r.p != '\0')
		away = take_time(&r, &tm);
	if (r.wrong || *r.p != '\0')
		return false;
	away += (int64_t)timegm(&tm) * 1000;
	if (away < 0)
		return false;
	*ms = away;
	return true;
}
