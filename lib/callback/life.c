/* The order of the steps of a request; see life.h. */
#include "callback/life.h"
#include "base/request.h"

#include <time.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "callback/failure.h"
#include "callback/life_count.h"
#include "callback/life_parked.h"
#include "callback/life_time.h"
#include "callback/method.h"
#include "callback/probe.h"
#include "callback/refusal_count.h"
#include "config/config_internal.h"
#include "page/inspector.h"
#include "portout/notify.h"

/* Longest wait of a port-out for the check of its password, in nanoseconds. */
#define PORTOUT_WAIT INT64_C(400000000)

/* Deadline of the operator's data for deciding a port-out, from its arrival. */
#define PORTOUT_TIME INT64_C(800000000)

static const enum bw_family section_hint[] = {
#define ALSO(name, family)
#define PAGE(name, element)
#define X(name, element, family, bxml) \
	[BWI_SECTION_##name] = BW_FAMILY_##family,
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
};

static enum bwi_step
route(struct bw_callback_context *w)
{
	const struct bw_request *req = w->request;
	const struct bwi_section *s = bwi_config_route(w->config, req->path);
	struct bw_response *resp = w->response;
	struct bw_error e = {0};

	w->section = s;
	resp->head = req->method == BW_METHOD_HEAD;
	if (s != NULL) {
		bwi_life_set_priority(w, s);
		if (!w->own_store)
			w->store = s->store;
	}
	if (bwi_request_check(req, &e) != BW_OK) {
		w->unfit = true;
		if (s != NULL && s->kind == BWI_SECTION_PORTOUT)
			return BWI_STEP_AUTHENTICATE;
	} else if (s == NULL) {
		(void)bw_error_set(&e, BW_ERR_ROUTE, 0,
		    "no section of the configuration has this path");
	} else if (bwi_method_check(s, req, resp, &e)) {
		return s->inspector == NULL || bwi_inspector_admit(s, req, resp)
			   ? BWI_STEP_AUTHENTICATE
			   : BWI_STEP_DONE;
	}
	if (e.code != BW_OK)
		bw_response_fail(resp, &e);
	return BWI_STEP_DONE;
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

static bool
check_credentials(struct bw_callback_context *w, enum bw_err *err)
{
	const struct bwi_section *s = w->section;
	struct bw_response *resp = w->response;

	*err = BW_OK;
	if (w->as.p != NULL) {
		resp->user = w->as;
	} else if (s->credentials != NULL) {
		resp->realm = bwi_credentials_realm(s->credentials);
		if (!bwi_credentials_try(s->credentials, w->request,
			credentials_deadline(s, w->request), &w->auth,
			&resp->user, err, &w->error))
			return false;
	}
	if (*err == BW_OK && s->hmac != NULL)
		*err = bwi_hmac_check(s->hmac, w->request, &w->error);
	return true;
}

/* The next step of a request with valid credentials. */
static enum bwi_step
begin_authentic(struct bw_callback_context *w)
{
	const struct bwi_section *s = w->section;
	struct bw_response *resp = w->response;
	bool decides = s->kind == BWI_SECTION_PORTOUT;

	if (bwi_section_is_page(s->kind))
		return BWI_STEP_PAGE;
	if (resp->head && !decides) {
		resp->status = 204; /* the path exists; nothing else to do */
	} else if (bwi_probe_is(w->request)) {
		bwi_probe_answer(s, w->request, resp);
	} else if (decides && w->request->method != BW_METHOD_POST) {
		(void)bw_error_set(&w->error, BW_ERR_METHOD, 0,
		    "port-out: method must be POST");
		bwi_fail(s, NULL, resp, &w->error);
	} else {
		return BWI_STEP_DECODE;
	}
	return BWI_STEP_DONE;
}

/*
 * A request over a limit gets here only on a port-out path: its answer is the
 * verdict for errors, if the credentials are valid or too long to be checked.
 */
static enum bwi_step
authenticate(struct bw_callback_context *w)
{
	struct bw_error why = {0};
	enum bw_err err = BW_OK;

	if (!w->unfit || w->request->authorization.n <= BW_MAX_AUTHORIZATION) {
		if (!check_credentials(w, &err))
			return BWI_STEP_PARKED;
	}
	if (err != BW_OK) {
		if (err == BW_ERR_SIGNATURE && !w->unfit &&
		    !bwi_probe_is(w->request))
			bwi_refusal_count(w->store, w->section, w->request);
		w->refused = bw_err_status(err) == 401;
		bwi_refuse(w->section, w->response, &w->error);
		return BWI_STEP_DONE;
	}
	if (!w->unfit)
		return begin_authentic(w);
	(void)!bwi_request_check(w->request, &why);
	bwi_fail(w->section, NULL, w->response, &why);
	return BWI_STEP_DONE;
}

static enum bwi_step
page(struct bw_callback_context *w)
{
	const struct bwi_page_request r = {
	    .config = w->config,
	    .section = w->section,
	    .request = w->request,
	    .parked = bwi_life_parked(),
	};

	return bwi_page_answer(&w->page, &r, &w->parking, w->response)
		   ? BWI_STEP_DONE
		   : BWI_STEP_PARKED;
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

void
bwi_life_set_event(
    struct bw_response *resp, const struct bw_event *const *events, size_t n)
{
	resp->events = n;
	if (n == 0)
		return;
	resp->family = bw_event_family(events[0]);
	resp->type = bw_event_name(events[0]);
	bwi_journal_ids(events[0], &resp->call, &resp->message);
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

/* Of the event that is being handled. */
static enum bw_err
describe(const void *arg, struct bw_store_row *to)
{
	const struct bw_callback_context *w = arg;

	return bwi_journal_row(&w->journal, w->section, w->request,
	    w->response->user, w->events, w->n, w->i, to);
}

static void
init_handling(struct bw_callback_context *w)
{
	const struct bwi_section *s = w->section;
	const struct bw_request *req = w->request;

	w->journal = (struct bwi_journal){.handle = w->store,
	    .arena = &w->arena,
	    .parking = &w->parking,
	    .steps = &w->steps,
	    .trace = &w->trace};
	w->handling = (struct bwi_handling){
	    .arena = &w->arena,
	    .deadline = req->arrived + s->deadline,
	    .time = req->time != 0 ? req->time / 1000 : time(NULL),
	    .post = req->method == BW_METHOD_POST,
	    .parking = &w->parking,
	    .exec = &w->exec,
	    .no_programs = w->no_programs,
	    .steps = &w->steps,
	    .describe = describe,
	    .describe_arg = w,
	};
	/* A verdict must be sent within a second, whatever the data need. */
	if (s->kind == BWI_SECTION_PORTOUT)
		w->handling.deadline = bw_earlier(
		    w->handling.deadline, req->arrived + PORTOUT_TIME);
}

/* A stored event: it has a section, and needs no credentials. */
static enum bwi_step
replay(struct bw_callback_context *w)
{
	w->section = bwi_config_section(w->config, w->request->path);
	bwi_life_set_priority(w, w->section);
	return BWI_STEP_DECODE;
}

static enum bwi_step
decode(struct bw_callback_context *w)
{
	const struct bwi_section *s = w->section;
	const struct bw_request *req = w->request;
	struct bw_payload in = {
	    .content_type = req->content_type,
	    .query = req->query,
	    .body = req->body,
	    .get = req->method == BW_METHOD_GET,
	    .hint = section_hint[s->kind],
	};

	init_handling(w);
	if (check_body(req, &w->error) != BW_OK) {
		bwi_fail(s, NULL, w->response, &w->error);
		return BWI_STEP_FINISH;
	}
	if (bw_decode(w->decoder, &in, &w->events, &w->n, &w->error) != BW_OK ||
	    check_count(s, w->n, &w->error) != BW_OK) {
		w->n = 0;
		return BWI_STEP_UNPARSED;
	}
	if (w->n == 0) {
		w->response->status = 200;
		return BWI_STEP_FINISH;
	}
	bwi_life_set_event(w->response, w->events, w->n);
	return w->n == 1 && w->store != NULL ? BWI_STEP_FORESEE
					     : BWI_STEP_STORE;
}

/*
 * Most answers depend on the event and the configuration only. They are made
 * first and stored with the event: one write instead of two.
 */
static enum bwi_step
foresee(struct bw_callback_context *w)
{
	struct bw_error cause = {0};
	enum bw_err err;

	if (w->request->client_gone ||
	    !bwi_flow_foresee(w->section, w->events[0], &w->handling,
		w->response, &err, &cause))
		return BWI_STEP_STORE;
	if (err == BW_OK)
		w->journal.ahead = w->response;
	else
		bwi_response_forget(w->response);
	return BWI_STEP_STORE;
}

/*
 * A body that cannot be decoded. A re-delivery would not change it. Once it is
 * stored for inspection, an error is sent only if Bandwidth waits for the
 * content of the answer.
 */
static enum bwi_step
unparsed(struct bw_callback_context *w)
{
	const struct bwi_section *s = w->section;
	struct bw_error storing = {0};
	enum bw_err err = BW_ERR_UNSUPPORTED;

	w->unparsed = true;
	if (w->store != NULL && w->error.code != BW_ERR_NOMEM &&
	    !bwi_journal_unparsed(&w->journal, s, w->request, w->response->user,
		&w->error, &err, &storing))
		return BWI_STEP_PARKED;
	if (err == BW_OK && !bwi_section_is_bxml(s->kind) &&
	    s->kind != BWI_SECTION_PORTOUT) {
		w->response->status = 200;
		w->response->why = w->error;
	} else {
		bwi_fail(s, NULL, w->response, &w->error);
	}
	return BWI_STEP_FINISH;
}

static enum bwi_step
store(struct bw_callback_context *w)
{
	const struct bwi_section *s = w->section;
	struct bw_response *resp = w->response;
	enum bw_err err;

	if (w->request->client_gone && !w->journal.begun &&
	    bwi_journal_defer(&w->journal, s, w->request, resp->user, w->events,
		w->n, &w->error)) {
		w->repeated = true; /* no verdict to notify of */
		bw_response_fail(resp, &w->error);
		return BWI_STEP_FINISH;
	}
	if (!bwi_journal_begin(&w->journal, s, w->request, resp->user,
		w->events, w->n, &err, &w->error))
		return BWI_STEP_PARKED;
	if (err == BW_OK) {
		if (w->journal.results != NULL)
			w->handling.store = w->journal.store;
		w->i = 0;
		return BWI_STEP_REPEAT;
	}
	/* Bandwidth must send it again, whatever the cause. */
	bwi_response_forget(resp);
	resp->rule = NULL;
	bwi_fail(s, w->events[0], resp, &w->error);
	if (!resp->fallback)
		resp->status = 503;
	return BWI_STEP_FINISH;
}

/*
 * A list may contain several events. Each is handled. The first event
 * determines the answer; the first error is the result, because the sender can
 * only repeat the whole list.
 */
static struct bw_response *
response_of(struct bw_callback_context *w)
{
	return w->i == 0 ? w->response : w->other;
}

static enum bwi_step
event_failed(struct bw_callback_context *w, enum bw_err err,
    const struct bw_error *cause)
{
	if (w->error.code == BW_OK) {
		w->error = *cause;
		/* the code decides the status of the response */
		w->error.code = err;
	}
	return BWI_STEP_NEXT;
}

/* Handling an event failed: also record that. */
static enum bwi_step
handling_failed(struct bw_callback_context *w, enum bw_err err,
    const struct bw_error *cause)
{
	struct bw_response *resp = response_of(w);
	struct bw_error why = *cause;

	why.code = err;
	bwi_fail(w->section, w->events[w->i], resp, &why);
	bwi_journal_failed(&w->journal, w->i, resp);
	return event_failed(w, err, cause);
}

static bool
clear_other(struct bw_callback_context *w)
{
	if (w->other == NULL)
		w->other = bw_response_new();
	else
		bw_response_reset(w->other);
	return w->other != NULL;
}

static enum bwi_step
repeat(struct bw_callback_context *w)
{
	struct bw_error cause = {0};
	bool fresh;
	enum bw_err err = BW_OK;

	if (w->i > 0 && !w->journal.asking && !clear_other(w))
		err = bw_error_set(
		    &cause, BW_ERR_NOMEM, 0, "answer: out of memory");
	if (err != BW_OK)
		return event_failed(w, err, &cause);
	if (!bwi_journal_check_repeat(
		&w->journal, w->i, response_of(w), &fresh, &err, &cause))
		return BWI_STEP_PARKED;
	if (err != BW_OK)
		return event_failed(w, err, &cause);
	w->repeated = w->repeated || !fresh;
	if (!fresh)
		return BWI_STEP_NEXT;
	bwi_life_count_event(w);
	return w->journal.ahead != NULL ? BWI_STEP_RECORD : BWI_STEP_HANDLE;
}

static enum bwi_step
handle(struct bw_callback_context *w)
{
	struct bw_error cause = {0};
	enum bw_err err;

	if (!bwi_flow_handle(w->section, w->events[w->i], &w->handling,
		response_of(w), &err, &cause))
		return BWI_STEP_PARKED;
	return err == BW_OK ? BWI_STEP_RECORD : handling_failed(w, err, &cause);
}

static enum bwi_step
record(struct bw_callback_context *w)
{
	return bwi_journal_answered(&w->journal, w->i, response_of(w))
		   ? BWI_STEP_NEXT
		   : BWI_STEP_PARKED;
}

static enum bwi_step
next(struct bw_callback_context *w)
{
	if (++w->i < w->n)
		return BWI_STEP_REPEAT;
	if (w->error.code != BW_OK) {
		bwi_response_forget(w->response);
		bwi_fail(w->section, w->events[0], w->response, &w->error);
	}
	return BWI_STEP_FINISH;
}

/* Run the notification program, if any, for a verdict that is given now. */
static void
notify(const struct bw_callback_context *w)
{
	const struct bwi_section *s = w->section;

	if (s->notify != NULL && !w->repeated && !w->replayed && !w->quiet)
		bwi_notify_send(
		    s->notify, w->n > 0 ? w->events[0] : NULL, w->response);
}

static enum bwi_step
finish(struct bw_callback_context *w)
{
	if (!bwi_journal_end(&w->journal, w->response))
		return BWI_STEP_PARKED;
	notify(w);
	return BWI_STEP_DONE;
}

static enum bwi_step (*const steps[])(struct bw_callback_context *) = {
    [BWI_STEP_ROUTE] = route,
    [BWI_STEP_REPLAY] = replay,
    [BWI_STEP_AUTHENTICATE] = authenticate,
    [BWI_STEP_PAGE] = page,
    [BWI_STEP_DECODE] = decode,
    [BWI_STEP_UNPARSED] = unparsed,
    [BWI_STEP_FORESEE] = foresee,
    [BWI_STEP_STORE] = store,
    [BWI_STEP_REPEAT] = repeat,
    [BWI_STEP_HANDLE] = handle,
    [BWI_STEP_RECORD] = record,
    [BWI_STEP_NEXT] = next,
    [BWI_STEP_FINISH] = finish,
};

void
bwi_life_begin(struct bw_callback_context *w, enum bwi_step first)
{
	w->step = first;
	w->section = NULL;
	w->unfit = false;
	w->error = (struct bw_error){0};
	w->events = NULL;
	w->n = w->i = 0;
	w->repeated = w->refused = w->unparsed = false;
	w->replayed = first == BWI_STEP_REPLAY;
	bwi_steps_begin(&w->steps, w->request->arrived);
	w->auth.parking = &w->parking;
	w->auth.begun = false;
	bwi_page_reset(&w->page);
	w->parking.hurry = false;
	w->parking.parked = (struct bw_parked){0};
	bw_response_reset(w->response);
	bwi_arena_reset(&w->arena);
}

bool
bwi_life_continue(struct bw_callback_context *w)
{
	while (w->step != BWI_STEP_DONE) {
		enum bwi_step then;

		bwi_life_time(w);
		w->parking.parked.part = (struct bw_str){NULL, 0};
		then = steps[w->step](w);
		if (then == BWI_STEP_PARKED) {
			/*
			 * Requests without valid credentials must not use up
			 * the limit. Readers of live pages have their own.
			 */
			bwi_life_count_parked(
			    w, w->step != BWI_STEP_AUTHENTICATE &&
				   w->page.live == NULL);
			return false;
		}
		w->step = then;
	}
	bwi_life_count_parked(w, false);
	bwi_life_count(w);
	return true;
}
