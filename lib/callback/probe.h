#ifndef BWI_CALLBACK_PROBE_H
#define BWI_CALLBACK_PROBE_H

#include <bwcallback/request.h>
#include <bwcallback/response.h>

#include "flow/flow.h"

/*
 * Was the request sent by bwcallback doctor? It has a content type that no
 * callback has.
 */
bool bwi_probe_is(const struct bw_request *);
/*
 * Answer an authenticated probe. Nothing is decoded, stored, run or notified. A
 * port-out section answers with its configured verdict, as for every request it
 * cannot decode.
 */
void bwi_probe_answer(const struct bwi_section *, const struct bw_request *,
    struct bw_response *);

#endif
