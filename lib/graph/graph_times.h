#ifndef BWI_GRAPH_TIMES_H
#define BWI_GRAPH_TIMES_H

#include "flow/rule.h"

/*
 * Classes of times for the rules of a section. A time is represented by the set
 * of rules that match then: bit i is rules[i].
 */
#define BWI_TIMES_MAX_RULES	64
#define BWI_TIMES_MAX_SETS	256
#define BWI_TIMES_MAX_CALENDARS 4

struct bwi_graph_times {
	const struct bwi_rule *rules[BWI_TIMES_MAX_RULES];
	size_t nrules;
	/*
	 * The sets that occur in a week. A rule without hours is in each set.
	 */
	uint64_t hours[BWI_TIMES_MAX_SETS];
	size_t nhours;
	/*
	 * The same for dates: index i stands for a date that is in exactly the
	 * calendars whose bits are set in i.
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
