#ifndef BWI_BASE_PARKING_H
#define BWI_BASE_PARKING_H

#include <bwcallback/tools/parked.h>

#include "base/priority.h"

/*
 * For a step that may have to wait: it returns false after it has set what the
 * request waits for, and is called again later, from its beginning.
 */
struct bwi_parking {
	struct bw_waker waker;
	struct bw_parked parked;
	enum bwi_priority priority;
	/* Too many requests are parked: this one must not wait in a queue. */
	bool hurry;
};

/* The thread is about to do something that may take long. */
void bwi_parking_slow(const struct bwi_parking *);

/* Is the time of waiting over? Otherwise sets when it will be. */
bool bwi_parking_over(struct bwi_parking *, int64_t until) BW_CHECK;

#endif
