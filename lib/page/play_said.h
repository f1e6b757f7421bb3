#ifndef BWI_PAGE_PLAY_SAID_H
#define BWI_PAGE_PLAY_SAID_H

#include "page/view.h"

/* What was heard and done so far, as a list. */
void bwi_play_said_put(struct bwi_view *, struct bw_str lines);

#endif
