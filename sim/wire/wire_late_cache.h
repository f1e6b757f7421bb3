#ifndef SIM_WIRE_LATE_CACHE_H
#define SIM_WIRE_LATE_CACHE_H

#include "sim/wire/wire.h"

/*
 * Avoids waiting for late answers repeatedly. An answer is served from the
 * cache if the same request, ignoring its ids and times, was answered late
 * twice, or if eight successive answers of its URL were late. How long other
 * answers took does not matter: the findings must not depend on the machine.
 */
struct sim_late_cache;

struct sim_late_cache *sim_late_cache_new(void);
void sim_late_cache_free(struct sim_late_cache *);
void sim_late_cache_send(struct sim_late_cache *, struct sim_wire *,
    const struct sim_request *, struct sim_reply *);

#endif
