#ifndef BWI_PORTOUT_RESPONSE_XML_H
#define BWI_PORTOUT_RESPONSE_XML_H

#include <stdint.h>

#include <bwcallback/buf.h>

#include "base/arena.h"

/*
 * The answer to a port-out validation: a complete document, made when the
 * configuration is loaded, into which only the request's PON goes.
 */
struct bwi_verdict {
	struct bw_str head; /* up to where the PON stands */
	struct bw_str tail; /* from there on */
	struct bw_str whole;
};

/* The code of a deny verdict when something went wrong: "not valid". */
#define BWI_VERDICT_ERROR 7598

/* The text of a code that refuses; NULL for all others. */
const char *bwi_verdict_reason(int64_t code);

/* code 0: the numbers may go. False when the arena is out of memory. */
bool bwi_verdict_make(struct bwi_verdict *, struct bwi_arena *, int code,
    struct bw_str description) BW_CHECK;
/* Refuses for BWI_VERDICT_ERROR; needs no memory. */
const struct bwi_verdict *bwi_verdict_deny(void);

/*
 * Append the verdict for a request. The PON is left out when it is empty or
 * longer than the 25 characters it may have: an answer that is not valid
 * lets the numbers go.
 */
void bwi_verdict_write(
    const struct bwi_verdict *, struct bw_str pon, struct bw_buf *);

/* May a value of at most so many characters be this? None may be empty. */
bool bwi_verdict_fits(struct bw_str, size_t max);

/* A verdict made for one request: what it says stands between these. */
void bwi_verdict_begin(struct bw_buf *, bool portable, struct bw_str pon);
void bwi_verdict_end(struct bw_buf *);
/* The document's type. */
#define BWI_VERDICT_TYPE "application/xml"

#endif
