#ifndef BWCALLBACK_TOOLS_ORDER_H
#define BWCALLBACK_TOOLS_ORDER_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/export.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "open" and so on, of the status of an order; "unknown" for any other. */
BW_EXPORT const char *bw_order_state(struct bw_str status);
/* The i-th state, NULL after the last. */
BW_EXPORT const char *bw_order_state_word(size_t i);

#ifdef __cplusplus
}
#endif

#endif
