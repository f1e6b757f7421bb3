/*
 * What bwcallback doctor sends is no callback, so it can be sent to a system
 * with live calls: it is answered right behind the credentials, with what
 * arrived of it.
 */
#include "probe.h"

#include <bwcallback/callback.h>

/* Servers hand the type on as it came; no parameters, no other case. */
static bool
is_outage(const struct bw_request *req)
{
	return bw_str_is(req->content_type, BW_PROBE_OUTAGE);
}

bool
bwi_probe_is(const struct bw_request *req)
{
	return req->method == BW_METHOD_POST &&
	       (bw_str_is(req->content_type, BW_PROBE) || is_outage(req));
}

void
bwi_probe_answer(const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp)
{
	resp->type = BW_STR("probe");
	/* Some servers rest a responder that fails: not for just anybody. */
	resp->unreadable = is_outage(req) && s->credentials != NULL;
	if (s->kind == BWI_SECTION_PORTOUT && bwi_flow_fallback(s, NULL, resp))
		return;
	bw_buf_printf(&resp->body, "probe: %s body=%zu path=%zu query=%zu\n",
	    bwi_section_element(s->kind), req->body.n, req->path.n,
	    req->query.n);
	resp->content_type = "text/plain; charset=utf-8";
	resp->status = 200;
	if (resp->body.err != BW_OK)
		resp->prepared = BW_STR("probe: no memory\n");
}
