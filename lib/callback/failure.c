#include "callback/failure.h"
#include "base/response.h"

void
bwi_fail(const struct bwi_section *s, const struct bw_event *event,
    struct bw_response *resp, const struct bw_error *e)
{
	bool ours = bw_err_status(e->code) >= 500;
	bool decides = s->kind == BWI_SECTION_PORTOUT;
	/* An undecoded request to a voice path counts as a waiting call. */
	bool call =
	    bwi_section_is_bxml(s->kind) &&
	    (event == NULL || bw_event_row(event)->answer == BW_ANSWER_BXML);

	if ((decides || (call && ours)) && bwi_flow_fallback(s, event, resp)) {
		resp->fallback = true;
		resp->why = *e;
		return;
	}
	bw_response_fail(resp, e);
}

void
bwi_refuse(const struct bwi_section *s, struct bw_response *resp,
    const struct bw_error *e)
{
	bool wrong =
	    s->kind == BWI_SECTION_PORTOUT &&
	    (e->code == BW_ERR_REJECTED || e->code == BW_ERR_SIGNATURE);

	if (wrong || bw_err_status(e->code) >= 500)
		bwi_fail(s, NULL, resp, e);
	else
		bw_response_fail(resp, e);
}
