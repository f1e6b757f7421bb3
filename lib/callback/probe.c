/*
 * Requests of bwcallback doctor. They are not callbacks, so they can be sent to
 * a system with live calls: they are answered right after authentication, with
 * the sizes of what arrived.
 */
#include "callback/probe.h"
#include "base/request.h"
#include "base/response.h"

#include <bwcallback/callback.h>
#include <bwcallback/tools/probe.h>

/* Servers pass Content-Type unchanged, so compare exactly. */
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

/*
 * The answer that simulates an outage. Apache and lighttpd treat an empty
 * answer as an outage, but not a malformed one. nginx would send the request to
 * the next responder after an empty answer, but not after a malformed header (a
 * NUL).
 */
static struct bw_str
outage_answer(const struct bw_request *req)
{
	static const char *const silent[] = {"Apache", "lighttpd"};
	struct bw_str server = req->server_software;

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		size_t n = strlen(silent[i]);

		if (server.n >= n && memcmp(server.p, silent[i], n) == 0)
			return BW_STR("");
	}
	return BW_STR("unreadable\0\r\nStatus: none\r\n\r\n");
}

static void
put_sizes(
    const struct bwi_section *s, const struct bw_request *req, struct bw_buf *b)
{
	bw_buf_printf(b, "probe: %s body=%zu path=%zu query=%zu",
	    bwi_section_element(s->kind), req->body.n, req->path.n,
	    req->query.n);
}

/*
 * The verdict for undecodable requests, with the sizes as an XML comment. A
 * request with wrong credentials gets only the verdict.
 */
static bool
answer_portout(const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp)
{
	struct bw_buf *b = &resp->body;

	if (!bwi_flow_fallback(s, NULL, resp))
		return false;
	bw_buf_str(b, resp->prepared);
	bw_buf_puts(b, "<!-- ");
	put_sizes(s, req, b);
	bw_buf_puts(b, " -->\n");
	if (b->err == BW_OK)
		resp->prepared = (struct bw_str){NULL, 0};
	return true;
}

void
bwi_probe_answer(const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp)
{
	resp->type = BW_STR("probe");
	resp->status = 200;
	/*
	 * Only if authenticated: some servers stop using a responder that
	 * fails.
	 */
	if (is_outage(req) && s->credentials != NULL) {
		resp->whole = true;
		resp->prepared = outage_answer(req);
		return;
	}
	if (s->kind == BWI_SECTION_PORTOUT && answer_portout(s, req, resp))
		return;
	put_sizes(s, req, &resp->body);
	bw_buf_putc(&resp->body, '\n');
	resp->content_type = "text/plain; charset=utf-8";
	if (resp->body.err != BW_OK)
		resp->prepared = BW_STR("probe: out of memory\n");
}
