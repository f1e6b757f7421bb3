#ifndef BWC_COMMON_DELIVERY_STATUS_H
#define BWC_COMMON_DELIVERY_STATUS_H

#include <bwcallback/store.h>

/*
 * Append how a port-out was answered: "denied 7513 7515". Returns false, and
 * appends nothing, if the event is not a port-out or has no answer.
 */
bool events_put_delivery(struct bw_buf *, const struct bw_store_row *);

#endif
