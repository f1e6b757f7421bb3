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

#endif
