#ifndef BWI_CALLBACK_H
#define BWI_CALLBACK_H

#include <bwcallback/callback.h>

#include "store/store_handle.h"

/*
 * As bw_callback_answer, with another store, or none. Where as is a name, the
 * request is taken to have that user's credentials. Nobody is told of verdicts.
 */
void bwi_callback_rehearse(struct bw_callback_context *, struct bw_config *,
    struct bwi_store_handle *, struct bw_str as, const struct bw_request *,
    struct bw_response *);

#endif
