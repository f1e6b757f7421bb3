/* One attempt at one URL: the request, the challenge, the errors. */
#include "sim/deliver/attempt.h"

#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/delivery.h>

#include "sim/base/memory.h"

#define MAX_SENTENCE 400

void
sim_attempt_init(struct sim_attempt *a)
{
	*a = (struct sim_attempt){.at_once = 1};
	for (size_t i = 0; i < SIM_MAX_AT_ONCE; i++)
		sim_reply_init(&a->replies[i]);
}

void
sim_attempt_free(struct sim_attempt *a)
{
	free(a->url);
	for (size_t i = 0; i < SIM_MAX_AT_ONCE; i++)
		sim_reply_free(&a->replies[i]);
}

bool
sim_attempt_unconnected(const struct sim_attempt *a)
{
	switch (a->replies[0].failure) {
	case SIM_FAILED_NAME:
	case SIM_FAILED_CONNECT:
	case SIM_FAILED_TLS:
		return true;
	default:
		return false;
	}
}

char *
sim_attempt_why(const struct sim_attempt *a)
{
	const struct sim_reply *r = &a->replies[0];

	if (r->failure == SIM_ANSWERED)
		return sim_format("status %d", r->status);
	return sim_copy(r->why != NULL ? r->why : "no answer");
}

void
sim_attempt_log(struct sim_world *w, const struct sim_callback *c,
    const struct sim_attempt *a, struct sim_delivery *d)
{
	bool get = a->method != NULL && strcmp(a->method, "GET") == 0;
	struct sim_log_entry entry = {
	    .kind = SIM_LOG_CALLBACK,
	    .call = c->about,
	    .name = c->event,
	    .delivery = d,
	};

	d->event = c->event;
	d->about = c->about;
	d->attempts = a->n;
	d->url = a->url;
	d->method = a->method;
	d->payload = get ? &c->query : &c->body;
	d->reply = &a->replies[0];
	d->unasked = d->delivered && a->unasked;
	sim_world_log(w, &entry);
}

static int64_t
timeout_of(const struct sim_world *w, const struct sim_callback *c)
{
	if (c->timeout > 0)
		return c->timeout;
	switch (c->family) {
	case BW_FAMILY_VOICE:
	case BW_FAMILY_CONFERENCE:
		return w->options.callback_timeout;
	case BW_FAMILY_MESSAGING:
	case BW_FAMILY_MFA:
	case BW_FAMILY_LEGACY_V1:
		return 10000;
	case BW_FAMILY_PORTOUT:
		return 30000;
	case BW_FAMILY_EMERGENCY:
		return 450;
	default: /* undocumented: the same as for calls */
		return 15000;
	}
}

static void
send_all(struct sim_world *w, const struct sim_callback *c,
    struct sim_attempt *a, const struct sim_request *q, size_t n)
{
	sim_wire_send_at_once(w->wire, q, a->replies, n);
	a->at_once = n;
	for (size_t i = 0; i < n; i++) {
		struct sim_log_entry entry = {
		    .kind = SIM_LOG_REQUEST,
		    .call = c->about,
		    .name = c->event,
		    .request = q,
		    .reply = &a->replies[i],
		};

		sim_world_log(w, &entry);
	}
}

/* The effect of a 2xx; BW_STATUS_TAKEN for any other status. */
static enum bw_status_effect
effect_of(const struct sim_callback *c, const struct sim_reply *r)
{
	if (r->failure != SIM_ANSWERED || r->status / 100 != 2)
		return BW_STATUS_TAKEN;
	return bw_delivery_effect(
	    bw_event_type_of(c->family, c->event), r->status);
}

/* For emergency calls a redirect is success, too. */
static bool
is_success(const struct sim_world *w, const struct sim_callback *c,
    const struct sim_reply *r)
{
	int first = w->options.redirects_fail ? 300 : 400;

	if (r->failure != SIM_ANSWERED)
		return false;
	if (c->family == BW_FAMILY_EMERGENCY)
		first = 304;
	return effect_of(c, r) != BW_STATUS_FAILED && r->status >= 200 &&
	       r->status < first;
}

