#ifndef SIM_FAMILY_PORTOUT_RESPONSE_H
#define SIM_FAMILY_PORTOUT_RESPONSE_H

#include <bwcallback/str.h>

/*
 * What Bandwidth makes of the answer to a port-out request: everything that is
 * no complete refusal is taken for yes.
 */
struct sim_portout_response {
	bool portable; /* the numbers go */
	/* Not meant so, or wrong in a way that has no consequence: else NULL */
	const char *wrong;
	bool harmless; /* wrong, but of no consequence */
	int code;      /* that counts, of a refusal */
	bool ends;     /* and ends the order; otherwise it can be corrected */
};

/* pon: that of the request, or NULL. */
void sim_portout_response_read(
    struct sim_portout_response *, struct bw_str document, const char *pon);

#endif
