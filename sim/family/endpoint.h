#ifndef SIM_FAMILY_ENDPOINT_H
#define SIM_FAMILY_ENDPOINT_H

#include "sim/deliver/deliver.h"

/*
 * An endpoint in a browser (BRTC, webhooks). Everything is copied; NULL leaves
 * a member out.
 */
struct sim_endpoint {
	struct sim_target target;
	struct sim_target fallback; /* eventFallbackUrl */
	const char *tags;
	/* Its user dials: "PHONE_NUMBER", "ENDPOINT" or "CALL_ID", and which */
	const char *to_type;
	const char *to;
	bool api; /* as the API's specification has it: DEVICE_CONNECTED */
};

/*
 * Enter the events of a device that comes, is used and goes, from so many
 * milliseconds on.
 */
void
sim_endpoint(struct sim_world *, const struct sim_endpoint *, int64_t after);

#endif
