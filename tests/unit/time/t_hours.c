/* Opening hours, time zone files and rules, and the calendar. */
#include "time/hours.h"

#include "tests/tap/tap.h"
#include "time/calendar.h"
#include "time/posix_tz.h"

/* Offsets computed with Python's zoneinfo. */
static const struct {
	const char *zone;
	long long time;
	int offset;
} offsets[] = {
    {"America/New_York", 1741503599, -18000},
    {"America/New_York", 1741503600, -14400},
    {"America/New_York", 1762063199, -14400},
    {"America/New_York", 1762063200, -18000},
    {"America/New_York", -2208988800, -18000},
    {"America/New_York", -3471292800, -17762},
    {"America/New_York", 2098483200, -14400},
    {"America/New_York", 2530767599, -18000},
    {"America/New_York", 2530767600, -14400},
    {"America/New_York", 2551327199, -14400},
    {"America/New_York", 2551327200, -18000},
    {"America/New_York", 4133977200, -18000},
    {"Europe/Dublin", 1735689600, 0},
    {"Europe/Dublin", 1751328000, 3600},
    {"Europe/Dublin", 2840140800, 0},
    {"Europe/Dublin", 2855865600, 3600},
    {"Australia/Sydney", 2366841600, 39600},
    {"Australia/Sydney", 2374675199, 39600},
    {"Australia/Sydney", 2374675200, 36000},
    {"Australia/Sydney", 2382480000, 36000},
    {"Australia/Sydney", 2398377599, 39600},
    {"Asia/Kolkata", 1735689600, 19800},
    {"Asia/Kolkata", 3786912000, 19800},
    {"Asia/Kathmandu", 2208988800, 20700},
    {"America/St_Johns", 2240611200, -12600},
    {"America/St_Johns", 2256249600, -9000},
    {"Pacific/Kiritimati", 2240611200, 50400},
    {"America/Phoenix", 2256249600, -25200},
    {"America/Nuuk", 2248217999, -7200},
    {"America/Nuuk", 2248218000, -7200},
    {"America/Nuuk", 2256249600, -3600},
    {"Asia/Tehran", 2224713600, 12600},
    {"Etc/GMT+5", 2208988800, -18000},
    {"UTC", 1741503600, 0},
};

static struct bwi_tzfile *
open_zone(const char *name)
{
	struct bw_error e = {0};
	struct bwi_tzfile *z = NULL;

	if (bwi_tzfile_open(&z, BWI_ZONE_DIR,
		(struct bw_str){name, strlen(name)}, &e) != BW_OK)
		tap_diag("%s: %s", name, e.msg);
	return z;
}

static void
test_offsets(void)
{
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct bwi_tzfile *z = open_zone(offsets[i].zone);

		if (!ok(z != NULL, "%s opens", offsets[i].zone))
			continue;
		is_int(bwi_tzfile_offset(z, offsets[i].time), offsets[i].offset,
		    "%s at %lld", offsets[i].zone, offsets[i].time);
		bwi_tzfile_free(z);
	}
}

static void
test_names(void)
{
	static const char *const bad[] = {"", "/", "/etc/passwd",
	    "../../../etc/passwd", "America/../UTC", "America//New_York",
	    "America/", "New York", "America/New.York", "a\nb"};
	struct bw_error e = {0};
	struct bwi_tzfile *z = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(bwi_tzfile_open(&z, BWI_ZONE_DIR,
			   (struct bw_str){bad[i], strlen(bad[i])}, NULL),
		    BW_ERR_USAGE, "not a name: %zu", i);
	}
	is_int(bwi_tzfile_open(&z, BWI_ZONE_DIR, BW_STR("America/Nowhere"), &e),
	    BW_ERR_NOFILE, "not a zone");
	is_int(bwi_tzfile_open(&z, "/usr/share", BW_STR("zoneinfo"), NULL),
	    BW_ERR_NOFILE, "a folder");
	is_int(bwi_tzfile_open(&z, "/etc", BW_STR("passwd"), NULL),
	    BW_ERR_SYNTAX, "not a compiled zone");
}

static const struct {
	const char *hours;
	long long time; /* UTC */
	bool want;
} windows[] = {
    /* In New York, Friday 2025-03-07 12:00 is 17:00 UTC. */
    {"Mon-Fri 09:00-17:00", 1741366800, true},
    {"Mon-Thu 09:00-17:00", 1741366800, false},
    {"mon-FRI 09:00-12:00", 1741366800, false}, /* the end is exclusive */
    {"Fri 12:00-12:01", 1741366800, true},
    {"09:00-17:00", 1741366800, true},
    {"Sat Sun 10:00-14:00, Fri 11:00-13:00", 1741366800, true},
    {"Sat Sun Fri 11:00-13:00", 1741366800, true},
    {"Thu-Sat 00:00-24:00", 1741366800, true},
    {"Sat-Thu 00:00-24:00", 1741366800, false},
    /* Sunday 2025-03-09: 01:59 is followed by 03:00 (07:00 UTC). */
    {"Sun 01:00-02:00", 1741503599, true},
    {"Sun 02:00-03:00", 1741503599, false},
    {"Sun 02:00-03:00", 1741503600, false},
    {"Sun 03:00-04:00", 1741503600, true},
    /* Sunday 2025-11-02: 01:30 occurs twice. */
    {"Sun 01:00-02:00", 1762061400, true},
    {"Sun 01:00-02:00", 1762065000, true},
    {"Sun 02:00-03:00", 1762066799, false},
    {"Sun 02:00-03:00", 1762066800, true},
    /* Across midnight: Friday 23:00 is Saturday 04:00 UTC. */
    {"Fri 22:00-02:00", 1741406400, true},
    {"Fri 22:00-02:00", 1741406400 + 2 * 3600, true},
    {"Fri 22:00-02:00", 1741406400 + 3 * 3600, false},
    {"Sat 22:00-02:00", 1741406400 + 2 * 3600, false},
    {"Sat 22:00-02:00", 1741406400, false},
    {"Fri 22:00-00:00", 1741406400 + 3599, true},
    {"Fri 22:00-00:00", 1741406400 + 3600, false},
};

