#ifndef SIM_FAMILY_EMERGENCY_H
#define SIM_FAMILY_EMERGENCY_H

#include "sim/deliver/deliver.h"

/* A call to an emergency number that asks where it comes from. Copied. */
struct sim_emergency {
	struct sim_target target; /* always GET */
	const char *to;
	const char *from;
};

/*
 * Ask, after so many milliseconds (Emergency Calling API): once, and no longer
 * than 450 ms. SIM_LOG_STATE tells where the call goes: name "routed",
 * "rejected" or "relayed" (to Bandwidth's own people), text why.
 */
void
sim_emergency(struct sim_world *, const struct sim_emergency *, int64_t after);

#endif
