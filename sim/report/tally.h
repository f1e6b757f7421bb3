#ifndef SIM_REPORT_TALLY_H
#define SIM_REPORT_TALLY_H

#include <stdint.h>

#include "sim/world/event_log.h"

/* What a simulation amounts to, counted from its notes. All zero to begin. */
struct sim_tally {
	uint64_t calls;
	uint64_t ended;
	uint64_t requests;  /* HTTP requests */
	uint64_t callbacks; /* with a known fate */
	uint64_t failed;    /* that nobody took */
	uint64_t fallbacks; /* that only a fallback answered */
	uint64_t errors;    /* findings */
	uint64_t warnings;
	uint64_t broken; /* calls that ended for the application's fault */
};

/* A sim_log_observer's function; its argument is the tally. */
void sim_tally_log(void *tally, const struct sim_log_entry *);
void sim_tally_add(struct sim_tally *, const struct sim_tally *);
/* Has anything gone wrong that the application could have done right? */
bool sim_tally_is_wrong(const struct sim_tally *);
/* Is that cause of a call's end the application's fault? */
bool sim_cause_is_fault(const char *cause);

#endif
