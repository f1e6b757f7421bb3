/*
 * Delivers one callback as the platform does: without credentials, then with
 * them, then to the fallback URL.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/deliver/attempt.h"

void
sim_answer_init(struct sim_answer *a)
{
	*a = (struct sim_answer){0};
	bw_buf_init(&a->body, SIM_MAX_REPLY);
}

void
sim_answer_free(struct sim_answer *a)
{
	bw_buf_free(&a->body);
	free(a->type);
	free(a->base);
	free(a->why);
	sim_answer_init(a);
}

static void
take_answer(struct sim_answer *answer, const struct sim_attempt *a,
    const struct sim_delivery *d)
{
	const struct sim_reply *r = &a->replies[0];

	sim_answer_free(answer);
	answer->delivered = d->delivered;
	answer->fallback = d->fallback;
	answer->status = r->status;
	answer->type = sim_copy(r->type);
	answer->base = sim_copy(a->url);
	bw_buf_add(&answer->body, r->body.p, r->body.n);
	if (answer->body.err != BW_OK)
		sim_no_memory();
	if (!d->delivered)
		answer->why = sim_attempt_why(a);
}

void
sim_deliver(struct sim_world *w, const struct sim_callback *c,
    struct sim_answer *answer)
{
	struct sim_attempt a;
	struct sim_delivery d = {.sync = true};

	sim_attempt_init(&a);
	d.delivered = sim_attempt(w, c, &c->primary, &a);
	if (!d.delivered && w->options.retry_sync && !c->once &&
	    sim_attempt_unconnected(&a))
		d.delivered = sim_attempt(w, c, &c->primary, &a);
	if (!d.delivered && c->fallback.url != NULL) {
		d.fallback = true;
		d.delivered = sim_attempt(w, c, &c->fallback, &a);
	}
	sim_attempt_log(w, c, &a, &d);
	take_answer(answer, &a, &d);
	sim_attempt_free(&a);
}
