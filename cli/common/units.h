#ifndef BWC_COMMON_UNITS_H
#define BWC_COMMON_UNITS_H

#include "options/option.h"

/* Parses the values of options with units. */

/* "90d", "12h", "30m", "10s" to milliseconds, at most a hundred years. */
extern const struct option_form units_age;
/* "500ms", "2s", "1m" to microseconds, at most a day. */
extern const struct option_form units_span;
/* "500k", "200M", "2G" to bytes. */
extern const struct option_form units_size;
/*
 * A time, to milliseconds since 1970. Accepts an age (that long ago); a date,
 * or a date and time, in Bandwidth's form or in the form this program prints;
 * or the milliseconds of the JSON output.
 */
extern const struct option_form units_time;

#endif
