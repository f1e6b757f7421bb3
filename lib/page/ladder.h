#ifndef BWI_PAGE_LADDER_H
#define BWI_PAGE_LADDER_H

#include "page/row_event.h"
#include "page/view.h"

/*
 * One call as a list of what happened: callbacks with their answers, what
 * was said, and what was pressed. What was said follows from the BXML of the
 * answers; whether it was heard to its end is not known.
 */
struct bwi_ladder {
	struct bwi_view *view;
	struct bwi_row_decoder decoder;
	int64_t began;	/* time of the first event */
	int64_t time;	/* of the last one */
	char clock[24]; /* as it was written last */
};

void bwi_ladder_begin(struct bwi_view *, struct bwi_ladder *);
/* Put an event and what its answer does. */
void bwi_ladder_add(struct bwi_ladder *, const struct bw_store_row *);
void bwi_ladder_end(struct bwi_ladder *);

/* ladder_verbs.c: the verbs of an answer. */
void bwi_ladder_verbs(struct bwi_view *, struct bw_str bxml);
/* Open a row of a kind; the caller ends it. */
void bwi_ladder_row(struct bwi_view *, const char *class);

#endif
