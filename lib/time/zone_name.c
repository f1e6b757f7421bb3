#include "time/zone_name.h"

#include <stddef.h>
#include <string.h>

#define NO_SUMMER_TIME BWI_ZONE_NO_SUMMER_TIME
#define ARTIFICIAL     BWI_ZONE_ARTIFICIAL

static const struct {
	const char *name;
	enum bwi_zone_fault fault;
	const char *instead;
} zones[] = {
#define X(name, fault, instead) {name, fault, instead},
#include "time/zones.def"
#undef X
};

/* Folders of tzdata that repeat all zones. */
static const char *const variants[] = {"posix/", "right/", "SystemV/"};

enum bwi_zone_fault
bwi_zone_name_check(struct bw_str name, const char **instead)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		size_t n = strlen(variants[i]);

		if (name.n > n && memcmp(name.p, variants[i], n) == 0) {
			*instead = name.p + n;
			return BWI_ZONE_VARIANT;
		}
	}
	while (name.n != 0 && name.p[name.n - 1] >= '0' &&
	       name.p[name.n - 1] <= '9')
		name.n--;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (bw_str_is(name, zones[i].name)) {
			*instead = zones[i].instead;
			return zones[i].fault;
		}
	}
	*instead = NULL;
	return BWI_ZONE_GOOD;
}
