#ifndef BWI_PAGE_ROW_EVENT_H
#define BWI_PAGE_ROW_EVENT_H

#include <bwcallback/tools/row.h>

#include "event/event.h"

/* Decodes stored events, one after the other. */
struct bwi_row_decoder {
	struct bw_row_decoder rows;
};

/* Allocates nothing. */
void bwi_row_decoder_init(struct bwi_row_decoder *);
void bwi_row_decoder_free(struct bwi_row_decoder *);
/*
 * The event of a row, valid until the next one; NULL: its body holds none, or
 * there is no memory.
 */
const struct bw_event *
bwi_row_decode(struct bwi_row_decoder *, const struct bw_store_row *);
/* A field of it; p NULL: it has none. event may be NULL. */
struct bw_str bwi_row_field(const struct bw_event *, const char *name);

/*
 * When it happened, as the platform says, else when it came; milliseconds since
 * 1970. event may be NULL.
 */
int64_t bwi_row_time(const struct bw_store_row *, const struct bw_event *);

#endif
