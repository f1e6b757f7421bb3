#ifndef BWI_TIME_ZONE_NAME_H
#define BWI_TIME_ZONE_NAME_H

#include <bwcallback/str.h>

/* What is wrong with the name of a time zone for opening hours. */
enum bwi_zone_fault {
	BWI_ZONE_GOOD,
	BWI_ZONE_NO_SUMMER_TIME, /* an offset that is the same all the year */
	BWI_ZONE_ARTIFICIAL,	 /* not the zone of a place */
	BWI_ZONE_VARIANT	 /* "posix/..." or "right/..." of a place */
};

/*
 * The fault of a name, and the name to suggest. name is NUL-terminated;
 * *instead is static memory or part of the name.
 */
enum bwi_zone_fault
bwi_zone_name_check(struct bw_str name, const char **instead);

#endif
