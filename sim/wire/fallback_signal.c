/* Recognises fallbacks in answers over HTTP. */
#include "sim/wire/fallback_signal.h"

#include <string.h>
#include <strings.h>

#include <bwcallback/response.h>

#include "sim/base/memory.h"

/*
 * The sentence of the document in nginx/, apache/ and contrib/. A web server
 * that was set up without the header still sends it.
 */
static const char shipped[] =
    "<Response><SpeakSentence>We are sorry, we cannot take your call at the "
    "moment. Please call again later.</SpeakSentence><Hangup/></Response>";

static bool
is_shipped(const struct bw_buf *body)
{
	const size_t n = sizeof(shipped) - 1;
	size_t end = body->n;

	while (end > 0 && strchr(" \r\n\t", body->p[end - 1]) != NULL)
		end--;
	return end >= n && memcmp(body->p + end - n, shipped, n) == 0;
}

void
sim_fallback_recognise(struct sim_reply *r, const char *header)
{
	bool flow = header != NULL && strcasecmp(header, "responder") == 0;

	if (header == NULL && !is_shipped(&r->body))
		return;
	r->fallback = true;
	r->web_server = !flow;
	r->reason = sim_copy(flow ? "the responder's log has the reason"
				  : "no responder answered it in time, or a "
				    "limit of the web server rejected it");
}
