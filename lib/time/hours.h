#ifndef BWI_TIME_HOURS_H
#define BWI_TIME_HOURS_H

#include <bwcallback/error.h>

#include "base/arena.h"
#include "time/tzfile.h"

/*
 * Windows of a week by the clock on the wall: "Mon-Fri 09:00-17:00,
 * Sat Sun 10:00-14:00". Windows are separated by commas; each has days
 * (Mon Tue Wed Thu Fri Sat Sun, singly or as ranges, by spaces; none means
 * every day) and a beginning and an end. The end itself is outside. An end
 * that is not after the beginning lies on the next day; 24:00 is midnight.
 */
struct bwi_hours;

/* Compiled into the arena. BW_ERR_SYNTAX, BW_ERR_NOMEM. */
enum bw_err bwi_hours_compile(struct bwi_arena *, struct bw_str,
    const struct bwi_hours **, struct bw_error *) BW_CHECK;

/* Is a time (seconds since 1970 UTC) inside, as told in that zone? */
bool bwi_hours_match(
    const struct bwi_hours *, const struct bwi_tzfile *, int64_t time);

#endif
