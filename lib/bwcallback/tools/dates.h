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
 * Find the days (since 1 January 1970) on which a calendar changes, within a
 * year from a given day, at most max: each first day of a date, and each first
 * day after one. If the given day is a date of the calendar, it comes first.
 * Errors are those of reading the file.
 */
BW_EXPORT enum bw_err bw_dates_changes(const char *file, int64_t from,
    int64_t *days, size_t max, size_t *n, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
