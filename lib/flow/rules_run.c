/* Answering an event by a section's rules. */
#include <time.h>

#include "base/response.h"
#include "bxml/language.h"
#include "data/locations.h"
#include "event/event.h"
#include "flow/answer_module.h"
#include "flow/answer_program.h"
#include "flow/rule.h"
#include "portout/judge.h"

static const char bxml_type[] = "application/xml; charset=utf-8";
static const char verdict_type[] = BWI_PORTOUT_CONTENT_TYPE;

/* The default fallback. */
static const char apology[] =
    "<Response><SpeakSentence>We are sorry, your call cannot be answered at "
    "the moment. Please try again later.</SpeakSentence><Hangup/></Response>";

/* For a call in a section without a fallback, which expects no calls. */
static const char stray_call[] = "<Response><Hangup/></Response>";

static bool
match_type(const struct bwi_rule *r, const struct bw_event *event,
    const struct bw_event_type *row, size_t index)
{
	if (r->any || (r->rows[index / 64] >> index % 64 & 1) != 0)
		return true;
	return row == bwi_event_type_other(row->family) &&
	       bwi_pattern_match(r->event, bw_event_name(event));
}

static bool
match_value(const void *pattern, struct bw_str value)
{
	return bwi_pattern_match(pattern, value);
}

static bool
match_rule(const struct bwi_rule *r, const struct bw_event *event, int64_t now)
{
	for (size_t i = 0; i < r->nconditions; i++) {
		const struct bwi_condition *c = &r->conditions[i];

		if (!bwi_event_any(event, c->field, match_value, c->value))
			return false;
	}
	return bwi_rule_time_match(r, now);
}

static const struct bwi_rule *
find_rule(
    const struct bwi_flow *flow, const struct bw_event *event, int64_t now)
{
	const struct bw_event_type *row = bw_event_row(event);
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < flow->nrules; i++) {
		const struct bwi_rule *r = &flow->rules[i];

		if (match_type(r, event, row, (size_t)(row - types)) &&
		    match_rule(r, event, now))
			return r;
	}
	return NULL;
}

/*
 * Is a document that is allowed in the fit contexts allowed in the answer to
 * this event?
 */
static bool
may_answer(unsigned fit, const struct bw_event *event)
{
	const char *name = event != NULL ? bw_event_row(event)->name : "";
	enum bwi_bxml_context context =
	    bwi_bxml_context((struct bw_str){name, strlen(name)});

	return context == BWI_BXML_NOTHING || (fit >> context & 1) != 0;
}

struct bw_str
bwi_flow_default_fallback(void)
{
	return BW_STR(apology);
}

bool
bwi_flow_answer_without_config(
    const struct bw_event *event, struct bw_response *resp)
{
	switch (bw_event_row(event)->answer) {
	case BW_ANSWER_BXML:
		resp->prepared = bwi_flow_default_fallback();
		resp->content_type = bxml_type;
		break;
	case BW_ANSWER_PORTOUT:
		bwi_flow_refuse_portout(resp);
		return true;
	default:
		return false;
	}
	resp->status = 200;
	resp->fallback = true;
	return true;
}

void
bwi_flow_refuse_portout(struct bw_response *resp)
{
	resp->prepared = bwi_portout_verdict_deny()->whole;
	resp->content_type = verdict_type;
	resp->status = 200;
	resp->fallback = true;
}

bool
bwi_flow_fallback(const struct bwi_section *s, const struct bw_event *event,
    struct bw_response *resp)
{
	const struct bwi_flow *flow = s->flow;

	if (flow->fallback.p != NULL) {
		resp->prepared = may_answer(flow->fallback_fit, event)
				     ? flow->fallback
				     : BW_STR(stray_call);
		resp->content_type = bxml_type;
	} else if (flow->portout_verdict.whole.p != NULL) {
		resp->prepared = flow->portout_verdict.whole;
		resp->content_type = verdict_type;
	} else {
		return false;
	}
	resp->status = 200;
	return true;
}

static enum bw_err
answer_verdict(const struct bwi_portout_verdict *v,
    const struct bw_event *event, struct bw_response *resp, struct bw_error *e)
{
	struct bw_str pon = {NULL, 0};

	(void)bw_event_get(event, BW_STR("PON"), &pon);
	bwi_portout_verdict_write(v, pon, &resp->body);
	if (resp->body.err != BW_OK) {
		enum bw_err err = resp->body.err;

		bw_buf_reset(&resp->body);
		return bw_error_set(
		    e, err, 0, "port-out: %s", bw_strerror(err));
	}
	resp->status = 200;
	resp->content_type = verdict_type;
	return BW_OK;
}

