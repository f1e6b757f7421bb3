/* Answering callbacks: the entry points. */
#include "callback/callback.h"
#include "base/request.h"
#include "base/response.h"

#include <bwcallback/tools/parked.h>
#include <bwcallback/tools/rehearsal.h>

#include "base/alloc.h"
#include "callback/life.h"
#include "callback/sync_wait.h"
#include "config/config_internal.h"
#include "flow/flow.h"
#include "page/live.h"

struct bw_callback_context *
bw_callback_context_new(void)
{
	struct bw_callback_context *w = bwi_calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	bwi_arena_init(&w->arena);
	bw_buf_init(&w->trace, BW_STORE_MAX_TRACE);
	bwi_page_init(&w->page);
	w->decoder = bw_decoder_new();
	if (w->decoder == NULL) {
		bw_callback_context_free(w);
		return NULL;
	}
	return w;
}

void
bw_callback_context_free(struct bw_callback_context *w)
{
	if (w == NULL)
		return;
	bw_decoder_free(w->decoder);
	bwi_page_reset(&w->page);
	bw_response_free(w->other);
	bw_buf_free(&w->trace);
	bwi_arena_free(&w->arena);
	bwi_free(w);
}

static void
set_request(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp)
{
	w->config = config;
	w->store = NULL;
	w->own_store = false;
	w->as = (struct bw_str){NULL, 0};
	w->quiet = false;
	w->no_programs = false;
	w->request = req;
	w->response = resp;
}

bool
bw_callback_begin(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp,
    const struct bw_waker *waker)
{
	w->parking.waker = *waker;
	set_request(w, config, req, resp);
	bwi_life_begin(w, BWI_STEP_ROUTE);
	return bwi_life_continue(w);
}

bool
bw_callback_continue(struct bw_callback_context *w)
{
	return bwi_life_continue(w);
}

const struct bw_parked *
bw_callback_parked(const struct bw_callback_context *w)
{
	return &w->parking.parked;
}

void
bw_callback_give_up(struct bw_callback_context *w)
{
	w->parking.hurry = true;
	w->auth.until = 0;
	w->journal.until = 0;
	w->journal.until_first = 0;
	w->handling.deadline = 0;
	if (w->exec.run != NULL)
		w->exec.run->process.deadline = 0;
	w->page.until = 0;
}

void
bw_callback_end_parts(void)
{
	bwi_live_end();
}

/* Answer on this thread, which waits whenever the request does. */
static void
answer(struct bw_callback_context *w, enum bwi_step first)
{
	struct bwi_sync_wait wait;

	bwi_sync_wait_init(&wait, &w->parking.waker);
	bwi_life_begin(w, first);
	while (!bwi_life_continue(w)) {
		bwi_journal_hurry(&w->journal);
		bwi_sync_wait(&wait, &w->parking.parked);
	}
	bwi_sync_wait_destroy(&wait);
}

/* Answer a stored event. The members that say how are set. */
static void
replay(struct bw_callback_context *w)
{
	const struct bwi_section *s =
	    bwi_config_section(w->config, w->request->path);
	struct bw_response *resp = w->response;
	struct bw_error e = {0};

	if (s != NULL && !bwi_section_is_page(s->kind)) {
		answer(w, BWI_STEP_REPLAY);
		return;
	}
	bw_response_reset(resp);
	(void)bw_error_set(&e, BW_ERR_ROUTE, 0,
	    "no section of the configuration has this path");
	bw_response_fail(resp, &e);
}

void
bw_callback_replay(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp)
{
	set_request(w, config, req, resp);
	replay(w);
}

void
bw_callback_replay_alone(struct bw_callback_context *w,
    struct bw_config *config, const struct bw_request *req,
    struct bw_response *resp)
{
	set_request(w, config, req, resp);
	w->quiet = true;
	w->no_programs = true;
	replay(w);
}

void
bwi_callback_rehearse(struct bw_callback_context *w, struct bw_config *config,
    struct bwi_store_handle *store, struct bw_str as, bool programs,
    const struct bw_request *req, struct bw_response *resp)
{
	set_request(w, config, req, resp);
	w->store = store;
	w->own_store = true;
	w->as = as;
	w->quiet = true;
	w->no_programs = !programs;
	answer(w, BWI_STEP_ROUTE);
}

void
bw_callback_answer(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp)
{
	set_request(w, config, req, resp);
	answer(w, BWI_STEP_ROUTE);
}

/* Does an undecodable body contain the root element of a port-out? */
static bool
is_portout(const struct bw_request *req)
{
	static const char root[] = "PortOutValidationRequest";

	return req->body.n > 0 &&
	       memmem(req->body.p, req->body.n, root, sizeof(root) - 1) != NULL;
}

void
bw_callback_answer_without_config(struct bw_callback_context *w,
    const struct bw_request *req, const struct bw_error *why,
    struct bw_response *resp)
{
	struct bw_payload in = {
	    .content_type = req->content_type,
	    .query = req->query,
	    .body = req->body,
	    .get = req->method == BW_METHOD_GET,
	};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	bw_response_reset(resp);
	bwi_arena_reset(&w->arena);
	resp->head = req->method == BW_METHOD_HEAD;
	if (bw_decode(w->decoder, &in, &events, &n, NULL) == BW_OK && n > 0) {
		bwi_life_set_event(resp, events, n);
		if (bwi_flow_answer_without_config(events[0], resp)) {
			resp->why = *why;
			return;
		}
	} else if (is_portout(req)) {
		bwi_flow_refuse_portout(resp);
		resp->why = *why;
		return;
	}
	bw_response_fail(resp, why);
}
