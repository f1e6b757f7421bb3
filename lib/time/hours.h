#ifndef BWI_TIME_HOURS_H
#define BWI_TIME_HOURS_H

#include <bwcallback/error.h>

#include "base/arena.h"
#include "time/tzfile.h"

/*
 * Opening hours in local time: "Mon-Fri 09:00-17:00, Sat Sun 10:00-14:00".
 * Windows are separated by commas; each has days (Mon Tue Wed Thu Fri Sat Sun,
 * single or as ranges, separated by spaces; none means every day), a start and
 * an end. The end is exclusive. An end that is not after the start is on the
 * next day; 24:00 is midnight.
 */
struct bwi_hours;

/* Compile into the arena. BW_ERR_SYNTAX, BW_ERR_NOMEM. */
enum bw_err bwi_hours_compile(struct bwi_arena *, struct bw_str,
    const struct bwi_hours **, struct bw_error *) BW_CHECK;

/*
 * Is a time (seconds since 1970 UTC) inside a window, in local time of the
 * zone?
 */
bool bwi_hours_match(
    const struct bwi_hours *, const struct bwi_tzfile *, int64_t time);

#define BWI_WEEK_MINUTES (7 * 24 * 60)

/* The same for a minute of the week, from Sunday 00:00, in local time. */
bool bwi_hours_in_week(const struct bwi_hours *, int minute);
bool bwi_hours_always(const struct bwi_hours *);
/* Are all minutes of inner in outer? */
bool bwi_hours_includes(
    const struct bwi_hours *outer, const struct bwi_hours *inner);
/*
 * A minute of the week that is in no window, although the minutes before and
 * after it are: probably an end that was meant to be inclusive. -1: none.
 */
int bwi_hours_lost_minute(const struct bwi_hours *);
/* "Sun" for 0. */
const char *bwi_weekday_name(int);

#endif
