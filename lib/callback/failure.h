#ifndef BWI_CALLBACK_FAILURE_H
#define BWI_CALLBACK_FAILURE_H

#include "flow/flow.h"

/*
 * The answer when a step failed; event: NULL if it is not known. A port-out
 * section always sends its verdict, because Bandwidth takes silence for
 * consent. A call must not end because of an error of ours: where BXML is
 * expected, a 5xx becomes the fallback document. A malformed request gets its
 * 4xx, and Bandwidth then uses its fallback URL.
 */
void bwi_fail(const struct bwi_section *, const struct bw_event *,
    struct bw_response *, const struct bw_error *);
/*
 * The answer when authentication fails. Authentication itself can fail (out of
 * memory, hash limiter full). Then a call or a port-out gets its fallback,
 * which reveals nothing. So does a port-out with wrong credentials: if the
 * password here and at Bandwidth differed, a 401 would let every number go.
 * Missing credentials always get the challenge, because every first request
 * comes without.
 */
void bwi_refuse(
    const struct bwi_section *, struct bw_response *, const struct bw_error *);

#endif
