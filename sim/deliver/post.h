#ifndef SIM_DELIVER_POST_H
#define SIM_DELIVER_POST_H

#include <json-c/json.h>

#include "sim/deliver/deliver.h"

/* What is posted by families that want no answer but a status. */

/* Most bytes that one posts: what a receiver takes. */
#define SIM_MAX_POST BW_MAX_BODY

/*
 * Deliver an object later; it is taken. wrapped: as a list of one. The
 * callback has everything but the body and its type.
 */
void sim_post_json(struct sim_world *, const struct sim_callback *,
    json_object *take, bool wrapped, int64_t after);
/* The same of an XML document, freed. */
void sim_post_xml(struct sim_world *, const struct sim_callback *,
    struct bw_buf *take, int64_t after);

#endif