/* Does the 401 allow a second request with credentials? Reports why not. */
static bool
check_challenge(struct sim_world *w, const struct sim_callback *c,
    const struct sim_target *t, const struct sim_attempt *a)
{
	const struct sim_reply *r = &a->replies[0];

	if (r->challenge == NULL) {
		sim_world_report(w, c->about, c->event, a->url,
		    BW_SEVERITY_ERROR,
		    "401 without WWW-Authenticate: Bandwidth sends no second "
		    "request with credentials, so the callback failed");
		return false;
	}
	if (strcasestr(r->challenge, "Basic") == NULL) {
		sim_world_report(w, c->about, c->event, a->url,
		    BW_SEVERITY_ERROR,
		    "401 without a Basic challenge: Bandwidth supports only "
		    "Basic, so the callback failed");
		return false;
	}
	if (t->user == NULL) {
		sim_world_report(w, c->about, c->event, a->url,
		    BW_SEVERITY_ERROR,
		    "401, but this URL has no credentials: give username and "
		    "password with the URL");
		return false;
	}
	return true;
}

/* Report a 2xx that counts as failed or is not documented. */
static void
report_effect(struct sim_world *w, const struct sim_callback *c,
    const struct sim_attempt *a, enum bw_status_effect effect)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_SENTENCE);
	bw_delivery_explain(bw_event_type_of(c->family, c->event), effect, &b);
	sim_world_report(w, c->about, c->event, a->url,
	    effect == BW_STATUS_FAILED ? BW_SEVERITY_ERROR
				       : BW_SEVERITY_WARNING,
	    "%d: %.*s", a->replies[0].status, (int)b.n, b.n != 0 ? b.p : "");
	bw_buf_free(&b);
}

/* Reports why the answer counts as failed. */
static void
report_failure(struct sim_world *w, const struct sim_callback *c,
    const struct sim_attempt *a)
{
	const struct sim_reply *r = &a->replies[0];

	if (r->failure != SIM_ANSWERED)
		return;
	if (r->status == 401) {
		sim_world_report(w, c->about, c->event, a->url,
		    BW_SEVERITY_ERROR,
		    c->family == BW_FAMILY_TFV && c->signature == NULL
			? "401 to the request with credentials: the "
			  "application expects others, or a signature"
			: "401 to the request with credentials: the "
			  "application does not accept them");
	} else if (effect_of(c, r) != BW_STATUS_TAKEN) {
		report_effect(w, c, a, effect_of(c, r));
	} else if (r->status >= 300 && r->status < 400 &&
		   c->family != BW_FAMILY_EMERGENCY) {
		sim_world_report(w, c->about, c->event, a->url,
		    w->options.redirects_fail ? BW_SEVERITY_ERROR
					      : BW_SEVERITY_WARNING,
		    "%d: Bandwidth does not document redirects of callbacks: "
		    "never answer with one",
		    r->status);
	}
}

static bool
is_same(const struct sim_reply *a, const struct sim_reply *b)
{
	return a->failure == b->failure && a->status == b->status &&
	       a->body.n == b->body.n &&
	       (a->body.n == 0 || memcmp(a->body.p, b->body.p, a->body.n) == 0);
}

/* Bandwidth's choice between different answers is undefined. */
static void
report_differences(struct sim_world *w, const struct sim_callback *c,
    const struct sim_attempt *a)
{
	for (size_t i = 1; i < a->at_once; i++) {
		if (is_same(&a->replies[0], &a->replies[i]))
			continue;
		sim_world_report(w, c->about, c->event, a->url,
		    BW_SEVERITY_ERROR,
		    "the same callback, delivered %zu times at once, got "
		    "different answers",
		    a->at_once);
		return;
	}
}

static bool
finish_exchange(struct sim_world *w, const struct sim_callback *c,
    const struct sim_attempt *a)
{
	report_differences(w, c, a);
	report_failure(w, c, a);
	return is_success(w, c, &a->replies[0]);
}

