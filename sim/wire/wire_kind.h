#ifndef SIM_WIRE_KIND_H
#define SIM_WIRE_KIND_H

#include "sim/wire/wire.h"

/* The operations of a kind of wire; the first member of its struct. */
struct sim_wire {
	void (*send)(struct sim_wire *, const struct sim_request *,
	    struct sim_reply *, size_t n);
	void (*free)(struct sim_wire *);
	/* NULL if not supported */
	struct bw_config *(*config)(const struct sim_wire *);
	struct bw_store *(*store)(const struct sim_wire *);
	void (*forget)(struct sim_wire *);
	void (*permit)(struct sim_wire *, const struct sim_permission *);
};

#endif
