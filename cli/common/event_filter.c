#include "cli/common/event_filter.h"

#include <bwcallback/event.h>

const char *
event_filter_family(size_t i)
{
	if (i < BW_FAMILY__MAX)
		return bw_family_name((enum bw_family)i);
	/*
	 * Families of stored malformed bodies, of requests with a wrong
	 * signature, and of what was done in the pages of the inspector.
	 */
	if (i == BW_FAMILY__MAX)
		return "unparsed";
	if (i == BW_FAMILY__MAX + 1)
		return "refused";
	return i == BW_FAMILY__MAX + 2 ? "operator" : NULL;
}
