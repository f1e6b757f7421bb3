#ifndef BWI_CALLBACK_PROBE_H
#define BWI_CALLBACK_PROBE_H

#include <bwcallback/request.h>
#include <bwcallback/response.h>

#include "flow/flow.h"

/* Is it from bwcallback doctor? By its content type, which no callback has. */
bool bwi_probe_is(const struct bw_request *);
/*
 * Answer one that was let in. Nothing is decoded, stored, run or told to
 * anybody. A port-out section gives its verdict, as it does to everything.
 */
void bwi_probe_answer(const struct bwi_section *, const struct bw_request *,
    struct bw_response *);

#endif
