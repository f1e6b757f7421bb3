#ifndef BWC_COMMON_DELIVERY_STATUS_H
#define BWC_COMMON_DELIVERY_STATUS_H

#include <bwcallback/store.h>

/*
 * Append what a port-out was answered with: "denied 7513 7515", or that as
 * JSON. False, and nothing appended, when it was none or not answered.
 */
bool
events_put_delivery(struct bw_buf *, const struct bw_store_row *, bool json);

#endif
