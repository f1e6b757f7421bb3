#ifndef BWI_PAGE_HEALTH_H
#define BWI_PAGE_HEALTH_H

#include "page/page.h"

/*
 * Three pages, which bwi_health_part() tells apart:
 *
 * live		200 "ok": the process answers. Nothing else is looked at: a
 *		restart of the process would not mend it
 *
 * ready	200 or 503, and JSON with all that page/faults.def has: 503 if
 *		other responders may be better off
 *
 * its path	200 "ok", or 503 with one word for each fault that is listed,
 *		each on a line; after that of a store, its id if it has one
 *
 * A store that is known to be busy is not waited for, another one for a quarter
 * of a second. false: the request is parked.
 */
bool bwi_health_answer(struct bwi_page *, const struct bwi_page_request *,
    struct bwi_parking *, struct bw_response *) BW_CHECK;

#endif
