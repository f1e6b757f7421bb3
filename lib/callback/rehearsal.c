/* Answers requests by a configuration, without a server. */
#include <bwcallback/tools/rehearsal.h>

#include "base/alloc.h"
#include "base/request.h"
#include "base/response.h"
#include "callback/callback.h"
#include "config/config_internal.h"
#include "flow/rule.h"

struct bw_rehearsal {
	struct bw_config *config;
	struct bw_callback_context *worker;
	struct bwi_store_handle
	    *handle;		    /* NULL: the configuration has no store */
	struct bw_decoder *decoder; /* NULL until it is needed */
	bool no_programs;
};

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "rehearsal: out of memory");
}

enum bw_err
bw_rehearsal_reset(struct bw_rehearsal *r, struct bw_error *e)
{
	struct bwi_store_handle *handle;

	if (r->config->nstores == 0)
		return BW_OK;
	handle = bwi_store_handle_alone("mem:");
	if (handle == NULL)
		return no_memory(e);
	bwi_store_handle_unref(r->handle);
	r->handle = handle;
	return BW_OK;
}

enum bw_err
bw_rehearsal_new(
    struct bw_config *config, struct bw_rehearsal **out, struct bw_error *e)
{
	struct bw_rehearsal *r = bwi_calloc(1, sizeof(*r));
	enum bw_err err;

	if (r == NULL)
		return no_memory(e);
	r->config = bw_config_ref(config);
	r->worker = bw_callback_context_new();
	err = r->worker != NULL ? bw_rehearsal_reset(r, e) : no_memory(e);
	if (err != BW_OK) {
		bw_rehearsal_free(r);
		return err;
	}
	*out = r;
	return BW_OK;
}

void
bw_rehearsal_free(struct bw_rehearsal *r)
{
	if (r == NULL)
		return;
	bwi_store_handle_unref(r->handle);
	bw_decoder_free(r->decoder);
	bw_callback_context_free(r->worker);
	bw_config_unref(r->config);
	bwi_free(r);
}

void
bw_rehearsal_answer(struct bw_rehearsal *r, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp)
{
	bwi_callback_rehearse(
	    r->worker, r->config, r->handle, as, !r->no_programs, req, resp);
}

void
bw_rehearsal_run_programs(struct bw_rehearsal *r, bool run)
{
	r->no_programs = !run;
}

/* The event of a call in a request; NULL: none, or it would get a 401. */
static const struct bw_event *
event_of(struct bw_rehearsal *r, const struct bwi_section *s, struct bw_str as,
    const struct bw_request *req)
{
	const struct bw_payload in = {
	    .content_type = req->content_type,
	    .query = req->query,
	    .body = req->body,
	    .get = req->method == BW_METHOD_GET,
	    .hint = BW_FAMILY_VOICE,
	};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	if (s->credentials != NULL && as.p == NULL &&
	    req->authorization.p == NULL)
		return NULL;
	if (r->decoder == NULL)
		r->decoder = bw_decoder_new();
	if (r->decoder == NULL ||
	    bw_decode(r->decoder, &in, &events, &n, NULL) != BW_OK || n == 0)
		return NULL;
	return events[0];
}

const char *
bw_rehearsal_program(
    struct bw_rehearsal *r, struct bw_str as, const struct bw_request *req)
{
	const struct bwi_section *s = bwi_config_route(r->config, req->path);
	const struct bw_event *event;

	if (s == NULL || bwi_section_is_page(s->kind) || !s->flow->bxml)
		return NULL;
	event = event_of(r, s, as, req);
	return event != NULL ? bwi_flow_program(s, event, req->time / 1000)
			     : NULL;
}

struct bw_store *
bw_rehearsal_store(struct bw_rehearsal *r)
{
	struct bw_store *s = NULL;

	if (r->handle == NULL ||
	    bwi_store_handle_store(r->handle, &s, NULL) != BW_OK)
		return NULL;
	return s;
}
