/* The dates of calendars: lists, iCalendar, and what is not supported. */
#include "data/dates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/alloc.h>
#include <bwcallback/buf.h>

#include "tests/tap/tap.h"
#include "time/calendar.h"

#define ZONES "/usr/share/zoneinfo"

#define ICS(event) \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n" event \
	"END:VEVENT\r\nEND:VCALENDAR\r\n"
#define DAY(date)   "DTSTART;VALUE=DATE:" date "\r\n"
#define YEARLY(how) "RRULE:FREQ=YEARLY" how "\r\n"

/* yes: dates that are in the calendar; no: dates that are not. */
static const struct {
	const char *what;
	const char *text;
	const char *yes;
	const char *no;
} rows[] = {
    {"a list",
	"# closed\n2026-12-25 Christmas\n\n2026-12-28..2026-12-30\tInventory\n"
	"2027-01-01\r\n2027-02-01/2027-02-02, two days",
	"2026-12-25 2026-12-28 2026-12-29 2026-12-30 2027-01-01 2027-02-01 "
	"2027-02-02",
	"2026-12-24 2026-12-26 2026-12-27 2026-12-31 2027-01-31 2027-02-03"},
    {"an empty list", "# none yet\n", "", "2026-12-25"},
    {"a day", ICS(DAY("20261225")), "2026-12-25", "2026-12-24 2026-12-26"},
    {"some days", ICS(DAY("20261224") "DTEND;VALUE=DATE:20261227\r\n"),
	"2026-12-24 2026-12-25 2026-12-26", "2026-12-23 2026-12-27"},
    {"a duration", ICS(DAY("20261224") "DURATION:P1W\r\n"),
	"2026-12-24 2026-12-30", "2026-12-23 2026-12-31"},
    {"folded lines, parts of other components, unknown properties",
	"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\n"
	"DTSTART:19700101T000000\nRRULE:FREQ=DAILY\nEND:STANDARD\n"
	"END:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY;X-A=\"a:b;c\":Some\n  day\n"
	"DTSTART;VALUE=DA\n TE:2026\n\t1225\nBEGIN:VALARM\nTRIGGER:-PT1H\n"
	"END:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
	"2026-12-25", "2026-12-24"},
    {"every year", ICS(DAY("20200704") YEARLY("")),
	"2020-07-04 2026-07-04 2050-07-04", "2019-07-04 2026-07-05"},
    {"only in leap years", ICS(DAY("20200229") YEARLY("")),
	"2020-02-29 2024-02-29", "2025-02-28 2025-03-01"},
    {"the fourth Thursday of a month",
	ICS(DAY("20201126") YEARLY(";BYMONTH=11;BYDAY=4TH")),
	"2026-11-26 2027-11-25", "2026-11-19 2026-12-24"},
    {"the last Monday of a month",
	ICS(DAY("20200525") YEARLY(";BYMONTH=5;BYDAY=-1MO")),
	"2026-05-25 2027-05-31", "2026-05-18 2027-05-24"},
    {"the twentieth Monday of a year",
	ICS(DAY("19970519") YEARLY(";BYDAY=20MO")),
	"1997-05-19 1998-05-18 1999-05-17", "1998-05-11"},
    {"every Friday the 13th",
	ICS(DAY("20260213") YEARLY(";BYMONTHDAY=13;BYDAY=FR")),
	"2026-02-13 2026-03-13 2026-11-13", "2026-04-13 2026-02-20"},
    {"days of months",
	ICS(DAY("20260131") YEARLY(";BYMONTH=1,2;BYMONTHDAY=31,-1")),
	"2026-01-31 2026-02-28 2028-02-29", "2026-03-31 2028-02-28"},
    {"every other year", ICS(DAY("20260101") YEARLY(";INTERVAL=2")),
	"2026-01-01 2028-01-01", "2027-01-01"},
    {"three times", ICS(DAY("20260101") YEARLY(";COUNT=3")),
	"2026-01-01 2027-01-01 2028-01-01", "2029-01-01"},
    {"until a day", ICS(DAY("20260101") YEARLY(";UNTIL=20270101")),
	"2026-01-01 2027-01-01", "2028-01-01"},
    {"except once",
	ICS(DAY("20260101") YEARLY("") "EXDATE;VALUE=DATE:20270101\r\n"),
	"2026-01-01 2028-01-01", "2027-01-01"},
    {"exceptions in any order, which count",
	ICS(DAY("20260101") YEARLY(";COUNT=5") "EXDATE;VALUE=DATE:20290101,"
					       "20270101\r\n"),
	"2026-01-01 2028-01-01 2030-01-01", "2027-01-01 2029-01-01 2031-01-01"},
    {"a first day that is not in the rule",
	ICS(DAY("20260105") YEARLY(";BYMONTHDAY=1;BYMONTH=3;COUNT=3")),
	"2026-01-05 2026-03-01 2027-03-01", "2026-01-01 2028-03-01"},
    {"some days each year",
	ICS(DAY("20261224") "DTEND;VALUE=DATE:20270102\r\n" YEARLY("")),
	"2027-01-01 2027-12-24 2028-01-01", "2027-01-02 2027-12-23"},
    {"cancelled", ICS(DAY("20261225") "STATUS:CANCELLED\r\n"), "",
	"2026-12-25"},
};

