/* Counts what happens in a simulation. */
#include "sim/report/tally.h"

#include <string.h>

#include <bwcallback/tools/field.h>

#include "sim/deliver/deliver.h"

bool
sim_cause_is_fault(const char *cause)
{
	const struct bw_cause *known = cause != NULL ? bw_cause(cause) : NULL;

	return known != NULL && known->fault;
}

static void
count_delivery(struct sim_tally *t, const struct sim_delivery *d)
{
	t->callbacks++;
	if (!d->delivered)
		t->failed++;
	else if (d->fallback || (d->reply != NULL && d->reply->fallback))
		t->fallbacks++;
	else if (d->unasked)
		t->unasked++;
}

void
sim_tally_log(void *tally, const struct sim_log_entry *n)
{
	struct sim_tally *t = tally;

	if (n->kind == SIM_LOG_CALL)
		t->calls++;
	else if (n->kind == SIM_LOG_REQUEST)
		t->requests++;
	else if (n->kind == SIM_LOG_CALLBACK && n->delivery != NULL)
		count_delivery(t, n->delivery);
	else if (n->kind == SIM_LOG_FINDING && n->finding != NULL &&
		 n->finding->severity == BW_SEVERITY_ERROR)
		t->errors++;
	else if (n->kind == SIM_LOG_FINDING)
		t->warnings++;
	if (n->kind != SIM_LOG_END)
		return;
	t->ended++;
	if (sim_cause_is_fault(n->name))
		t->broken++;
}

void
sim_tally_add(struct sim_tally *t, const struct sim_tally *more)
{
	t->calls += more->calls;
	t->ended += more->ended;
	t->requests += more->requests;
	t->callbacks += more->callbacks;
	t->failed += more->failed;
	t->fallbacks += more->fallbacks;
	t->unasked += more->unasked;
	t->errors += more->errors;
	t->warnings += more->warnings;
	t->broken += more->broken;
}

bool
sim_tally_is_wrong(const struct sim_tally *t)
{
	return t->failed + t->fallbacks + t->unasked + t->errors + t->broken >
		   0 ||
	       t->ended < t->calls;
}
