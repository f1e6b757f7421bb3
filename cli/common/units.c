#include "cli/common/units.h"

#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/iso8601.h>

/* A hundred years: a time this far away still fits int64_t in nanoseconds. */
#define MAX_AGE (INT64_C(36500) * 86400 * 1000)

/* From 2001 to 2286, milliseconds since 1970 have 13 digits. */
#define DIGITS 13

/* Parse leading digits. NULL: there are none, or too many. */
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

/* Parse digits and one unit letter. False: it is something else. */
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

static bool
parse_age(const char *s, int64_t *ms)
{
	static const int64_t factors[] = {1000, 60000, 3600000, 86400000};

	return parse_amount(s, "smhd", factors, MAX_AGE, ms);
}

/* At most a day. */
static bool
parse_span(const char *s, int64_t *us)
{
	static const int64_t factors[] = {1000000, 60000000, 3600000000};
	const int64_t max = 24 * factors[2];
	const char *end = parse_digits(s, us);

	if (end == NULL || strcmp(end, "ms") != 0)
		return parse_amount(s, "smh", factors, max, us);
	if (*us > max / 1000)
		return false;
	*us *= 1000;
	return true;
}

static bool
parse_size(const char *s, int64_t *bytes)
{
	static const int64_t factors[] = {1000, 1000000, 1000000000};

	return parse_amount(s, "kMG", factors, INT64_MAX, bytes);
}

static bool
parse_time(const char *s, int64_t *ms)
{
	const char *end;

	if (parse_age(s, ms)) {
		*ms = bw_realtime_ms() - *ms;
		if (*ms < 0)
			*ms = 0; /* everything */
		return true;
	}
	end = parse_digits(s, ms);
	if (end != NULL && *end == '\0')
		return end - s == DIGITS;
	return bw_iso8601_parse(s, ms);
}

const struct option_form units_age = {"age", "10s, 30m, 12h or 90d", parse_age};
const struct option_form units_span = {"time", "500ms, 2s or 1m", parse_span};
const struct option_form units_size = {"size", "500k, 200M or 2G", parse_size};
const struct option_form units_time = {
    "time", "2h or 3d (ago), 2026-03-01 or 2026-03-01T10:00:00.5Z", parse_time};
