#ifndef BWI_DATA_DATES_RULE_H
#define BWI_DATA_DATES_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The days of a yearly rule (RFC 5545, 3.3.10). They depend only on whether the
 * year is a leap year and on which weekday it begins. So there are 14 kinds of
 * years. One bit for each day of each kind describes the whole rule, and
 * looking up a day reads a few words.
 */

/* Most weekdays in a rule's BYDAY. */
#define BWI_DATES_MAX_WEEKDAYS 32

/* A weekday of a month or year: the nth, counted from its end if negative. */
struct bwi_weekday {
	int n; /* 0: each */
	int day;
};

/* Bits of months are 1 to 12, of days 1 to 31. */
struct bwi_date_rule {
	uint32_t months;    /* 0: all, or that of the first occurrence */
	uint32_t days;	    /* of a month */
	uint32_t last_days; /* counted from its end */
	struct bwi_weekday weekdays[BWI_DATES_MAX_WEEKDAYS];
	size_t nweekdays;
};

#define BWI_YEAR_KINDS 14
#define BWI_YEAR_WORDS 6

struct bwi_rule_days {
	uint64_t bits[BWI_YEAR_KINDS][BWI_YEAR_WORDS];
};

/* first: the day of the first occurrence, for what the rule leaves out. */
void bwi_rule_days_set(
    struct bwi_rule_days *, const struct bwi_date_rule *, int64_t first);

/* Goes through the days of a rule, in the years of its interval. */
struct bwi_rule_walk {
	const struct bwi_rule_days *days;
	int64_t first_year, interval;
	int64_t year,
	    new_year; /* the next day: its year, and where that begins */
	int at;	      /* and its number in the year */
};

/* Begin with the first day that is not before from. first: as above. */
void bwi_rule_walk_begin(struct bwi_rule_walk *, const struct bwi_rule_days *,
    int64_t first, int64_t interval, int64_t from);
/* False: no further one until last. */
bool bwi_rule_walk_next(struct bwi_rule_walk *, int64_t last, int64_t *day);

#endif
