#ifndef BWI_PORTOUT_REQUEST_H
#define BWI_PORTOUT_REQUEST_H

#include <stdint.h>

#include <bwcallback/event.h>

#include "base/arena.h"
#include "data/subscriber.h"

/* A port-out validation request (Numbers API), as far as rules go by it. */
struct bwi_portout_request {
	const char *fault; /* why it cannot be judged; NULL: it can */
	struct bw_str pon;
	/* What it says of the subscriber; p NULL: nothing. */
	struct bw_str field[BWI_SUBSCRIBER__MAX];
	uint64_t *numbers; /* in the arena */
	size_t n;
	bool e164; /* the first is written that way */
};

/* BW_ERR_NOMEM. */
enum bw_err bwi_portout_request_read(struct bwi_portout_request *,
    const struct bw_event *, struct bwi_arena *, struct bw_error *) BW_CHECK;

#endif
