#ifndef BWI_PAGE_ROW_JSON_H
#define BWI_PAGE_ROW_JSON_H

#include <bwcallback/store.h>

/*
 * Append a stored event as a JSON object, masked, as bwcallback-events(1)
 * prints it without --reveal.
 */
void bwi_row_json(struct bw_buf *, const struct bw_store_row *);

#endif
