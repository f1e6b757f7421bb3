/*
 * The life of a request: route, authenticate, decode, store, handle, check.
 * This file only has the order of the steps, and the answer when a step fails.
 */
#include "callback/callback.h"
#include "base/request.h"
#include "base/response.h"

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

/* Longest wait of a port-out for the check of its password, in nanoseconds. */
#define PORTOUT_WAIT INT64_C(400000000)

struct bw_callback_context {
	struct bw_decoder *decoder;
	struct bwi_arena arena;
	struct bw_response other; /* response of every event but the first */
	bool repeated;		  /* a re-delivery, or not handled */
	bool quiet;		  /* do not notify */
};

struct bw_callback_context *
bw_callback_context_new(void)
{
	struct bw_callback_context *w = bwi_calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	bwi_arena_init(&w->arena);
	bwi_response_init(&w->other);
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
	bwi_response_release(&w->other);
	bwi_arena_free(&w->arena);
	bwi_free(w);
}

static const bool section_is_bxml[] = {
#define ALSO(name, family)
#define X(name, element, family, bxml) [BWI_SECTION_##name] = (bxml),
#include "flow/sections.def"
#undef X
#undef ALSO
};

static const enum bw_family section_hint[] = {
#define ALSO(name, family)
#define X(name, element, family, bxml) \
	[BWI_SECTION_##name] = BW_FAMILY_##family,
#include "flow/sections.def"
#undef X
#undef ALSO
};

/* Only voice and the emergency calling API send GET. */
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

	/*
	 * Bandwidth takes an error for consent, so a port-out goes on to
	 * authentication and gets a verdict.
	 */
	if (s->kind == BWI_SECTION_PORTOUT &&
	    (req->method != BW_METHOD_OPTIONS || req->authorization.n > 0))
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
	(void)bw_error_set(
	    e, BW_ERR_METHOD, 0, "request: this path accepts %s", allow);
	return false;
}

/*
 * How long a request may wait for its password to be hashed: half of its time;
 * for a port-out less, because its verdict must be out within a second.
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
	if (req->fault != BW_OK)
		return bw_error_set(e, req->fault, 0, "%s", req->fault_text);
	if (req->body_too_large) {
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "body: at most %d bytes are allowed", BW_MAX_BODY);
	}
	if (req->content_length > 0 &&
	    (uint64_t)req->content_length > req->body.n) {
		return bw_error_set(e, BW_ERR_TRUNCATED, 0,
		    "body: %zu bytes arrived, Content-Length is %lld",
		    req->body.n, (long long)req->content_length);
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
 * A list may contain several events. Each is handled. The first event
 * determines the answer; the first error is the result, because the sender can
 * only repeat the whole list.
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
		struct bw_response *r = i == 0 ? resp : &w->other;
		struct bw_error cause = {0};
		bool fresh;
		enum bw_err err;

		if (i > 0)
			bw_response_reset(r);
		err = bwi_journal_check_repeat(k, i, r, &fresh, &cause);
		w->repeated = w->repeated || (err == BW_OK && !fresh);
		if (err == BW_OK && fresh) {
			err = bwi_flow_handle(s, events[i], &h, r, &cause);
			if (err == BW_OK)
				bwi_journal_answered(k, i, r);
		}
		if (err != BW_OK && first == BW_OK) {
			first = err;
			*e = cause;
			/* the code decides the status of the response */
			e->code = err;
		}
	}
	return first;
}

/*
 * The answer when a step failed. A port-out section always sends its verdict,
 * because Bandwidth takes silence for consent. A call must not end because of
 * an error of ours: where BXML is expected, a 5xx becomes the fallback
 * document. A malformed request gets its 4xx, and Bandwidth then uses its
 * fallback URL.
 */
static void
fail(const struct bwi_section *s, const struct bw_event *event,
    struct bw_response *resp, const struct bw_error *e)
{
	bool ours = bw_err_status(e->code) >= 500;
	bool decides = s->kind == BWI_SECTION_PORTOUT;
	/* An undecoded request to a voice path counts as a waiting call. */
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
set_event_type(
    struct bw_response *resp, const struct bw_event *const *events, size_t n)
{
	resp->events = n;
	if (n == 0)
		return;
	resp->family = bw_event_family(events[0]);
	resp->type = bw_event_name(events[0]);
}

/*
 * The answer when authentication fails. Authentication itself can fail (out of
 * memory, hash limiter full). Then a call or a port-out gets its fallback,
 * which reveals nothing. So does a port-out with wrong credentials: if the
 * password here and at Bandwidth differed, a 401 would let every number go.
 * Missing credentials always get the challenge, because every first request
 * comes without.
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
 * An empty list is well-formed, so a re-delivery would not help. On a port-out
 * path it is an error, because an answer without a verdict would be consent.
 */
static enum bw_err
check_count(const struct bwi_section *s, size_t n, struct bw_error *e)
{
	if (n > 0 || s->kind != BWI_SECTION_PORTOUT)
		return BW_OK;
	return bw_error_set(
	    e, BW_ERR_SYNTAX, 0, "port-out: the list of requests is empty");
}

/*
 * Answer a body that cannot be decoded. A re-delivery would not change it. Once
 * it is stored for inspection, an error is sent only if Bandwidth waits for the
 * content of the answer.
 */
static void
answer_unparsed(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_response *resp, struct bw_error *e)
{
	struct bw_error storing = {0};
	enum bw_err err = BW_ERR_UNSUPPORTED;

	if (k->handle != NULL && e->code != BW_ERR_NOMEM)
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
	    bwi_journal_defer(k, s, req, resp->user, events, n, e)) {
		w->repeated = true; /* no verdict to notify of */
		bw_response_fail(resp, e);
		return;
	}
	err = bwi_journal_begin(k, s, req, resp->user, events, n, e);
	if (err != BW_OK) {
		/* Bandwidth must send it again, whatever the cause. */
		fail(s, events[0], resp, e);
		if (!resp->fallback)
			resp->status = 503;
		return;
	}
	err = handle(w, s, req, k, events, n, resp, e);
	if (err != BW_OK)
		fail(s, events[0], resp, e);
}

