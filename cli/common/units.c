#include "cli/common/units.h"

#include <string.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

/* A hundred years: in nanoseconds, a time so far away is still an int64_t. */
#define MAX_AGE (INT64_C(36500) * 86400 * 1000)

#define MAX_COUNT INT64_C(10000000000)

/* Digits at the beginning of a text; NULL when there are none, or too many. */
static const char *
parse_digits(const char *s, int64_t *out)
{
	int64_t v = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (v > (INT64_MAX - 9) / 10)
			return NULL;
		v = v * 10 + (*s - '0');
	}
	*out = v;
	return s;
}

/* Digits and one letter of units; false when it is something else. */
static bool
parse_amount(const char *s, const char *units, const int64_t *factors,
    int64_t max, int64_t *out)
{
	int64_t v;
	const char *unit, *end = parse_digits(s, &v);

	if (end == NULL || *end == '\0' || end[1] != '\0')
		return false;
	unit = strchr(units, *end);
	if (unit == NULL || v > max / factors[unit - units])
		return false;
	*out = v * factors[unit - units];
	return true;
}

bool
units_age(const char *s, int64_t *ms)
{
	static const int64_t factors[] = {1000, 60000, 3600000, 86400000};

	return parse_amount(s, "smhd", factors, MAX_AGE, ms);
}

bool
units_size(const char *s, int64_t *bytes)
{
	static const int64_t factors[] = {1000, 1000000, 1000000000};

	return parse_amount(s, "kMG", factors, INT64_MAX, bytes);
}

bool
units_time(const char *s, int64_t *ms)
{
	static const char *const forms[] = {
	    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"};

	if (units_age(s, ms)) {
		*ms = bw_realtime_ms() - *ms;
		if (*ms < 0)
			*ms = 0; /* everything there is */
		return true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {.tm_isdst = 0};
		const char *end = strptime(s, forms[i], &tm);

		if (end != NULL && *end == '\0') {
			*ms = (int64_t)timegm(&tm) * 1000;
			return *ms >= 0;
		}
	}
	return false;
}

bool
units_count(const char *s, int64_t *n)
{
	const char *end = parse_digits(s, n);

	return end != NULL && *end == '\0' && *n > 0 && *n <= MAX_COUNT;
}