static const struct {
	const char *what;
	const char *text;
	const char *want;
} wrong[] = {
    {"a date in another form", "25.12.2026 Christmas\n",
	"f:1: write a date that exists as 2026-12-25, then a name, or a range "
	"as 2026-12-28..2026-12-31"},
    {"a day that does not exist", "\n2026-02-29\n",
	"f:2: write a date that exists as 2026-12-25, then a name, or a range "
	"as 2026-12-28..2026-12-31"},
    {"a range without its end", "2026-12-28.. x\n",
	"f:1: the range needs a last date: 2026-12-28..2026-12-31"},
    {"a range in another form", "2026-12-28 - 2026-12-31 Inventory\n",
	"f:1: a second date: write a range as 2026-12-28..2026-12-31, and "
	"other "
	"dates in lines of their own"},
    {"a range that ends first", "2026-12-28..2026-12-27\n",
	"f:1: the range ends before it begins"},
    {"no name of a day", "2026-12-25Christmas\n",
	"f:1: write a space between the date and the name"},
    {"a rule for weeks", ICS(DAY("20260101") "RRULE:FREQ=WEEKLY\r\n"),
	"f:5: RRULE: FREQ=WEEKLY: not supported; a rule may have FREQ=YEARLY, "
	"INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, COUNT and UNTIL"},
    {"a part that is not supported", ICS(DAY("20260101") YEARLY(";BYSETPOS=1")),
	"f:5: RRULE: BYSETPOS=1: not supported; a rule may have FREQ=YEARLY, "
	"INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, COUNT and UNTIL"},
    {"a weekday that is none", ICS(DAY("20260101") YEARLY(";BYDAY=XX")),
	"f:5: RRULE: BYDAY=XX: not supported; a rule may have FREQ=YEARLY, "
	"INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, COUNT and UNTIL"},
    {"more dates", ICS(DAY("20260101") "RDATE:20260301\r\n"),
	"f:5: RDATE: not supported: write an event of its own"},
    {"a changed occurrence", ICS(DAY("20260101") "RECURRENCE-ID:20260101\r\n"),
	"f:5: RECURRENCE-ID: not supported: write an event of its own"},
    {"a task", "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR\n",
	"f:2: BEGIN:VTODO: not supported: only VEVENT is"},
    {"an unknown zone", ICS("DTSTART;TZID=Mars/Base:20260101T090000\r\n"),
	"f:4: TZID=Mars/Base: no such time zone; write a name like "
	"America/New_York"},
    {"no start", ICS("SUMMARY:x\r\n"), "f:3: VEVENT: DTSTART is missing"},
    {"no length", ICS("DTSTART:20260101T090000\r\n"),
	"f:3: VEVENT: it ends when it begins, or before: DTEND is the first "
	"day or moment after it"},
    {"no end", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n",
	"f:2: VEVENT: END:VEVENT is missing"},
    {"no line", "BEGIN:VCALENDAR\nnonsense\n", "f:2: write NAME:VALUE"},
    {"no UTF-8", "2026-12-25 \xff\n", "f: not UTF-8"},
};

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

static int64_t
day_of(const char *s)
{
	int y = 0, m = 0, d = 0;

	(void)sscanf(s, "%d-%d-%d", &y, &m, &d);
	return bwi_calendar_days(y, m, d);
}

static bool
all_are(const struct bwi_dates *c, const char *days, bool in)
{
	for (const char *s = days; *s != '\0';
	     s += strcspn(s, " "), s += *s == ' ') {
		if (bwi_dates_on(c, day_of(s)) != in) {
			tap_diag("%.10s", s);
			return false;
		}
	}
	return true;
}

