#ifndef BWI_PAGE_EVENT_ROW_H
#define BWI_PAGE_EVENT_ROW_H

#include "page/row_event.h"
#include "page/view.h"

/* What an event says, in a few words: "key 4", "4470 rejected-spam-detected" */
struct bwi_event_words {
	struct bwi_row_decoder decoder;
};

void bwi_event_words_init(struct bwi_event_words *);
void bwi_event_words_free(struct bwi_event_words *);
void bwi_event_words_put(
    struct bwi_view *, struct bwi_event_words *, const struct bw_store_row *);

/* A row of a table of events. */
void bwi_event_row_put(
    struct bwi_view *, struct bwi_event_words *, const struct bw_store_row *);

#endif
