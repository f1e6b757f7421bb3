#ifndef BWI_ASKED_READ_H
#define BWI_ASKED_READ_H

#include <bwcallback/store.h>

#include "portout.h"

/*
 * Learn from the store what others were asked within the hour: this process
 * before it was started again, and those beside it. What cannot be read is not
 * known; there is no answer that would have to wait for it.
 */
void bwi_asked_read(
    const struct bwi_portout *, struct bw_store *, struct bw_str section);

#endif
