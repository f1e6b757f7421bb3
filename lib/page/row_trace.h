#ifndef BWI_PAGE_ROW_TRACE_H
#define BWI_PAGE_ROW_TRACE_H

#include <bwcallback/tools/trace.h>

#include "page/view.h"

/*
 * Put why an answer is wrong: a sentence, the rule, and the last words of the
 * program. Nothing if nothing was wrong.
 */
void bwi_row_trace_put_why(struct bwi_view *, const struct bw_trace *);
/* Put the rule that answered, and where the time went. */
void bwi_row_trace_put_steps(struct bwi_view *, const struct bw_trace *);

#endif
