/*
 * The life of a request: route, authenticate, decode, store, handle, check.
 * Each step is one noun of the library; this file is only their order, and what
 * becomes of a request when a step fails.
 */
#include "callback/callback.h"

#include <time.h>

#include <bwcallback/limits.h>

#include "auth/credentials.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "callback/journal.h"
#include "callback/probe.h"
#include "callback/refusal_count.h"
#include "config/config_internal.h"
#include "flow/flow.h"
#include "portout/notify.h"

/* Nanoseconds that a port-out may wait for its credentials. */
#define PORTOUT_WAIT INT64_C(400000000)

struct bw_callback_context {
	struct bw_decoder *decoder;
	struct bwi_arena arena;
	struct bw_response rest; /* answers to all events but the first */
	bool repeated;		 /* the request was answered before */
	bool quiet;		 /* nobody is to hear of it */
};

struct bw_callback_context *
bw_callback_context_new(void)
{
	struct bw_callback_context *w = bwi_calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	bwi_arena_init(&w->arena);
	bw_response_init(&w->rest);
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
	bw_response_free(&w->rest);
	bwi_arena_free(&w->arena);
	bwi_free(w);
}

static const bool section_is_bxml[] = {
#define X(name, element, family, bxml) [BWI_SECTION_##name] = (bxml),
#include "flow/sections.def"
#undef X
};

static const enum bw_family section_hint[] = {
#define X(name, element, family, bxml) \
	[BWI_SECTION_##name] = BW_FAMILY_##family,
#include "flow/sections.def"
#undef X
};

/* Only voice and the emergency calling API ever send GET. */
static bool
takes_get(const struct bwi_section *s)
{
	return section_is_bxml[s->kind] || s->kind == BWI_SECTION_EMERGENCY;
}

static bool
check_method(const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp, struct bw_error *e)
{
	const char *allow =
	    takes_get(s) ? "GET, HEAD, POST, OPTIONS" : "POST, OPTIONS";

	/* An error would be consent: whoever may ask gets a verdict. */
	if (s->kind == BWI_SECTION_PORTOUT && req->method != BW_METHOD_OPTIONS)
		return true;
	switch (req->method) {
	case BW_METHOD_POST:
		return true;
	case BW_METHOD_GET:
	case BW_METHOD_HEAD:
		if (takes_get(s))
			return true;
		break;
	case BW_METHOD_OPTIONS:
		resp->status = 204;
		resp->allow = allow;
		return false;
	case BW_METHOD_OTHER:
		break;
	}
	resp->allow = allow;
	(void)bw_error_set(e, BW_ERR_METHOD, 0, "this path takes %s", allow);
	return false;
}

/*
 * How long a request may wait until its password is hashed: half of its time,
 * and a port-out not so long that its verdict would come after a second.
 */
static int64_t
credentials_deadline(const struct bwi_section *s, const struct bw_request *req)
{
	int64_t half = s->deadline / 2;

	if (s->kind == BWI_SECTION_PORTOUT && half > PORTOUT_WAIT)
		half = PORTOUT_WAIT;
	return req->arrived + half;
}

static enum bw_err
authenticate(const struct bwi_section *s, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp, struct bw_error *e)
{
	enum bw_err err;

	if (as.p != NULL) {
		resp->user = as;
	} else if (s->credentials != NULL) {
		resp->realm = bwi_credentials_realm(s->credentials);
		err = bwi_credentials_check(s->credentials, req,
		    credentials_deadline(s, req), &resp->user, e);
		if (err != BW_OK)
			return err;
	}
	return s->hmac != NULL ? bwi_hmac_check(s->hmac, req, e) : BW_OK;
}

static enum bw_err
check_body(const struct bw_request *req, struct bw_error *e)
{
	if (req->body_too_large) {
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "body: more than %d bytes", BW_MAX_BODY);
	}
	if (req->content_length > 0 &&
	    (uint64_t)req->content_length > req->body.n) {
		return bw_error_set(e, BW_ERR_TRUNCATED, 0,
		    "body: %zu bytes came, Content-Length is %lld", req->body.n,
		    (long long)req->content_length);
	}
	return BW_OK;
}

static enum bw_err
decode(struct bw_callback_context *w, const struct bwi_section *s,
    const struct bw_request *req, const struct bw_event *const **events,
    size_t *n, struct bw_error *e)
{
	struct bw_payload in = {
	    .content_type = req->content_type,
	    .query = req->query,
	    .body = req->body,
	    .get = req->method == BW_METHOD_GET,
	    .hint = section_hint[s->kind],
	};

	return bw_decode(w->decoder, &in, events, n, e);
}

