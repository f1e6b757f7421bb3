#ifndef SIM_WIRE_KIND_H
#define SIM_WIRE_KIND_H

#include "sim/wire/wire.h"

/* What a kind of wire is made of; the first member of each. */
struct sim_wire {
	void (*send)(struct sim_wire *, const struct sim_request *,
	    struct sim_reply *, size_t n);
	void (*free)(struct sim_wire *);
	/* NULL where there is none of it */
	struct bw_config *(*config)(const struct sim_wire *);
	struct bw_store *(*store)(const struct sim_wire *);
	void (*forget)(struct sim_wire *);
};

#endif
