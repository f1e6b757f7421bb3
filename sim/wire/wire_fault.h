#ifndef SIM_WIRE_FAULT_H
#define SIM_WIRE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/wire/wire.h"

/* What can befall a callback of a call, and its later tries at that URL. */
enum sim_mishap_kind {
	SIM_MISHAP_NONE,
	SIM_MISHAP_TIMEOUT, /* it is never asked */
	SIM_MISHAP_ERROR,   /* a web server's 503 */
	SIM_MISHAP_CUT,	    /* it is asked, and the answer is lost */
	SIM_MISHAP__MAX
};

/* "timeout", "503", "cut"; SIM_MISHAP_NONE for anything else. */
enum sim_mishap_kind sim_mishap_of(const char *word);
const char *sim_mishap_word(enum sim_mishap_kind);

/* Of a call more are not told apart. */
#define SIM_MAX_ASKED 256

/* One call's callbacks, counted, and the one that has bad luck. */
struct sim_mishap {
	enum sim_mishap_kind kind;
	size_t at; /* which callback, from 1 */

	size_t last; /* which was asked last */
	bool struck; /* it had bad luck */
	uint64_t asked[SIM_MAX_ASKED];
	size_t asked_n;
};

void sim_mishap_init(struct sim_mishap *, enum sim_mishap_kind, size_t at);
/* Ask the wire, unless it is this one's turn. */
void sim_mishap_ask(struct sim_mishap *, struct sim_wire *,
    const struct sim_ask *, struct sim_reply *);

#endif
