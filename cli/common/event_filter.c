#include "cli/common/event_filter.h"

#include <bwcallback/event.h>

const char *
event_filter_family(size_t i)
{
	if (i < BW_FAMILY__MAX)
		return bw_family_name((enum bw_family)i);
	/*
	 * Families of stored malformed bodies, and of requests with a wrong
	 * signature.
	 */
	if (i == BW_FAMILY__MAX)
		return "unparsed";
	return i == BW_FAMILY__MAX + 1 ? "refused" : NULL;
}
