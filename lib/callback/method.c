/* The HTTP methods that a path accepts. */
#include "callback/method.h"

#include "base/request.h"
#include "base/response.h"

/* Of callbacks, only voice and the emergency calling API send GET. */
static bool
takes_get(const struct bwi_section *s)
{
	return bwi_section_is_bxml(s->kind) || bwi_section_is_page(s->kind) ||
	       s->kind == BWI_SECTION_EMERGENCY;
}

static bool
takes(const struct bwi_section *s, enum bw_method method)
{
	if (method == BW_METHOD_POST)
		return !bwi_section_is_page(s->kind) || s->inspector != NULL;
	return (method == BW_METHOD_GET || method == BW_METHOD_HEAD) &&
	       takes_get(s);
}

bool
bwi_method_check(const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp, struct bw_error *e)
{
	const char *allow = s->inspector != NULL	   ? "GET, HEAD, POST"
			    : bwi_section_is_page(s->kind) ? "GET, HEAD"
			    : takes_get(s) ? "GET, HEAD, POST, OPTIONS"
					   : "POST, OPTIONS";

	/*
	 * Bandwidth takes an error for consent, so a port-out goes on to
	 * authentication and gets a verdict.
	 */
	if (s->kind == BWI_SECTION_PORTOUT &&
	    (req->method != BW_METHOD_OPTIONS || req->authorization.n > 0))
		return true;
	if (takes(s, req->method))
		return true;
	if (req->method == BW_METHOD_OPTIONS && !bwi_section_is_page(s->kind)) {
		resp->status = 204;
		resp->allow = allow;
		return false;
	}
	resp->allow = allow;
	(void)bw_error_set(
	    e, BW_ERR_METHOD, 0, "request: this path accepts %s", allow);
	return false;
}
