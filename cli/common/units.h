#ifndef BWC_COMMON_UNITS_H
#define BWC_COMMON_UNITS_H

#include "options/option.h"

/* Values of options as people write them. */

/* "90d", "12h", "30m", "10s" as milliseconds, at most a hundred years. */
extern const struct option_form units_age;
/* "500k", "200M", "2G" as bytes. */
extern const struct option_form units_size;
/*
 * A moment as milliseconds since 1970: an age ago; a date, or a date and a
 * time, as the platform sends it and as this program prints it; or the
 * milliseconds that it prints as JSON.
 */
extern const struct option_form units_time;

#endif
