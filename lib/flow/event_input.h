#ifndef BWI_FLOW_EVENT_INPUT_H
#define BWI_FLOW_EVENT_INPUT_H

#include "flow/flow.h"

/* A JSON escape is at most six bytes long for one byte. */
#define BWI_MAX_PAYLOAD_INPUT (6 * ((size_t)BW_MAX_BODY + BW_MAX_URI))
/* Body and query are in it twice: as they came, and as fields. */
#define BWI_MAX_EVENT_INPUT (16 * ((size_t)BW_MAX_BODY + BW_MAX_URI))

/*
 * Append an event as the JSON that bwcallback-events(7) describes, without a
 * line feed. BW_ERR_NOMEM, BW_ERR_LIMIT.
 */
enum bw_err bwi_event_input(const struct bwi_handling *,
    const struct bw_event *, struct bw_buf *) BW_CHECK;

#endif
