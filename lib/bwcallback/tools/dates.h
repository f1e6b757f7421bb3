#ifndef BWCALLBACK_TOOLS_DATES_H
#define BWCALLBACK_TOOLS_DATES_H

/* An interface for the programs of this package: any release may change it. */

#include <stddef.h>
#include <stdint.h>

#include <bwcallback/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The days (since 1 January 1970) from a day on, within a year, on which a date
 * of a calendar's file begins or after which one has ended; at most max. When
 * the first day is one of the calendar, it is the first. Errors are those of
 * reading the file.
 */
BW_EXPORT enum bw_err bw_dates_changes(const char *file, int64_t from,
    int64_t *days, size_t max, size_t *n, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
