/* A stored event as JSON, masked. */
#include "page/row_json.h"

#include <bwcallback/tools/row.h>

void
bwi_row_json(struct bw_buf *b, const struct bw_store_row *r)
{
	bw_row_json(b, r, NULL, BW_ROW_MASKED);
}
