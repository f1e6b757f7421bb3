#ifndef SIM_REPORT_TALLY_H
#define SIM_REPORT_TALLY_H

#include <stdint.h>

#include "sim/world/event_log.h"

/* Counters of a simulation. Initialise with zeros. */
struct sim_tally {
	uint64_t calls;
	uint64_t ended;
	uint64_t requests;  /* HTTP requests */
	uint64_t callbacks; /* delivered or failed */
	uint64_t failed;    /* not delivered */
	uint64_t fallbacks; /* answered by a fallback only */
	uint64_t unasked;   /* answered without asking for credentials */
	uint64_t errors;    /* findings */
	uint64_t warnings;
	uint64_t broken; /* calls that the application caused to fail */
};

/* For sim_log_observer; the argument is the tally. */
void sim_tally_log(void *tally, const struct sim_log_entry *);
void sim_tally_add(struct sim_tally *, const struct sim_tally *);
/* Did anything go wrong that is the application's fault? */
bool sim_tally_is_wrong(const struct sim_tally *);
/* Is this cause of a call's end the application's fault? */
bool sim_cause_is_fault(const char *cause);

#endif