static const struct {
	const char *hours;
	const char *want;
} wrong[] = {
    {"", "hours: write each window as days and times, like \"Mon-Fri "
	 "09:00-17:00\""},
    {"Mon,Wed 09:00-17:00",
	"hours: write each window as days and times, like \"Mon-Fri "
	"09:00-17:00\""},
    {"Monday 09:00-17:00",
	"hours: write each window as days and times, like \"Mon-Fri "
	"09:00-17:00\""},
    {"Mon-Fry 09:00-17:00",
	"hours: write a day as Mon, Tue, Wed, Thu, Fri, Sat or Sun"},
    {"Mon 9:00-17:00", "hours: write each window as days and times, like "
		       "\"Mon-Fri 09:00-17:00\""},
    {"Mon 09:00", "hours: write the times as 09:00-17:00"},
    {"Mon 09:00-25:00", "hours: write the times as 09:00-17:00"},
    {"Mon 09:00-17:60", "hours: write the times as 09:00-17:00"},
    {"Mon 09:00-09:00",
	"hours: empty window: write the whole day as 00:00-24:00"},
    {"Mon 24:00-02:00",
	"hours: empty window: write the whole day as 00:00-24:00"},
    {"Mon 09:00-12:00 13:00-17:00", "hours: separate windows with commas"},
    {"Mon 09:00-12:00,", "hours: write each window as days and times, like "
			 "\"Mon-Fri 09:00-17:00\""},
};

static void
test_windows(void)
{
	struct bwi_tzfile *z = open_zone("America/New_York");
	struct bwi_arena arena;

	bwi_arena_init(&arena);
	for (size_t i = 0;
	     z != NULL && i < sizeof(windows) / sizeof(windows[0]); i++) {
		const struct bwi_hours *h = NULL;
		const char *s = windows[i].hours;

		ok(bwi_hours_compile(&arena, (struct bw_str){s, strlen(s)}, &h,
		       NULL) == BW_OK &&
			bwi_hours_match(h, z, windows[i].time) ==
			    windows[i].want,
		    "%s at %lld", s, windows[i].time);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct bwi_hours *h = NULL;
		struct bw_error e = {0};
		const char *s = wrong[i].hours;

		(void)!bwi_hours_compile(
		    &arena, (struct bw_str){s, strlen(s)}, &h, &e);
		is_str(e.msg, wrong[i].want, "\"%s\"", s);
	}
	bwi_tzfile_free(z);
	bwi_arena_free(&arena);
}

static const struct {
	const char *rule;
	bool good;
} rules[] = {
    {"EST5EDT,M3.2.0,M11.1.0", true},
    {"<+0330>-3:30", true},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", true},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
    {"X3EDT4,J60/2:30:15,300/-167", false}, /* a name of one letter */
    {"XXX3EDT4,J60/2:30:15,300/-167", true},
    {"EST5EDT", false}, /* no rule for the changes */
    {"EST", false},
    {"EST25", false},
    {"EST5EDT,M13.2.0,M11.1.0", false},
    {"EST5EDT,M3.6.0,M11.1.0", false},
    {"EST5EDT,M3.2.7,M11.1.0", false},
    {"EST5EDT,J0,J365", false},
    {"EST5EDT,M3.2.0,M11.1.0x", false},
    {"<EST5", false},
    {"", false},
};

static void
test_rules(void)
{
	struct bwi_posix_tz tz;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *s = rules[i].rule;

		ok(bwi_posix_tz_parse(&tz, (struct bw_str){s, strlen(s)}) ==
			rules[i].good,
		    "rule \"%s\"", s);
	}
	/* 2024-02-29 is day 59, 2024-03-01 is J60. */
	ok(bwi_posix_tz_parse(&tz, BW_STR("AAA0BBB,59/0,J61/0")), "leap days");
	is_int(bwi_posix_tz_offset(&tz, 1709164799), 0, "2024-02-28");
	is_int(bwi_posix_tz_offset(&tz, 1709164800), 3600, "2024-02-29");
	is_int(bwi_posix_tz_offset(&tz, 1709337600 - 3601), 3600, "2024-03-01");
	is_int(bwi_posix_tz_offset(&tz, 1709337600), 0, "2024-03-02");
	is_int(bwi_calendar_days(1970, 1, 1), 0, "the epoch");
	is_int(bwi_calendar_days(2000, 2, 29), 11016, "a leap day");
	is_int(bwi_calendar_days(1600, 3, 1), -135080, "long ago");
	is_int(bwi_calendar_year(-1), 1969, "the day before");
	is_int(bwi_calendar_weekday(-1), 3, "was a Wednesday");
}

static void
test_no_memory(void)
{
	unsigned long n = 0;
	enum bw_err err;

	do {
		struct bwi_tzfile *z = NULL;

		tap_fail_alloc(++n);
		err = bwi_tzfile_open(
		    &z, BWI_ZONE_DIR, BW_STR("America/New_York"), NULL);
		bwi_tzfile_free(z);
	} while (err == BW_ERR_NOMEM && n < 100);
	tap_fail_alloc(0);
	is_int(err, BW_OK, "every allocation failed in turn");
	ok(n > 3, "there were some");
}

int
main(void)
{
	test_offsets();
	test_names();
	test_windows();
	test_rules();
	test_no_memory();
	return tap_done();
}
