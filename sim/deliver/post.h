#ifndef SIM_DELIVER_POST_H
#define SIM_DELIVER_POST_H

#include <json-c/json.h>

#include "sim/deliver/deliver.h"

/* POSTs of the families that need only a status as the answer. */

/* Maximum body: as much as the receiver accepts. */
#define SIM_MAX_POST BW_MAX_BODY

/*
 * Schedule a JSON callback; takes ownership of the object. wrapped: sent as an
 * array of one. The callback has everything but the body and its type.
 */
void sim_post_json(struct sim_world *, const struct sim_callback *,
    json_object *take, bool wrapped, int64_t after);
/* The same for an XML document; the buffer is freed. */
void sim_post_xml(struct sim_world *, const struct sim_callback *,
    struct bw_buf *take, int64_t after);

#endif
