#ifndef BWI_PORTOUT_REQUEST_H
#define BWI_PORTOUT_REQUEST_H

#include <stdint.h>

#include <bwcallback/event.h>

#include "base/arena.h"
#include "data/subscriber.h"

/* A port-out validation request (Numbers API), reduced to what rules use. */
struct bwi_portout_request {
	const char *fault; /* why it cannot be judged, or NULL */
	struct bw_str pon;
	/* Its subscriber data; p NULL: absent. */
	struct bw_str field[BWI_SUBSCRIBER__MAX];
	uint64_t *numbers; /* in the arena */
	size_t n;
	bool e164; /* the first number is in E.164 form */
};

/* BW_ERR_NOMEM. */
enum bw_err bwi_portout_request_read(struct bwi_portout_request *,
    const struct bw_event *, struct bwi_arena *, struct bw_error *) BW_CHECK;

#endif
