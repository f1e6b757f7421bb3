/* The requests that bwcallback doctor sends to a path. */
#include "cli/doctor/doctor_request.h"

#include <bwcallback/callback.h>
#include <bwcallback/tools/probe.h>

/* Bandwidth waits 15 s for a call; every request must be faster than that. */
#define WAIT 15000L

#define SMALL_BODY 64

struct doctor_ask
doctor_question(const struct doctor *d, const struct doctor_path *p)
{
	return (struct doctor_ask){
	    .url = p->url,
	    .type = BW_PROBE,
	    .body = SMALL_BODY,
	    .insecure = d->insecure,
	    .wait = WAIT,
	};
}

bool
doctor_ask(
    struct doctor *d, const struct doctor_ask *q, struct doctor_answer *a)
{
	bool good = doctor_wire_ask(q, a);

	if (!good)
		d->failed = true;
	return good;
}
