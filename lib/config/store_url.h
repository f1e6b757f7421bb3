#ifndef BWI_CONFIG_STORE_URL_H
#define BWI_CONFIG_STORE_URL_H

#include "config/loader.h"

/*
 * Append the URL that opens the store of a <store>. false: what is wrong is
 * reported.
 */
bool bwi_store_url_put(
    struct bwi_loader *, const xmlNode *, struct bw_buf *) BW_CHECK;

#endif
