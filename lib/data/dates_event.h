#ifndef BWI_DATA_DATES_EVENT_H
#define BWI_DATA_DATES_EVENT_H

#include "data/dates.h"
#include "data/dates_rule.h"

#define BWI_DAY INT64_C(86400)

/*
 * One event of a calendar. Times are in local time, as seconds since 1970
 * without an offset.
 */
struct bwi_date_event {
	int64_t start;		       /* of the first occurrence */
	int64_t length;		       /* of each, in seconds */
	bool whole;		       /* days, not times */
	const struct bwi_tzfile *zone; /* its own; NULL: that of the question */
	bool yearly;
	size_t rule;	  /* its number; only if yearly */
	int64_t interval; /* years */
	int64_t until;	  /* last start */
	size_t first_except, nexcept;
};

struct bwi_dates_zone {
	struct bwi_tzfile *zone;
	char name[64];
};

struct bwi_dates {
	struct bwi_date_event *events;
	size_t nevents, events_cap;
	struct bwi_rule_days *rules;
	size_t nrules, rules_cap;
	int64_t *except; /* starts that are left out (EXDATE), sorted */
	size_t nexcept, except_cap;
	struct bwi_dates_zone *zones;
	size_t nzones, zones_cap;
};

/* Set until to the start of the nth occurrence. */
void bwi_date_event_limit(
    const struct bwi_dates *, struct bwi_date_event *, int64_t count);

/* Parse "2026-12-25" or "20261225", removing it from the front. */
bool bwi_date_take(struct bw_str *, bool dashes, int64_t *day);

/* dates_ics.c: read iCalendar. */
enum bw_err bwi_dates_read_ics(struct bwi_dates *, const char *file,
    struct bw_str text, const char *zone_dir, struct bw_error *) BW_CHECK;
/* Add an event. False: out of memory. */
bool bwi_dates_add(struct bwi_dates *, const struct bwi_date_event *);

#endif
