#ifndef SIM_WIRE_FAULT_H
#define SIM_WIRE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/wire/wire.h"

/*
 * Faults that can be injected into one callback of a call and into its retries
 * at the same URL.
 */
enum sim_wire_fault_kind {
	SIM_WIRE_FAULT_NONE,
	SIM_WIRE_FAULT_TIMEOUT, /* the request never arrives */
	SIM_WIRE_FAULT_ERROR,	/* a web server answers 503 */
	SIM_WIRE_FAULT_CUT,	/* the request arrives, the answer is lost */
	SIM_WIRE_FAULT__MAX
};

/* "timeout", "503", "cut"; SIM_WIRE_FAULT_NONE for anything else. */
enum sim_wire_fault_kind sim_wire_fault_of(const char *word);
const char *sim_wire_fault_word(enum sim_wire_fault_kind);

/* Maximum number of callbacks per call that are distinguished. */
#define SIM_MAX_FAULT_REQUESTS 256

/* Counts the callbacks of one call and fails one of them. */
struct sim_wire_fault {
	enum sim_wire_fault_kind kind;
	size_t at; /* which callback, from 1 */

	size_t last;  /* number of the last callback sent */
	bool applied; /* the fault was injected into it */
	uint64_t hashes[SIM_MAX_FAULT_REQUESTS];
	size_t hashes_n;
};

void sim_wire_fault_init(
    struct sim_wire_fault *, enum sim_wire_fault_kind, size_t at);
/* Send the request, or inject the fault if it is this callback's turn. */
void sim_wire_fault_send(struct sim_wire_fault *, struct sim_wire *,
    const struct sim_request *, struct sim_reply *);

#endif
