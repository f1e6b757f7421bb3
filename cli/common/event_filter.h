#ifndef BWC_COMMON_EVENT_FILTER_H
#define BWC_COMMON_EVENT_FILTER_H

#include <bwcallback/store.h>

#include "options/option.h"

/* The i-th family of events, NULL after the last. */
const char *event_filter_family(size_t i);

/* Option rows that select stored events, for the group; they set a filter. */
#define EVENT_FILTER_OPTIONS(filter_at, in) \
	EVENT_FILTER_ROW(filter_at, in, "family", "F", "of this family", \
	    family, event_filter_family), \
	    EVENT_FILTER_ROW(filter_at, in, "type", "T", \
		"of this type, as Bandwidth writes it", type, NULL), \
	    EVENT_FILTER_ROW( \
		filter_at, in, "call", "ID", "of this call", call, NULL), \
	    EVENT_FILTER_ROW(filter_at, in, "message", "ID", \
		"of this message", message, NULL), \
	    EVENT_FILTER_ROW(filter_at, in, "number", "TEXT", \
		"from or to this number or sender", number, NULL)
#define EVENT_FILTER_ROW(filter_at, in, option, value, what, member, allowed) \
	{ \
		option, value, "only events " what, \
		    .kind = OPTION_STR, \
		    .at = (filter_at) + \
			  offsetof(struct bw_store_filter, member), \
		    .group = (in), .word = (allowed) \
	}

#endif