/* Decide by the operator's subscriber data. */
static enum bw_err
answer_subscribers(const struct bwi_section *s, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, struct bw_error *e)
{
	const struct bwi_portout_history history = {h->store, s->path};
	enum bw_err err;

	bwi_parking_slow(h->parking);
	err = bwi_portout_decide(
	    s->portout, event, h->arena, &history, h->deadline, &resp->body, e);
	if (err != BW_OK)
		return err;
	resp->status = 200;
	resp->content_type = verdict_type;
	return BW_OK;
}

/* Look up the caller's location in memory; this needs no deadline. */
static enum bw_err
answer_locations(const struct bwi_section *s, const struct bw_event *event,
    struct bw_response *resp, struct bw_error *e)
{
	struct bw_str from = {NULL, 0};
	bool found = false;
	enum bw_err err;

	(void)bw_event_get(event, BW_STR("from"), &from);
	err = bwi_locations_find(s->locations, from, &resp->body, &found, e);
	if (err != BW_OK) {
		bw_buf_reset(&resp->body);
		return err;
	}
	resp->status = found ? 200 : s->unknown;
	if (found)
		resp->content_type = "application/json";
	return BW_OK;
}

/* Why the fallback answers: no rule matched. */
static void
explain_fallback(const struct bwi_flow *flow, const struct bw_event *event,
    struct bw_error *why)
{
	const struct bw_event_type *row = bw_event_row(event), *types;
	struct bw_str name = bw_event_name(event);
	size_t n, i = 0;

	types = bw_event_types(&n);
	while (i < flow->nrules &&
	       !match_type(&flow->rules[i], event, row, (size_t)(row - types)))
		i++;
	(void)bw_error_set(why, BW_ERR_CONFIG, 0,
	    i < flow->nrules ? "no <on> of the section for \"%.*s\" matches: "
			       "check its hours and fields"
			     : "no <on> of the section is for \"%.*s\"",
	    (int)(name.n < 60 ? name.n : 60), name.p);
}

/*
 * No rule matches: use the section's data, or the default of the event's row.
 */
static enum bw_err
answer_default(const struct bwi_section *s, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, struct bw_error *e)
{
	const struct bw_event_type *row = bw_event_row(event);
	bool portout = s->kind == BWI_SECTION_PORTOUT;

	if (s->portout != NULL && row->answer == BW_ANSWER_PORTOUT)
		return answer_subscribers(s, event, h, resp, e);
	/*
	 * Everything in a portout section is answered as a port-out, even if it
	 * was not recognized as one.
	 */
	if (portout || row->answer == BW_ANSWER_PORTOUT)
		return answer_verdict(portout ? &s->flow->portout_verdict
					      : bwi_portout_verdict_deny(),
		    event, resp, e);
	if (s->locations != NULL && row->answer == BW_ANSWER_JSON)
		return answer_locations(s, event, resp, e);
	if (row->answer != BW_ANSWER_BXML) {
		resp->status = row->status;
		return BW_OK;
	}
	if (!s->flow->bxml || !bwi_flow_fallback(s, event, resp)) {
		resp->prepared = BW_STR(stray_call);
		resp->content_type = bxml_type;
		resp->status = 200;
	}
	resp->fallback = true;
	explain_fallback(s->flow, event, &resp->why);
	return BW_OK;
}

static enum bw_err
render(const struct bwi_action *a, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, struct bw_error *e)
{
	enum bw_err err;

	if (a->prepared) {
		resp->prepared = bwi_template_text(a->text);
		return BW_OK;
	}
	err = bwi_template_render(a->text, event, h->arena, &resp->body, e);
	if (err != BW_OK)
		bw_buf_reset(&resp->body);
	/* An answer too large for Bandwidth is our error, not the sender's. */
	return err == BW_ERR_LIMIT ? BW_ERR_BXML : err;
}

/* A call gets the fallback; a conference continues without an answer. */
static enum bw_err
refuse_response(const struct bw_event_type *row, struct bw_response *resp,
    struct bw_error *e)
{
	bool waits = row->answer == BW_ANSWER_BXML;
	enum bw_err err;

	err = bw_error_set(waits ? e : &resp->why, BW_ERR_BXML, 0,
	    "answer: it has verbs that are not allowed after %s", row->name);
	if (waits)
		return err;
	resp->status = row->status;
	resp->fallback = true;
	return BW_OK;
}

static enum bw_err
answer_response(const struct bwi_action *a, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, struct bw_error *e)
{
	const struct bw_event_type *row = bw_event_row(event);
	enum bw_err err;

	/* The event expects a status only, so BXML would be ignored. */
	if (row->answer != BW_ANSWER_BXML &&
	    row->answer != BW_ANSWER_BXML_OR_NONE) {
		resp->status = row->status;
		return BW_OK;
	}
	if (!may_answer(a->fit, event))
		return refuse_response(row, resp, e);
	err = render(a, event, h, resp, e);
	if (err != BW_OK)
		return err;
	resp->status = 200;
	resp->content_type = bxml_type;
	return BW_OK;
}

