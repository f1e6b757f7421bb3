#ifndef BWI_TIME_CALENDAR_H
#define BWI_TIME_CALENDAR_H

#include <stdint.h>

/* Proleptic Gregorian calendar, in days since 1 January 1970. */

/* The day number of a date; month is 1 to 12, day 1 to 31. */
int64_t bwi_calendar_days(int64_t year, int month, int day);
int64_t bwi_calendar_year(int64_t days);
/* 0 is Sunday. */
int bwi_calendar_weekday(int64_t days);
/* The day number of a time in seconds; rounds down before 1970. */
int64_t bwi_calendar_day(int64_t seconds);

#endif
