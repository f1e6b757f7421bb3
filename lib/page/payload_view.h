#ifndef BWI_PAGE_PAYLOAD_VIEW_H
#define BWI_PAGE_PAYLOAD_VIEW_H

#include "event/event.h"
#include "page/view.h"

/*
 * Put the members of an event into a <pre>, in the form of JSON, each masked
 * by its name. The PIN of a port-out is never shown.
 */
void bwi_payload_put(struct bwi_view *, const struct bw_event *);
/* Put an answer into a <pre>, masked; XML with a line for each element. */
void bwi_answer_body_put(struct bwi_view *, struct bw_str body);

#endif