static void
test_times(void)
{
	static const char text[] =
	    ICS("DTSTART;TZID=America/New_York:20261224T120000\r\n"
		"DTEND;TZID=America/New_York:20261224T170000\r\n" YEARLY(""));
	static const char utc[] = ICS("DTSTART:20261224T230000Z\r\n"
				      "DTEND:20261225T010000Z\r\n");
	const int64_t noon = day_of("2027-12-24") * 86400 + 17 * 3600;
	const int64_t night = day_of("2026-12-25") * 86400;
	struct bwi_dates *c = NULL;
	struct bwi_tzfile *tokyo = NULL, *york = NULL;

	ok(bwi_tzfile_open(&tokyo, ZONES, str("Asia/Tokyo"), NULL) == BW_OK &&
		bwi_tzfile_open(&york, ZONES, str("America/New_York"), NULL) ==
		    BW_OK,
	    "zones");
	if (ok(bwi_dates_parse(&c, "f", str(text), ZONES, NULL) == BW_OK,
		"times in a zone")) {
		ok(!bwi_dates_match(c, tokyo, noon - 1), "before them");
		ok(bwi_dates_match(c, tokyo, noon), "the first second");
		ok(bwi_dates_match(c, tokyo, noon + 5 * 3600 - 1), "the last");
		ok(!bwi_dates_match(c, tokyo, noon + 5 * 3600), "after them");
	}
	bwi_dates_free(c);
	if (ok(bwi_dates_parse(&c, "f", str(utc), ZONES, NULL) == BW_OK,
		"times in UTC")) {
		ok(bwi_dates_match(c, york, night), "midnight");
		ok(!bwi_dates_match(c, york, night + 3600), "an hour later");
	}
	bwi_dates_free(c);
	if (ok(bwi_dates_parse(&c, "f", str("2026-12-25"), ZONES, NULL) ==
		    BW_OK,
		"a day is one of the zone that asks")) {
		ok(bwi_dates_match(c, york, night + 5 * 3600), "from midnight");
		ok(!bwi_dates_match(c, york, night + 5 * 3600 - 1), "there");
		ok(bwi_dates_match(c, tokyo, night - 9 * 3600), "or here");
	}
	bwi_dates_free(c);
	bwi_tzfile_free(tokyo);
	bwi_tzfile_free(york);
}

/* Lists in a file have an end. */
static void
test_limits(void)
{
	struct bwi_dates *c = NULL;
	struct bw_error e = {0};
	struct bw_buf b;

	bw_buf_init(&b, 1 << 20);
	bw_buf_puts(&b, "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" DAY("20260101")
			    YEARLY("") "EXDATE;VALUE=DATE:20270101");
	for (int i = 1; i <= BWI_DATES_MAX_EXCEPT; i++)
		bw_buf_puts(&b, ",20270101");
	bw_buf_puts(&b, "\nEND:VEVENT\nEND:VCALENDAR\n");
	is_int(bwi_dates_parse(&c, "f", (struct bw_str){b.p, b.n}, ZONES, &e),
	    BW_ERR_LIMIT, "too many exceptions");
	is_str(e.msg, "f:5: more than 10000 exceptions", "which are counted");
	bw_buf_reset(&b);
	bw_buf_puts(&b, "BEGIN:VCALENDAR\n");
	for (int i = 0; i <= BWI_DATES_MAX_EVENTS; i++)
		bw_buf_puts(&b,
		    "BEGIN:VEVENT\n" DAY("20260101") YEARLY("") "END:VEVENT\n");
	bw_buf_puts(&b, "END:VCALENDAR\n");
	is_int(bwi_dates_parse(&c, "f", (struct bw_str){b.p, b.n}, ZONES, &e),
	    BW_ERR_LIMIT, "too many events");
	bw_buf_free(&b);
}

static int left; /* allocations that succeed */

static void *
failing_realloc(void *arg, void *p, size_t n)
{
	(void)arg;
	return left-- > 0 ? realloc(p, n) : NULL;
}

static void
plain_free(void *arg, void *p)
{
	(void)arg;
	free(p);
}

static void
test_memory(void)
{
	static const struct bw_allocator failing = {
	    failing_realloc, plain_free, NULL};
	static const char text[] =
	    ICS("DTSTART;TZID=America/New_York:20261224T120000\r\n"
		"DURATION:PT4H\r\n" YEARLY(
		    ";COUNT=3") "EXDATE:20271224T170000Z\r\n");
	struct bwi_dates *c = NULL;
	enum bw_err err;
	int n = 0;

	bw_allocator_set(&failing);
	do {
		left = n++;
		err = bwi_dates_parse(&c, "f", str(text), ZONES, NULL);
	} while (err == BW_ERR_NOMEM && n < 1000);
	bwi_dates_free(c);
	bw_allocator_set(NULL);
	is_int(err, BW_OK, "without memory there is that error");
	ok(n > 5, "at each of %d allocations", n);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error e = {0};
		struct bwi_dates *c = NULL;

		if (!ok(bwi_dates_parse(
			    &c, "f", str(rows[i].text), ZONES, &e) == BW_OK,
			"%s", rows[i].what)) {
			tap_diag("%s", e.msg);
			continue;
		}
		ok(all_are(c, rows[i].yes, true), "%s: yes", rows[i].what);
		ok(all_are(c, rows[i].no, false), "%s: no", rows[i].what);
		bwi_dates_free(c);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bw_error e = {0};
		struct bwi_dates *c = NULL;

		(void)!bwi_dates_parse(&c, "f", str(wrong[i].text), ZONES, &e);
		is_str(e.msg, wrong[i].want, "%s", wrong[i].what);
	}
	test_times();
	test_limits();
	test_memory();
	return tap_done();
}
