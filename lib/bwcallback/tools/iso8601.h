#ifndef BWCALLBACK_TOOLS_ISO8601_H
#define BWCALLBACK_TOOLS_ISO8601_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Parse a date, or a date and a time, as the platform sends it, this project
 * prints it, or a person types it: "2026-03-01", "2026-03-01T10:00:00.123Z",
 * "2026-03-01 10:00:00.123 UTC", "2026-03-01T10:00-05:00". Seconds may be
 * absent, fractions are cut after milliseconds, and a time without an offset
 * is UTC. False: it is something else, no such day, or before 1970.
 */
BW_EXPORT bool bw_iso8601_parse(const char *, int64_t *ms);

#ifdef __cplusplus
}
#endif

#endif
