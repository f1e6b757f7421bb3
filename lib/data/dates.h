#ifndef BWI_DATA_DATES_H
#define BWI_DATA_DATES_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#include "time/tzfile.h"

/*
 * The dates of a <calendar>: a file in iCalendar format (RFC 5545), or a list
 * with a date or a range of dates in each line, then a name:
 *
 *   # closed
 *   2026-12-25 Christmas Day
 *   2026-12-28..2026-12-31 Inventory
 *
 * Dates and times without a zone of their own are those of the zone for which
 * the calendar is asked. Immutable once open.
 */
struct bwi_dates;

/* Largest number of events, and longest event in days. */
#define BWI_DATES_MAX_EVENTS 1000
#define BWI_DATES_MAX_DAYS   366
/* Exceptions of all events, and time zones named. */
#define BWI_DATES_MAX_EXCEPT 10000
#define BWI_DATES_MAX_ZONES  100

/*
 * Zones named in the file are read from zone_dir. BW_ERR_SYNTAX: also for what
 * is not supported, such as rules that are not yearly. BW_ERR_ENCODING (not
 * UTF-8), _LIMIT, _NOFILE, _IO, _NOMEM. Messages begin with file and line.
 */
enum bw_err bwi_dates_open(struct bwi_dates **, const char *file,
    const char *zone_dir, struct bw_error *) BW_CHECK;
/*
 * Like bwi_dates_open(), from a file's text, which is copied as far as needed.
 */
enum bw_err bwi_dates_parse(struct bwi_dates **, const char *file,
    struct bw_str text, const char *zone_dir, struct bw_error *) BW_CHECK;
void bwi_dates_free(struct bwi_dates *);

/* Is a time (seconds since 1970 UTC) within one of the events? */
bool bwi_dates_match(
    const struct bwi_dates *, const struct bwi_tzfile *, int64_t time);
/* Does an event overlap this day (days since 1970)? */
bool bwi_dates_on(const struct bwi_dates *, int64_t day);

/* A calendar with its name in the configuration. */
struct bwi_named_calendar {
	struct bw_str id;
	struct bwi_dates *dates;       /* NULL: unusable */
	const struct bwi_tzfile *zone; /* NULL: that of the rule */
	const char *file;	       /* of the element, and its line */
	int line;
};

#endif
