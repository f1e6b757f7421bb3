#ifndef SIM_ISO8601_H
#define SIM_ISO8601_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Parse a date, or a date and a time, as the platform sends it, this project
 * prints it, or a person types it: "2026-03-01", "2026-03-01T10:00:00.123Z",
 * "2026-03-01 10:00:00.123 UTC", "2026-03-01T10:00-05:00". Seconds may be
 * absent, fractions are cut after milliseconds, and a time without an offset
 * is UTC. False: it is something else, no such day, or before 1970.
 */
bool sim_iso8601_parse(const char *, int64_t *ms);

#endif
