#include "cli/common/event_code.h"

#include <string.h>

#include "cli/common/event_columns.h"

void
events_put_code(struct bw_buf *b, const struct bw_row_code *c)
{
	events_text(b, BW_MASK_WORD, c->code, false);
	bw_buf_putc(b, ' ');
	bw_buf_puts(b, c->name != NULL ? c->name : "(unknown code)");
	if (c->by != NULL)
		bw_buf_printf(b, " (by %s%s, %s)",
		    strcmp(c->by, "carrier") == 0 ? "the " : "", c->by,
		    c->billed ? "billed" : "not billed");
}
