#ifndef BWI_CALLBACK_REFUSAL_COUNT_H
#define BWI_CALLBACK_REFUSAL_COUNT_H

#include <bwcallback/request.h>

#include "flow/flow.h"
#include "store/store_handle.h"

/*
 * A request whose signature is missing or wrong came to a section. Of such
 * nothing is stored but that there was one: an event of the family "refused"
 * for each section and day, whose deliveries are the count. Nobody waits for
 * it, and beyond a hundred a second they are not counted: whoever sends them
 * has no right to our disk.
 */
void bwi_refusal_count(struct bwi_store_handle *, const struct bwi_section *,
    const struct bw_request *);

#endif
