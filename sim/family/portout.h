#ifndef SIM_FAMILY_PORTOUT_H
#define SIM_FAMILY_PORTOUT_H

#include "sim/deliver/deliver.h"

/*
 * A port-out validation request (Numbers API). Everything is copied; NULL
 * leaves a member out; without numbers one is made up.
 */
struct sim_portout {
	struct sim_target target;
	const char *pon;
	const char *pin;
	const char *account;
	const char *zip;
	const char *name; /* SubscriberName */
	const char *const *numbers;
	size_t n;
};

/*
 * Ask whether numbers may go, after so many milliseconds, and again every five
 * minutes, eight times at most, as long as nobody answers. SIM_LOG_STATE tells
 * what Bandwidth makes of it: name "portable" or "refused", text why. An
 * answer which makes the numbers go although it was not meant to is a finding.
 */
void sim_portout(struct sim_world *, const struct sim_portout *, int64_t after);

#endif
