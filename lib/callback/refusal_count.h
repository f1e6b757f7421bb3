#ifndef BWI_CALLBACK_REFUSAL_COUNT_H
#define BWI_CALLBACK_REFUSAL_COUNT_H

#include <bwcallback/request.h>

#include "flow/flow.h"
#include "store/store_handle.h"

/*
 * Count a request whose signature is missing or wrong. Its content is not
 * stored: for each section and day there is one event of the family "refused",
 * whose number of deliveries is the count. The caller does not wait for the
 * store. At most a hundred requests a second are counted, so that requests
 * without valid signatures cannot fill the disk.
 */
void bwi_refusal_count(struct bwi_store_handle *, const struct bwi_section *,
    const struct bw_request *);

#endif