static enum bw_err
answer_reply(const struct bwi_action *a, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, struct bw_error *e)
{
	enum bw_err err;

	if (a->text != NULL) {
		err = render(a, event, h, resp, e);
		if (err != BW_OK)
			return err;
		resp->content_type = a->type;
	}
	resp->status = a->status;
	return BW_OK;
}

/*
 * Is the action safe for this event? A call must get BXML or an error; a
 * port-out must get a verdict, in whichever section it arrives.
 */
static bool
is_fit(const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event)
{
	enum bw_answer_kind expected = bw_event_row(event)->answer;

	if (a->kind == BWI_ACTION_PORTOUT_VERDICT ||
	    expected == BW_ANSWER_PORTOUT)
		return a->kind == BWI_ACTION_PORTOUT_VERDICT;
	if (expected == BW_ANSWER_BXML && !s->flow->bxml)
		return false;
	return expected != BW_ANSWER_BXML || a->kind != BWI_ACTION_REPLY ||
	       a->status >= 400;
}

static enum bw_err
answer_action(const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h,
    struct bw_response *resp, struct bw_error *e)
{
	switch (a->kind) {
	case BWI_ACTION_RESPONSE:
		return answer_response(a, event, h, resp, e);
	case BWI_ACTION_REPLY:
		return answer_reply(a, event, h, resp, e);
	case BWI_ACTION_MODULE:
		return bwi_answer_module(s, a, event, h, resp, e);
	case BWI_ACTION_EXEC:
	case BWI_ACTION_PORTOUT_VERDICT:
		break;
	}
	return answer_verdict(&a->portout_verdict, event, resp, e);
}

/* The program or module of an action; NULL: it has none. */
static const char *
program_of(const struct bwi_action *a)
{
	if (a->kind == BWI_ACTION_EXEC)
		return a->argv[0];
	return a->kind == BWI_ACTION_MODULE ? a->handler.name : NULL;
}

/* r: the rule that matches, or NULL. */
static bool
handle_rule(const struct bwi_section *s, const struct bwi_rule *r,
    const struct bw_event *event, const struct bwi_handling *h,
    struct bw_response *resp, enum bw_err *err, struct bw_error *e)
{
	const struct bwi_action *a = r != NULL ? &r->action : NULL;

	if (r != NULL)
		resp->rule = &r->location;
	if (a == NULL || !is_fit(s, a, event))
		*err = answer_default(s, event, h, resp, e);
	else if (h->no_programs && program_of(a) != NULL)
		*err = bw_error_set(
		    e, BW_ERR_PROGRAM, 0, "%s: was not run", program_of(a));
	else if (a->kind == BWI_ACTION_EXEC)
		return bwi_answer_program(s, a, event, h, resp, err, e);
	else
		*err = answer_action(s, a, event, h, resp, e);
	return true;
}

bool
bwi_flow_handle(const struct bwi_section *s, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, enum bw_err *err,
    struct bw_error *e)
{
	return handle_rule(
	    s, find_rule(s->flow, event, h->time), event, h, resp, err, e);
}

/* Subscriber data has a history, which depends on the stored events. */
static bool
has_effect(const struct bwi_section *s, const struct bwi_rule *r,
    const struct bw_event *event)
{
	if (r == NULL || !is_fit(s, &r->action, event))
		return s->portout != NULL;
	return program_of(&r->action) != NULL;
}

const struct bw_rule *
bwi_flow_rule(
    const struct bwi_section *s, const struct bw_event *event, int64_t now)
{
	const struct bwi_rule *r = find_rule(s->flow, event, now);

	return r != NULL ? &r->location : NULL;
}

const char *
bwi_flow_program(
    const struct bwi_section *s, const struct bw_event *event, int64_t now)
{
	const struct bwi_rule *r = find_rule(s->flow, event, now);

	return r != NULL && is_fit(s, &r->action, event)
		   ? program_of(&r->action)
		   : NULL;
}

bool
bwi_flow_foresee(const struct bwi_section *s, const struct bw_event *event,
    const struct bwi_handling *h, struct bw_response *resp, enum bw_err *err,
    struct bw_error *e)
{
	const struct bwi_rule *r = find_rule(s->flow, event, h->time);

	return !has_effect(s, r, event) &&
	       handle_rule(s, r, event, h, resp, err, e);
}

bool
bwi_flow_uses_subscribers(
    const struct bwi_section *s, const struct bw_event *event)
{
	return s->portout != NULL &&
	       find_rule(s->flow, event, time(NULL)) == NULL &&
	       bw_event_row(event)->answer == BW_ANSWER_PORTOUT;
}
