#ifndef BWI_PAGE_CONSUMER_STATE_H
#define BWI_PAGE_CONSUMER_STATE_H

#include <bwcallback/tools/store.h>

#include "page/view.h"

/* A consumer that was not seen for longer is not running, in milliseconds. */
#define BWI_CONSUMER_SILENCE 180000

/* How a consumer does: a state, and why. */
enum bwi_state bwi_consumer_state(const struct bwi_view *,
    const struct bw_store_consumer_state *, const char **words);
void bwi_consumer_put_state(
    struct bwi_view *, const struct bw_store_consumer_state *);

#endif
