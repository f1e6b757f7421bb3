#ifndef SIM_FAMILY_PORTOUT_RESPONSE_H
#define SIM_FAMILY_PORTOUT_RESPONSE_H

#include <bwcallback/str.h>

/*
 * How Bandwidth reads the answer to a port-out request: anything but a complete
 * refusal is an approval.
 */
struct sim_portout_response {
	bool portable; /* the numbers are ported */
	/* An error in the answer, or NULL */
	const char *wrong;
	bool harmless; /* the error has no consequence */
	int code;      /* code of a refusal, or 0 */
	bool ends;     /* the refusal cancels the order; otherwise it can be
			  corrected */
};

/* pon: the PON of the request, or NULL. */
void sim_portout_response_read(
    struct sim_portout_response *, struct bw_str document, const char *pon);

#endif
