#ifndef BWCALLBACK_TOOLS_DELIVERY_H
#define BWCALLBACK_TOOLS_DELIVERY_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>

#include <bwcallback/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What Bandwidth does with the status of an answer. */
enum bw_status_effect {
	BW_STATUS_TAKEN,	/* documented as received */
	BW_STATUS_UNDOCUMENTED, /* probably received */
	BW_STATUS_FAILED	/* the callback counts as failed */
};

/*
 * The effect of a status in the answer to a type of callback. Statuses of
 * authentication (401) and redirects (3xx) count as failed.
 */
BW_EXPORT enum bw_status_effect
bw_delivery_effect(const struct bw_event_type *, int status);
/*
 * Append a sentence: which statuses count as received, and what Bandwidth does
 * after another. Errors are recorded in the buffer.
 */
BW_EXPORT void bw_delivery_explain(
    const struct bw_event_type *, enum bw_status_effect, struct bw_buf *);
/*
 * The type of a family by its name in payloads or in <on event="...">; the row
 * "other" of the family if there is none. The name ends with a NUL.
 */
BW_EXPORT const struct bw_event_type *
bw_event_type_of(enum bw_family, const char *name);

#ifdef __cplusplus
}
#endif

#endif
