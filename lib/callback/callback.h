#ifndef BWI_CALLBACK_H
#define BWI_CALLBACK_H

#include <bwcallback/callback.h>

#include "store/store_handle.h"

/*
 * As bw_callback_answer, but with another store, or none. If as is a name, the
 * request counts as authenticated as that user. Sends no notification of a
 * port-out. programs false: a program or a module that would answer fails.
 */
void bwi_callback_rehearse(struct bw_callback_context *, struct bw_config *,
    struct bwi_store_handle *, struct bw_str as, bool programs,
    const struct bw_request *, struct bw_response *);

/*
 * Check that the request has a method and a path, and that URI and credentials
 * are within their limits. Errors are those of bw_request_from_env.
 */
enum bw_err
bwi_request_check(const struct bw_request *, struct bw_error *) BW_CHECK;

#endif