/*
 * A list may hold several events: each is handled, the first gives the
 * answer, and the first error stands for all, since the sender can only
 * repeat the whole list.
 */
static enum bw_err
handle(struct bw_callback_context *w, const struct bwi_section *s,
    const struct bw_request *req, struct bwi_journal *k,
    const struct bw_event *const *events, size_t n, struct bw_response *resp,
    struct bw_error *e)
{
	struct bwi_handling h = {
	    .arena = &w->arena,
	    .deadline = req->arrived + s->deadline,
	    .time = req->time != 0 ? req->time / 1000 : time(NULL),
	    .post = req->method == BW_METHOD_POST,
	    .store = k->results != NULL ? k->store : NULL,
	};
	enum bw_err first = BW_OK;

	for (size_t i = 0; i < n; i++) {
		struct bw_response *r = i == 0 ? resp : &w->rest;
		struct bw_error cause = {0};
		bool fresh;
		enum bw_err err;

		if (i > 0)
			bw_response_reset(r);
		err = bwi_journal_repeat(k, i, r, &fresh, &cause);
		w->repeated = w->repeated || (err == BW_OK && !fresh);
		if (err == BW_OK && fresh) {
			err = bwi_flow_handle(s, events[i], &h, r, &cause);
			if (err == BW_OK)
				bwi_journal_answered(k, i, r);
		}
		if (err != BW_OK && first == BW_OK) {
			first = err;
			*e = cause;
			/* What it means for the request: whose fault it is. */
			e->code = err;
		}
	}
	return first;
}

/*
 * What goes out when a step failed. A port-out's silence means yes, so its
 * section's verdict goes out whatever happened. A call must not die of us, so
 * where BXML is wanted the fallback goes out for what is our fault; what is
 * malformed gets its 4xx, on which Bandwidth turns to its fallback URL.
 */
static void
fail(const struct bwi_section *s, const struct bw_event *event,
    struct bw_response *resp, const struct bw_error *e)
{
	bool ours = bw_err_status(e->code) >= 500;
	bool decides = s->kind == BWI_SECTION_PORTOUT;
	/* Until decoded, a voice path's request is taken for a waiting call. */
	bool call =
	    section_is_bxml[s->kind] &&
	    (event == NULL || bw_event_row(event)->answer == BW_ANSWER_BXML);

	if ((decides || (call && ours)) && bwi_flow_fallback(s, event, resp)) {
		resp->fallback = true;
		resp->why = *e;
		return;
	}
	bw_response_fail(resp, e);
}

static void
note_events(
    struct bw_response *resp, const struct bw_event *const *events, size_t n)
{
	resp->events = n;
	if (n == 0)
		return;
	resp->family = bw_event_family(events[0]);
	resp->type = bw_event_name(events[0]);
}

/*
 * Who it is is known only after looking, and that may fail for want of memory
 * or of a free turn to hash. A call and a port-out must not pay for it, and
 * what they get instead tells nobody anything. The same goes for a port-out
 * with wrong credentials: once a password differs here and at Bandwidth, the
 * 401 would let every number go. The challenge is sent all the same, since
 * every request begins without any.
 */
static void
refuse(const struct bwi_section *s, struct bw_response *resp,
    const struct bw_error *e)
{
	bool wrong =
	    s->kind == BWI_SECTION_PORTOUT &&
	    (e->code == BW_ERR_REJECTED || e->code == BW_ERR_SIGNATURE);

	if (wrong || bw_err_status(e->code) >= 500)
		fail(s, NULL, resp, e);
	else
		bw_response_fail(resp, e);
}

/*
 * An empty list is well-formed, so there is no reason to have it sent again;
 * but on a port-out path an answer without a verdict would be consent.
 */
static enum bw_err
check_count(const struct bwi_section *s, size_t n, struct bw_error *e)
{
	if (n > 0 || s->kind != BWI_SECTION_PORTOUT)
		return BW_OK;
	return bw_error_set(
	    e, BW_ERR_SYNTAX, 0, "an empty list is no port-out request");
}

/*
 * Nobody can read it, and sending it again changes nothing. Once it is stored
 * for somebody to look at, only who waits for an answer needs to know.
 */
static void
answer_unparsed(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_response *resp, struct bw_error *e)
{
	struct bw_error storing = {0};
	enum bw_err err = BW_ERR_UNSUPPORTED;

	if (k->keep != NULL && e->code != BW_ERR_NOMEM)
		err = bwi_journal_unparsed(k, s, req, resp->user, e, &storing);
	if (err == BW_OK && !section_is_bxml[s->kind] &&
	    s->kind != BWI_SECTION_PORTOUT) {
		resp->status = 200;
		resp->why = *e;
		return;
	}
	fail(s, NULL, resp, e);
}

