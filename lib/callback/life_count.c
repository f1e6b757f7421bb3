#include "callback/life_count.h"

#include <bwcallback/tools/clock.h>

#include "base/counter.h"
#include "base/request.h"
#include "flow/answer_time.h"
#include "flow/event_counts.h"
#include "flow/section_counts.h"

static void
count_refused(enum bw_err code)
{
	switch (code) {
	case BW_ERR_MISSING:
		bwi_count(BWI_COUNT_UNAUTHORIZED_MISSING, 1);
		break;
	case BW_ERR_SIGNATURE:
		bwi_count(BWI_COUNT_UNAUTHORIZED_SIGNATURE, 1);
		break;
	default:
		bwi_count(BWI_COUNT_UNAUTHORIZED_REJECTED, 1);
		break;
	}
}

static enum bwi_outcome
outcome_of(const struct bw_callback_context *w)
{
	const struct bw_response *resp = w->response;

	if (w->repeated && resp->why.code == BW_OK)
		return BWI_OUTCOME_REPEATED;
	if (resp->fallback)
		return BWI_OUTCOME_FALLBACK;
	if (w->unparsed)
		return BWI_OUTCOME_UNPARSED;
	if (resp->why.code != BW_OK && resp->status >= 400)
		return BWI_OUTCOME_FAILED;
	return w->n > 0 ? BWI_OUTCOME_HANDLED : BWI_OUTCOME_NONE;
}

void
bwi_life_count_event(const struct bw_callback_context *w)
{
	if (!w->quiet && !w->replayed)
		bwi_event_counts_add(w->events[w->i]);
}

/* The verdict of a port-out; that of a repeated delivery was counted. */
static void
count_portout(const struct bw_callback_context *w, enum bwi_outcome outcome)
{
	const struct bw_response *resp = w->response;

	if (w->section == NULL || w->section->kind != BWI_SECTION_PORTOUT ||
	    resp->status != 200 || outcome == BWI_OUTCOME_REPEATED)
		return;
	bwi_event_counts_portout(
	    resp->prepared.p != NULL
		? resp->prepared
		: (struct bw_str){resp->body.p, resp->body.n},
	    resp->fallback);
}

void
bwi_life_count(const struct bw_callback_context *w)
{
	const struct bw_response *resp = w->response;
	struct bwi_section_counts *c =
	    w->section != NULL ? w->section->counts : bwi_section_counts_none();
	enum bwi_outcome outcome;

	if (w->quiet || w->replayed)
		return;
	if (w->refused) {
		count_refused(w->error.code);
		return;
	}
	if (w->section != NULL && bwi_section_is_page(w->section->kind))
		return;
	outcome = outcome_of(w);
	bwi_section_counts_add(c, resp->family, resp->status, outcome);
	if (outcome == BWI_OUTCOME_FALLBACK)
		bwi_section_counts_fallback(c, resp->why.code);
	count_portout(w, outcome);
	bwi_answer_time_add(
	    resp->family, bw_monotonic_ns() - w->request->arrived);
}
