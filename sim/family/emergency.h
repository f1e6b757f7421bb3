#ifndef SIM_FAMILY_EMERGENCY_H
#define SIM_FAMILY_EMERGENCY_H

#include "sim/deliver/deliver.h"

/* An emergency call whose location Bandwidth requests. Strings are copied. */
struct sim_emergency {
	struct sim_target target; /* always GET */
	const char *to;
	const char *from;
};

/*
 * Schedule the request (Emergency Calling API): once, with a time limit of 450
 * ms. SIM_LOG_STATE reports the route: name "routed", "rejected" or "relayed"
 * (to Bandwidth's operators), text why.
 */
void
sim_emergency(struct sim_world *, const struct sim_emergency *, int64_t after);

#endif