static void
answer_events(struct bw_callback_context *w, const struct bwi_section *s,
    const struct bw_request *req, struct bwi_journal *k,
    const struct bw_event *const *events, size_t n, struct bw_response *resp,
    struct bw_error *e)
{
	enum bw_err err;

	if (req->client_gone &&
	    bwi_journal_leave(k, s, req, resp->user, events, n, e)) {
		w->repeated = true; /* there is no verdict to tell of */
		bw_response_fail(resp, e);
		return;
	}
	err = bwi_journal_begin(k, s, req, resp->user, events, n, e);
	if (err != BW_OK) {
		/* It has to come again, whatever it was. */
		fail(s, events[0], resp, e);
		if (!resp->fallback)
			resp->status = 503;
		return;
	}
	err = handle(w, s, req, k, events, n, resp, e);
	if (err != BW_OK)
		fail(s, events[0], resp, e);
}

/* Of a verdict somebody may want to hear, once. */
static void
tell(const struct bw_callback_context *w, const struct bwi_section *s,
    const struct bw_event *event, const struct bw_response *resp)
{
	if (s->notify != NULL && !w->repeated && !w->quiet)
		bwi_notify_send(s->notify, event, resp);
}

static void
answer_request(struct bw_callback_context *w, struct bwi_store_handle *keep,
    const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp, struct bw_error *e)
{
	struct bwi_journal k = {.keep = keep, .arena = &w->arena};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	w->repeated = false;
	if (check_body(req, e) != BW_OK) {
		fail(s, NULL, resp, e);
		tell(w, s, NULL, resp);
		return;
	}
	if (decode(w, s, req, &events, &n, e) != BW_OK ||
	    check_count(s, n, e) != BW_OK) {
		answer_unparsed(&k, s, req, resp, e);
	} else if (n == 0) {
		resp->status = 200;
	} else {
		note_events(resp, events, n);
		answer_events(w, s, req, &k, events, n, resp, e);
	}
	bwi_journal_end(&k, resp);
	tell(w, s, n > 0 ? events[0] : NULL, resp);
}

void
bw_callback_replay(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp)
{
	const struct bwi_section *s;
	struct bw_error e = {0};

	w->quiet = false;
	bw_response_reset(resp);
	bwi_arena_reset(&w->arena);
	s = bwi_config_section(config, req->path);
	if (s != NULL) {
		answer_request(w, NULL, s, req, resp, &e);
	} else {
		(void)bw_error_set(&e, BW_ERR_ROUTE, 0,
		    "no section of the configuration has this path");
		bw_response_fail(resp, &e);
	}
}

static void
answer(struct bw_callback_context *w, struct bw_config *config,
    struct bwi_store_handle *keep, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp)
{
	const struct bwi_section *s;
	struct bw_error e = {0};

	bw_response_reset(resp);
	bwi_arena_reset(&w->arena);
	resp->head = req->method == BW_METHOD_HEAD;

	s = bwi_config_route(config, req->path);
	if (s == NULL) {
		(void)bw_error_set(&e, BW_ERR_ROUTE, 0,
		    "no section of the configuration has this path");
		bw_response_fail(resp, &e);
		return;
	}
	if (!check_method(s, req, resp, &e)) {
		if (e.code != BW_OK)
			bw_response_fail(resp, &e);
		return;
	}
	if (authenticate(s, as, req, resp, &e) != BW_OK) {
		if (e.code == BW_ERR_SIGNATURE && !bwi_probe_is(req))
			bwi_refusal_count(keep, s, req);
		refuse(s, resp, &e);
		return;
	}
	if (resp->head) { /* the path is there; nothing happened */
		resp->status = 204;
		return;
	}
	if (bwi_probe_is(req)) {
		bwi_probe_answer(s, req, resp);
	} else if (s->kind == BWI_SECTION_PORTOUT &&
		   req->method != BW_METHOD_POST) {
		(void)bw_error_set(
		    &e, BW_ERR_METHOD, 0, "a port-out comes by POST");
		fail(s, NULL, resp, &e);
	} else {
		answer_request(w, keep, s, req, resp, &e);
	}
}

void
bw_callback_answer(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp)
{
	const struct bw_str nobody = {NULL, 0};

	w->quiet = false;
	answer(w, config, config->store_handle, nobody, req, resp);
}

void
bwi_callback_rehearse(struct bw_callback_context *w, struct bw_config *config,
    struct bwi_store_handle *keep, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp)
{
	w->quiet = true;
	answer(w, config, keep, as, req, resp);
}

/* Of a body that nobody can read, its beginning tells what it was to be. */
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
		note_events(resp, events, n);
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
