#ifndef BWC_COMMON_STORE_OPTION_H
#define BWC_COMMON_STORE_OPTION_H

#include <bwcallback/store.h>

/* Open a store by its URL, or when that is NULL, a configuration's. */
enum bw_err store_get(const char *url, const char *config, struct bw_store **,
    struct bw_error *) BW_CHECK;

#endif
