#ifndef BWI_BASE_DECIMAL_H
#define BWI_BASE_DECIMAL_H

#include <stdint.h>

#include <bwcallback/str.h>

/*
 * The one parser of whole numbers from outside: decimal digits and nothing
 * else (no sign, no space, no base), from 0 to max. False leaves *out alone.
 */
bool bwi_decimal_parse(struct bw_str, int64_t max, int64_t *out);

#endif
