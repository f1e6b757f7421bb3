#include "time/calendar.h"

/*
 * Years are counted from March, so that the leap day is the last day and needs
 * no special case. 400 years have 146097 days; then the pattern repeats.
 */
int64_t
bwi_calendar_days(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

int64_t
bwi_calendar_year(int64_t days)
{
	int64_t year = 1970 + days / 366;

	/*
	 * The estimate is at most the right year after 1970, and close to it.
	 */
	while (bwi_calendar_days(year, 1, 1) > days)
		year--;
	while (bwi_calendar_days(year + 1, 1, 1) <= days)
		year++;
	return year;
}

int
bwi_calendar_weekday(int64_t days)
{
	int w = (int)((days + 4) % 7); /* 1 January 1970 was a Thursday */

	return w >= 0 ? w : w + 7;
}

int64_t
bwi_calendar_day(int64_t seconds)
{
	return (seconds >= 0 ? seconds : seconds - 86399) / 86400;
}