/*
 * Report a 2xx to the request without credentials. The responder would have
 * sent a 401, so another program answered.
 */
static bool
finish_unasked(struct sim_world *w, const struct sim_callback *c,
    const struct sim_target *t, struct sim_attempt *a)
{
	const struct sim_reply *r = &a->replies[0];

	if (is_success(w, c, r) && t->password != NULL && !r->fallback) {
		a->unasked = true;
		sim_world_report(w, c->about, c->event, a->url,
		    BW_SEVERITY_WARNING,
		    "%d: answered without asking for credentials: the web "
		    "server answered in place of the application, or this URL "
		    "has credentials that nothing checks",
		    r->status);
	}
	return finish_exchange(w, c, a);
}

/* The URL of a GET callback: the query is appended to an existing one. */
static char *
add_query(const char *url, struct bw_str query)
{
	const char *mark = strchr(url, '?');
	const char *between = "?";

	if (query.n == 0)
		return sim_copy(url);
	if (mark != NULL)
		between = mark[1] != '\0' ? "&" : "";
	return sim_format("%s%s%.*s", url, between, (int)query.n, query.p);
}

/*
 * Both requests of the challenge share one time budget. Emergency callbacks
 * have no time for a challenge: credentials go with the first request.
 */
static bool
exchange(struct sim_world *w, const struct sim_callback *c,
    const struct sim_target *t, struct sim_attempt *a, struct sim_request *q)
{
	const struct sim_reply *r = &a->replies[0];
	size_t n =
	    w->options.duplicates > 1 ? (size_t)w->options.duplicates : 1;

	if (n > SIM_MAX_AT_ONCE)
		n = SIM_MAX_AT_ONCE;
	if (t->user != NULL && w->options.challenge &&
	    c->family != BW_FAMILY_EMERGENCY) {
		send_all(w, c, a, q, n);
		if (r->failure != SIM_ANSWERED || r->status != 401)
			return finish_unasked(w, c, t, a);
		if (!check_challenge(w, c, t, a))
			return false;
		q->timeout -= r->took / 1000;
		if (q->timeout < 1)
			q->timeout = 1;
	}
	q->user = t->user;
	q->password = t->password;
	send_all(w, c, a, q, n);
	if (t->user == NULL && r->failure == SIM_ANSWERED && r->status == 401)
		return check_challenge(w, c, t, a);
	return finish_exchange(w, c, a);
}

static void
begin_attempt(struct sim_attempt *a)
{
	a->n++;
	for (size_t i = 0; i < a->at_once; i++)
		sim_reply_reset(&a->replies[i]);
	a->at_once = 1;
	a->unasked = false;
	free(a->url);
	a->url = NULL;
}

bool
sim_attempt(struct sim_world *w, const struct sim_callback *c,
    const struct sim_target *t, struct sim_attempt *a)
{
	struct sim_request q = {
	    .signature_name = c->signature_name,
	    .signature = c->signature,
	    .time = sim_world_now(w),
	    .timeout = timeout_of(w, c),
	};
	char *url;
	bool delivered;

	begin_attempt(a);
	a->method = t->method != NULL ? t->method
		    : w->options.get  ? "GET"
				      : "POST";
	a->url = sim_url_resolve(c->base, t->url);
	if (a->url == NULL) {
		a->replies[0].failure = SIM_FAILED_URL;
		a->replies[0].why = sim_format("%.200s: not a URL", t->url);
		sim_world_report(w, c->about, c->event, c->base,
		    BW_SEVERITY_ERROR, "%.200s: not an http or https URL",
		    t->url);
		return false;
	}
	q.method = a->method;
	if (strcmp(a->method, "GET") == 0) {
		url = add_query(a->url, c->query);
	} else {
		url = sim_copy(a->url);
		q.type = c->type;
		q.body = c->body;
	}
	q.url = url;
	delivered = exchange(w, c, t, a, &q);
	free(url);
	return delivered;
}
