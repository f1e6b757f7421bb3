#ifndef BWI_PORTOUT_RESPONSE_XML_H
#define BWI_PORTOUT_RESPONSE_XML_H

#include <stdint.h>

#include <bwcallback/buf.h>

#include "base/arena.h"

/*
 * The answer to a port-out validation: a complete document, built when the
 * configuration is loaded. Only the request's PON is inserted later.
 */
struct bwi_portout_verdict {
	struct bw_str head; /* text before the PON */
	struct bw_str tail; /* text after the PON */
	struct bw_str whole;
};

/* Code of the verdict after an internal error: "not valid". */
#define BWI_PORTOUT_ERROR 7598

/* The text of a refusal code; NULL for any other code. */
const char *bwi_portout_verdict_reason(int64_t code);

/* code 0: the port-out is allowed. False: out of memory. */
bool bwi_portout_verdict_make(struct bwi_portout_verdict *, struct bwi_arena *,
    int code, struct bw_str description) BW_CHECK;
/* Refuses with BWI_PORTOUT_ERROR; needs no memory. */
const struct bwi_portout_verdict *bwi_portout_verdict_deny(void);

/*
 * Append the verdict for a request. The PON is left out if it is empty or
 * longer than its limit of 25 characters: Bandwidth treats an invalid answer as
 * consent.
 */
void bwi_portout_verdict_write(
    const struct bwi_portout_verdict *, struct bw_str pon, struct bw_buf *);

/* Is it not empty and at most max characters long? */
bool bwi_portout_verdict_fits(struct bw_str, size_t max);

/* Write a verdict for one request; its elements go between these two. */
void
bwi_portout_verdict_begin(struct bw_buf *, bool portable, struct bw_str pon);
void bwi_portout_verdict_end(struct bw_buf *);
/* The content type. */
#define BWI_PORTOUT_CONTENT_TYPE "application/xml"

#endif
