#include "amount.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Digits and one letter of units; false when it is something else. */
static bool
parse_amount(
    const char *s, const char *units, const int64_t *factors, int64_t *out)
{
	int64_t v = 0;
	const char *unit;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (v > 1000000000)
			return false;
		v = v * 10 + (*s - '0');
	}
	unit = *s != '\0' ? strchr(units, *s) : NULL;
	if (unit == NULL || s[1] != '\0')
		return false;
	*out = v * factors[unit - units];
	return true;
}

bool
amount_age(const char *s, int64_t *ms)
{
	static const int64_t factors[] = {1000, 60000, 3600000, 86400000};

	return parse_amount(s, "smhd", factors, ms);
}

bool
amount_size(const char *s, int64_t *bytes)
{
	static const int64_t factors[] = {1000, 1000000, 1000000000};

	return parse_amount(s, "kMG", factors, bytes);
}

bool
amount_time(const char *s, int64_t *ms)
{
	static const char *const forms[] = {
	    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"};
	struct timespec t;

	if (amount_age(s, ms)) {
		(void)clock_gettime(CLOCK_REALTIME, &t);
		*ms = (int64_t)t.tv_sec * 1000 - *ms;
		return true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {.tm_isdst = 0};
		const char *end = strptime(s, forms[i], &tm);

		if (end != NULL && *end == '\0') {
			*ms = (int64_t)timegm(&tm) * 1000;
			return true;
		}
	}
	return false;
}

bool
amount_count(const char *s, int64_t *n)
{
	static const int64_t one[] = {1};
	char with_unit[32];

	(void)snprintf(with_unit, sizeof(with_unit), "%.20sx", s);
	return parse_amount(with_unit, "x", one, n) && *n > 0;
}
