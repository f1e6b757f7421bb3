/* Pages for the operator. */
#include "page/page.h"

#include <bwcallback/limits.h>

#include "base/request.h"
#include "base/response.h"
#include "page/health.h"
#include "page/inspector.h"
#include "page/live.h"
#include "page/metrics.h"
#include "page/play_process.h"
#include "store/store.h"

void
bwi_page_init(struct bwi_page *p)
{
	*p = (struct bwi_page){.probing = false};
	bw_buf_init(&p->text, BW_MAX_PAGE);
	bw_buf_init(&p->location, 2 * BW_MAX_URI);
}

void
bwi_page_reset(struct bwi_page *p)
{
	for (size_t i = 0; p->probing && i < BW_MAX_STORES; i++)
		bw_store_write_free(p->probes[i], false);
	if (p->play != NULL)
		bwi_play_give(p->play);
	if (p->live != NULL)
		bwi_live_leave(p->live);
	bw_buf_free(&p->text);
	bw_buf_free(&p->location);
	bwi_page_init(p);
}

/* Does the header Accept name the format OpenMetrics? */
static bool
names_openmetrics(struct bw_str accept)
{
	static const char name[] = "application/openmetrics-text";

	return accept.n > 0 &&
	       memmem(accept.p, accept.n, name, sizeof(name) - 1) != NULL;
}

static void
answer_metrics(struct bwi_page *p, const struct bwi_page_request *r,
    struct bw_response *resp)
{
	bool openmetrics = names_openmetrics(r->request->browser.accept);
	struct bw_error e = {0};

	bwi_metrics_write(r, openmetrics, &p->text);
	if (p->text.err != BW_OK) {
		(void)bw_error_set(
		    &e, BW_ERR_NOMEM, 0, "metrics: out of memory");
		bw_response_fail(resp, &e);
		return;
	}
	resp->status = 200;
	resp->content_type = bwi_metrics_type(openmetrics);
	resp->prepared = (struct bw_str){p->text.p, p->text.n};
}

bool
bwi_page_answer(struct bwi_page *p, const struct bwi_page_request *r,
    struct bwi_parking *parking, struct bw_response *resp)
{
	if (r->section->kind == BWI_SECTION_HEALTH)
		return bwi_health_answer(p, r, parking, resp);
	if (r->section->inspector != NULL)
		return bwi_inspector_answer(p, r, parking, resp);
	bwi_parking_slow(parking); /* it reads the store */
	answer_metrics(p, r, resp);
	return true;
}
