/* How a port-out was answered, in a few words. */
#include "cli/common/delivery_status.h"

#include <bwcallback/tools/row.h>

#include "cli/common/event_columns.h"

bool
events_put_delivery(struct bw_buf *b, const struct bw_store_row *r)
{
	struct bw_row_portout answer;

	if (!bw_row_portout(r, &answer))
		return false;
	bw_buf_puts(b, answer.portable ? "portable" : "denied");
	for (size_t i = 0; i < answer.n; i++) {
		bw_buf_putc(b, ' ');
		events_text(b, BW_MASK_WORD, answer.codes[i], false);
	}
	return true;
}
