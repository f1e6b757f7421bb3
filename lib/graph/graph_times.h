#ifndef BWI_GRAPH_TIMES_H
#define BWI_GRAPH_TIMES_H

#include "flow/rule.h"

/*
 * The times that rules tell apart. A time is the set of the timed rules that
 * match then: bit i is rules[i].
 */
#define BWI_TIMES_MAX_RULES	64
#define BWI_TIMES_MAX_SETS	256
#define BWI_TIMES_MAX_CALENDARS 4

struct bwi_graph_times {
	const struct bwi_rule *rules[BWI_TIMES_MAX_RULES];
	size_t nrules;
	/* Sets that occur in some week; a rule without hours is in all. */
	uint64_t hours[BWI_TIMES_MAX_SETS];
	size_t nhours;
	/*
	 * The same for dates: index i is a date that the calendars with a bit
	 * in i have, and the others have not.
	 */
	const struct bwi_named_calendar *calendars[BWI_TIMES_MAX_CALENDARS];
	size_t ncalendars;
	uint64_t dates[1 << BWI_TIMES_MAX_CALENDARS];
};

#define BWI_TIMES_NDATES(times) ((size_t)1 << (times)->ncalendars)

/* Add a timed rule. False: too many. */
bool bwi_graph_times_add(struct bwi_graph_times *, const struct bwi_rule *);
/* Find the sets, once all rules are added. False: too many. */
bool bwi_graph_times_find(struct bwi_graph_times *);

#endif
