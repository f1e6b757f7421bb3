#ifndef BWI_TIME_POSIX_TZ_H
#define BWI_TIME_POSIX_TZ_H

#include <stdint.h>

#include <bwcallback/str.h>

/*
 * The rule for times after a zone's last known change, in the format of the TZ
 * environment variable (POSIX.1-2017 §8.3, with RFC 8536's hours of -167 to
 * 167): "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30".
 */
struct bwi_posix_tz_change {
	enum {
		BWI_POSIX_TZ_JULIAN, /* day 1 to 365; 29 February is not counted
				      */
		BWI_POSIX_TZ_DAY,    /* day 0 to 365 */
		BWI_POSIX_TZ_MONTH   /* weekday of a week of a month */
	} kind;
	int day; /* of the year, or of the week (0 is Sunday) */
	int week;
	int month;
	int32_t time; /* seconds after local midnight */
};

struct bwi_posix_tz {
	int32_t standard; /* seconds east of UTC */
	int32_t summer;
	bool has_summer;
	struct bwi_posix_tz_change begin; /* of summer time */
	struct bwi_posix_tz_change end;
};

bool bwi_posix_tz_parse(struct bwi_posix_tz *, struct bw_str);
int32_t bwi_posix_tz_offset(const struct bwi_posix_tz *, int64_t time);

#endif
