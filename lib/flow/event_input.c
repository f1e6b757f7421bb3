/* What a program or a module gets of an event. */
#include "flow/event_input.h"

#include <bwcallback/tools/row.h>

enum bw_err
bwi_event_input(const struct bwi_handling *h, const struct bw_event *event,
    struct bw_buf *to)
{
	struct bw_store_row row;
	enum bw_err err = h->describe(h->describe_arg, &row);

	if (err != BW_OK)
		return err;
	bw_row_json(to, &row, event, BW_ROW_EXACT);
	return to->err;
}
