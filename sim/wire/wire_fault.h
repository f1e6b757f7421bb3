#ifndef SIM_WIRE_FAULT_H
#define SIM_WIRE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/wire/wire.h"

/* What can befall a callback of a call, and its later tries at that URL. */
enum sim_wire_fault_kind {
	SIM_WIRE_FAULT_NONE,
	SIM_WIRE_FAULT_TIMEOUT, /* it is never asked */
	SIM_WIRE_FAULT_ERROR,	/* a web server's 503 */
	SIM_WIRE_FAULT_CUT,	/* it is asked, and the answer is lost */
	SIM_WIRE_FAULT__MAX
};

/* "timeout", "503", "cut"; SIM_WIRE_FAULT_NONE for anything else. */
enum sim_wire_fault_kind sim_wire_fault_of(const char *word);
const char *sim_wire_fault_word(enum sim_wire_fault_kind);

/* Of a call more are not told apart. */
#define SIM_MAX_FAULT_REQUESTS 256

/* One call's callbacks, counted, and the one that has bad luck. */
struct sim_wire_fault {
	enum sim_wire_fault_kind kind;
	size_t at; /* which callback, from 1 */

	size_t last;  /* which was asked last */
	bool applied; /* it had bad luck */
	uint64_t hashes[SIM_MAX_FAULT_REQUESTS];
	size_t hashes_n;
};

void sim_wire_fault_init(
    struct sim_wire_fault *, enum sim_wire_fault_kind, size_t at);
/* Ask the wire, unless it is this one's turn. */
void sim_wire_fault_send(struct sim_wire_fault *, struct sim_wire *,
    const struct sim_request *, struct sim_reply *);

#endif
