#ifndef BWI_BASE_DECIMAL_H
#define BWI_BASE_DECIMAL_H

#include <stdint.h>

#include <bwcallback/str.h>

/*
 * The parser of whole numbers from outside: from 0 to max, decimal digits only
 * (no sign, space or base prefix). Returns false and leaves *out unchanged for
 * anything else.
 */
bool bwi_decimal_parse(struct bw_str, int64_t max, int64_t *out);

#endif
