#ifndef BWC_COMMON_UNITS_H
#define BWC_COMMON_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* Values of options as people write them. False: it is something else. */

/* "90d", "12h", "30m", "10s", at most a hundred years. */
bool units_age(const char *, int64_t *ms);
/* "500k", "200M", "2G". */
bool units_size(const char *, int64_t *bytes);
/* An age ago, or a date with or without a time, UTC; since 1970. */
bool units_time(const char *, int64_t *ms);
/* At least one. */
bool units_count(const char *, int64_t *);

#endif