/* Run the notification program, if any; not for a re-delivery. */
static void
notify(const struct bw_callback_context *w, const struct bwi_section *s,
    const struct bw_event *event, const struct bw_response *resp)
{
	if (s->notify != NULL && !w->repeated && !w->quiet)
		bwi_notify_send(s->notify, event, resp);
}

static void
answer_request(struct bw_callback_context *w, struct bwi_store_handle *store,
    const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp, struct bw_error *e)
{
	struct bwi_journal k = {.handle = store, .arena = &w->arena};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	w->repeated = false;
	if (check_body(req, e) != BW_OK) {
		fail(s, NULL, resp, e);
		notify(w, s, NULL, resp);
		return;
	}
	if (decode(w, s, req, &events, &n, e) != BW_OK ||
	    check_count(s, n, e) != BW_OK) {
		answer_unparsed(&k, s, req, resp, e);
	} else if (n == 0) {
		resp->status = 200;
	} else {
		set_event_type(resp, events, n);
		answer_events(w, s, req, &k, events, n, resp, e);
	}
	bwi_journal_end(&k, resp);
	notify(w, s, n > 0 ? events[0] : NULL, resp);
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

/* Answer a request with valid credentials. */
static void
answer_authentic(struct bw_callback_context *w, struct bwi_store_handle *store,
    const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp)
{
	bool decides = s->kind == BWI_SECTION_PORTOUT;
	struct bw_error e = {0};

	if (resp->head && !decides) {
		resp->status = 204; /* the path exists; nothing else to do */
	} else if (bwi_probe_is(req)) {
		bwi_probe_answer(s, req, resp);
	} else if (decides && req->method != BW_METHOD_POST) {
		(void)bw_error_set(
		    &e, BW_ERR_METHOD, 0, "port-out: method must be POST");
		fail(s, NULL, resp, &e);
	} else {
		answer_request(w, store, s, req, resp, &e);
	}
}

/*
 * Answer a request without a method or over a limit. On a port-out path the
 * answer is the verdict for errors, if the credentials are valid or too long to
 * be checked.
 */
static void
answer_unfit(const struct bwi_section *s, const struct bw_request *req,
    struct bw_response *resp, const struct bw_error *why)
{
	const struct bw_str no_user = {NULL, 0};
	struct bw_error e = {0};

	if (s == NULL || s->kind != BWI_SECTION_PORTOUT)
		bw_response_fail(resp, why);
	else if (req->authorization.n <= BW_MAX_AUTHORIZATION &&
		 authenticate(s, no_user, req, resp, &e) != BW_OK)
		refuse(s, resp, &e);
	else
		fail(s, NULL, resp, why);
}

static void
answer(struct bw_callback_context *w, struct bw_config *config,
    struct bwi_store_handle *store, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp)
{
	const struct bwi_section *s = bwi_config_route(config, req->path);
	struct bw_error e = {0};

	bw_response_reset(resp);
	bwi_arena_reset(&w->arena);
	resp->head = req->method == BW_METHOD_HEAD;
	if (bwi_request_check(req, &e) != BW_OK) {
		answer_unfit(s, req, resp, &e);
	} else if (s == NULL) {
		(void)bw_error_set(&e, BW_ERR_ROUTE, 0,
		    "no section of the configuration has this path");
		bw_response_fail(resp, &e);
	} else if (!check_method(s, req, resp, &e)) {
		if (e.code != BW_OK)
			bw_response_fail(resp, &e);
	} else if (authenticate(s, as, req, resp, &e) != BW_OK) {
		if (e.code == BW_ERR_SIGNATURE && !bwi_probe_is(req))
			bwi_refusal_count(store, s, req);
		refuse(s, resp, &e);
	} else {
		answer_authentic(w, store, s, req, resp);
	}
}

void
bw_callback_answer(struct bw_callback_context *w, struct bw_config *config,
    const struct bw_request *req, struct bw_response *resp)
{
	const struct bw_str no_user = {NULL, 0};

	w->quiet = false;
	answer(w, config, config->store_handle, no_user, req, resp);
}

void
bwi_callback_rehearse(struct bw_callback_context *w, struct bw_config *config,
    struct bwi_store_handle *store, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp)
{
	w->quiet = true;
	answer(w, config, store, as, req, resp);
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
		set_event_type(resp, events, n);
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
