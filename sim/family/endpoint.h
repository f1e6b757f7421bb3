#ifndef SIM_FAMILY_ENDPOINT_H
#define SIM_FAMILY_ENDPOINT_H

#include "sim/deliver/deliver.h"

/*
 * An endpoint in a browser (BRTC, webhooks). Strings are copied; NULL leaves a
 * member out.
 */
struct sim_endpoint {
	struct sim_target target;
	struct sim_target fallback; /* eventFallbackUrl */
	const char *tags;
	/*
	 * The user dials: the type "PHONE_NUMBER", "ENDPOINT" or "CALL_ID", and
	 * the destination
	 */
	const char *to_type;
	const char *to;
	bool api; /* events of the API specification: DEVICE_CONNECTED */
};

/*
 * Schedule the events of a device that connects, is used and disconnects,
 * starting after this many milliseconds.
 */
void
sim_endpoint(struct sim_world *, const struct sim_endpoint *, int64_t after);

#endif
