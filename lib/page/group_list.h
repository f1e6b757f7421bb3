#ifndef BWI_PAGE_GROUP_LIST_H
#define BWI_PAGE_GROUP_LIST_H

#include "page/event_filter.h"

/* Groups on one page: each is read with a query of its own. */
#define BWI_GROUP_ROWS 25

/*
 * A list of groups of events, such as calls: the group of the newest event
 * first. A page goes on where the one before it ended, by the number of an
 * event; a group belongs to the page with its newest event.
 */
struct bwi_group_list {
	struct bwi_view *view;
	struct bwi_event_filter filter;
	/* The id of the group that an event belongs to; p NULL: to none. */
	struct bw_str (*id)(const struct bw_store_event *);
	/* Restrict a filter to a group. */
	void (*restrict_to)(struct bw_store_filter *, struct bw_str id);
	/* Begin, add the events of, and end a group. true: it is shown. */
	void (*begin)(struct bwi_group_list *, struct bw_str id);
	bool (*add)(void *list, const struct bw_store_row *);
	bool (*end)(struct bwi_group_list *);
	uint64_t newest; /* of the group that was added */
	size_t n;	 /* groups that are shown */
	uint64_t before; /* where the next page goes on; 0: there is none */
	int64_t back;	 /* when the last event that was looked at came */
	bool cut;	 /* the time was over */
};

/*
 * Read groups until the page is full. The caller has set the members up to
 * end.
 */
enum bw_err bwi_group_list_read(struct bwi_group_list *, struct bw_store *);

#endif
