#ifndef BWI_TIME_TZFILE_H
#define BWI_TIME_TZFILE_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * A time zone of the tz database, read from its compiled file (RFC 8536). Not
 * localtime(3), which has one zone per process, set through the environment: a
 * configuration has many zones, used by many threads.
 */
struct bwi_tzfile;

#define BWI_ZONE_DIR "/usr/share/zoneinfo"

/*
 * Open a zone such as "America/New_York" below dir. "UTC" needs no file.
 * BW_ERR_USAGE: not a zone name. BW_ERR_NOFILE, _SYNTAX, _LIMIT, _NOMEM.
 */
enum bw_err bwi_tzfile_open(struct bwi_tzfile **, const char *dir,
    struct bw_str name, struct bw_error *) BW_CHECK;
void bwi_tzfile_free(struct bwi_tzfile *);

/* Seconds east of UTC in force at a time (seconds since 1970 UTC). */
int32_t bwi_tzfile_offset(const struct bwi_tzfile *, int64_t time);

#endif
