/*
 * Calendars. A day that has a moment of an event is a day of the calendar, and
 * what a calendar is asked costs little, whatever its rules.
 */
#include "data/dates.h"

#include <stdlib.h>

#include "fuzz.h"

#define DAY INT64_C(86400)

/* Without zones: which ones exist would depend on the machine. */
#define NO_ZONES "/nowhere"

static void
check(const struct bwi_dates *c, const struct bwi_tzfile *utc, int64_t day)
{
	bool on = bwi_dates_on(c, day);

	for (int64_t t = day * DAY; t < (day + 1) * DAY; t += DAY / 8) {
		if (bwi_dates_match(c, utc, t) && !on)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct bwi_tzfile *utc;
	struct bw_str text = {(const char *)p, n};
	struct bwi_dates *c = NULL;
	struct bw_error e = {0};

	if (utc == NULL && bwi_tzfile_open(&utc, "/usr/share/zoneinfo",
			       BW_STR("UTC"), NULL) != BW_OK)
		abort();
	fuzz_check_error(bwi_dates_parse(&c, "f", text, NO_ZONES, &e), &e);
	if ((c == NULL) != (e.code != BW_OK))
		abort();
	/* Each day of some weeks, then days of many years. */
	for (int64_t day = 20440; c != NULL && day < 20470; day++)
		check(c, utc, day);
	for (int64_t day = -400; c != NULL && day < 800000; day += 9973)
		check(c, utc, day);
	bwi_dates_free(c);
	return 0;
}
