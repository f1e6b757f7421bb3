#ifndef SIM_FAMILY_PORTOUT_H
#define SIM_FAMILY_PORTOUT_H

#include "sim/deliver/deliver.h"

/*
 * A port-out validation request (Numbers API). Strings are copied; NULL leaves
 * a member out; without numbers one is generated.
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
 * Schedule the request, after this many milliseconds; it is retried every five
 * minutes, at most eight times, until it is answered. SIM_LOG_STATE reports
 * Bandwidth's decision: name "portable" or "refused", text why. An answer that
 * has numbers ported unintentionally is logged as a finding.
 */
void sim_portout(struct sim_world *, const struct sim_portout *, int64_t after);

#endif
