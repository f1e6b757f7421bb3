#ifndef BWI_PAGE_LIVE_CHANNEL_H
#define BWI_PAGE_LIVE_CHANNEL_H

#include "page/live_rows.h"

/* The rows of all readers that have the same filter. */
struct bwi_live_channel {
	struct bwi_live_channel *next;
	unsigned users; /* readers, and a look while it is at work */
	struct bwi_params params;
	struct bwi_event_filter filter; /* points into params */
	bool all;			/* it takes every event */
	struct bwi_live_rows rows;
};

/*
 * A channel that takes what the parameters select; NULL: no memory. It takes
 * over both, so that they are empty then.
 */
struct bwi_live_channel *
bwi_live_channel_new(struct bwi_params *, struct bwi_event_filter *) BW_CHECK;
/* Do the parameters select what those of the channel select? */
bool
bwi_live_channel_is(const struct bwi_live_channel *, const struct bwi_params *);
void bwi_live_channel_free(struct bwi_live_channel *);

#endif
