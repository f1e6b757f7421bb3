#ifndef BWI_CALLBACK_LIFE_COUNT_H
#define BWI_CALLBACK_LIFE_COUNT_H

#include "callback/life.h"

/*
 * Count a request that is answered: a few atomic additions. Requests for pages,
 * rehearsals and replays are not counted.
 */
void bwi_life_count(const struct bw_callback_context *);

/* Count what the event that is handled now says. */
void bwi_life_count_event(const struct bw_callback_context *);

#endif
