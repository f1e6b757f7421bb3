/* The page of one event: what was asked, and what was said. */
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "base/decimal.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/again.h"
#include "page/event_row.h"
#include "page/payload_view.h"
#include "page/row_json.h"
#include "page/row_trace.h"
#include "store/store.h"

/* The consumers that are shown. */
#define MAX_CONSUMERS 64

struct one {
	struct bwi_view *view;
	uint64_t seq;
	struct bw_buf call; /* its id */
	bool found;
};

/* A name and a value in a list of facts. */
static void
put_fact(
    struct bwi_view *v, const char *name, enum bw_mask kind, struct bw_str s)
{
	if (s.n == 0)
		return;
	bwi_view_put(v, "dt", NULL, name);
	bwi_html_tag(&v->html, "dd");
	bwi_view_value(v, kind, s);
	bwi_html_end(&v->html);
}

typedef void add_fn(struct bw_buf *, const struct bw_store_event *, bool);

static void
add_thread(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	bw_mask_thread(b, e->thread, reveal);
}

/* The same for a value that is masked in a way of its own. */
static void
put_masked(struct bwi_view *v, const char *name, add_fn *add,
    const struct bw_store_event *e)
{
	struct bw_buf b;

	bw_buf_init(&b, BWI_VIEW_BODY);
	add(&b, e, v->reveal);
	put_fact(v, name, BW_MASK_WORD, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
}

static void
put_fields(struct bwi_view *v, const struct bw_store_row *r)
{
	const struct bw_store_event *e = &r->event;

	bwi_view_put(v, "h2", NULL, "Fields");
	bwi_html_class(&v->html, "dl", "facts");
	put_fact(v, "family", BW_MASK_WORD, e->family);
	if (e->call.n > 0) {
		bwi_view_put(v, "dt", NULL, "call");
		bwi_html_tag(&v->html, "dd");
		bwi_view_link(v, NULL, "call", e->call);
		bwi_view_value(v, BW_MASK_WORD, e->call);
		bwi_html_end(&v->html);
		bwi_html_end(&v->html);
	}
	put_fact(v, "message", BW_MASK_WORD, e->message);
	put_fact(v, "from", BW_MASK_NUMBER, e->from);
	put_fact(v, "to", BW_MASK_NUMBER, e->to);
	put_fact(v, "request", BW_MASK_WORD, e->request);
	put_masked(v, "key", bw_mask_key, e);
	put_masked(v, "thread", add_thread, e);
	bwi_html_end(&v->html);
	if (!v->reveal)
		bwi_act_put(v, BWI_MAY_REVEAL, "reveal", (struct bw_str){"", 0},
		    "Show numbers and texts", "This is recorded.");
}

static void
put_deliveries(struct bwi_view *v, const struct bw_store_row *r)
{
	struct bwi_html *h = &v->html;

	bwi_view_put(v, "h2", NULL, "Deliveries");
	bwi_html_class(h, "p", "note");
	bwi_view_time(v, r->event.received);
	if (r->deliveries > 1) {
		bwi_html_printf(
		    h, " the first of %u, the last ", r->deliveries);
		bwi_view_time(v, r->last);
		bwi_html_puts(h, ". The first answer went out each time.");
	} else {
		bwi_html_puts(h, " once.");
	}
	bwi_html_end(h);
}

static void
put_request_facts(struct bwi_view *v, const struct bw_store_event *e)
{
	struct bwi_html *h = &v->html;

	bwi_html_class(h, "p", "note");
	bwi_view_value(v, BW_MASK_REMARK, e->method);
	bwi_html_puts(h, " ");
	bwi_view_value(v, BW_MASK_WORD, e->section);
	if (e->content_type.n > 0) {
		bwi_html_puts(h, " \xc2\xb7 ");
		bwi_view_value(v, BW_MASK_REMARK, e->content_type);
	}
	bwi_html_printf(h, " \xc2\xb7 %zu bytes", e->body.n);
	if (e->user.n > 0) {
		bwi_html_puts(h, " \xc2\xb7 user ");
		bwi_view_value(v, BW_MASK_WORD, e->user);
	}
	if (e->batch > 1)
		bwi_html_printf(
		    h, " \xc2\xb7 element %d of %d", e->index + 1, e->batch);
	bwi_html_end(h);
}

static void
put_request(struct bwi_view *v, const struct bw_store_row *r)
{
	struct bwi_row_decoder d;
	const struct bw_event *e;

	bwi_view_put(v, "h2", NULL, "Request");
	put_request_facts(v, &r->event);
	bwi_row_decoder_init(&d);
	e = bwi_row_decode(&d, r);
	if (e != NULL) {
		bwi_payload_put(v, e);
	} else {
		bwi_html_tag(&v->html, "pre");
		bwi_html_attr_puts(&v->html, "tabindex", "0");
		bwi_view_value(v, BW_MASK_HIDDEN, r->event.body);
		bwi_html_end(&v->html);
	}
	bwi_row_decoder_free(&d);
}

static void
put_answer(struct bwi_view *v, const struct bw_store_row *r)
{
	const struct bw_store_answer *a = &r->answer;
	struct bwi_html *h = &v->html;

	bwi_view_put(v, "h2", NULL, "Answer as sent");
	bwi_html_class(h, "p", "note");
	if (a->status == 0) {
		bwi_html_puts(h, "None was recorded.");
		bwi_html_end(h);
		return;
	}
	bwi_html_printf(h, "%d", a->status);
	if (a->content_type.n > 0) {
		bwi_html_puts(h, " \xc2\xb7 ");
		bwi_view_value(v, BW_MASK_WORD, a->content_type);
	}
	bwi_html_printf(h, " \xc2\xb7 %zu bytes \xc2\xb7 after ", a->body.n);
	bwi_view_ms(v, a->duration);
	bwi_html_puts(h, " ms");
	bwi_html_end(h);
	if (a->body.n > 0)
		bwi_answer_body_put(v, a->body);
}

/* What a list of consumers is about. */
struct passed {
	struct bwi_view *view;
	struct bw_store *store;
	uint64_t seq;
	size_t n;
	struct {
		char name[BW_STORE_MAX_NAME + 1];
		uint64_t position;
		bool has_dead;
	} v[MAX_CONSUMERS];
};

static bool
take_consumer(void *arg, const struct bw_store_consumer_state *s)
{
	struct passed *p = arg;

	if (p->n == MAX_CONSUMERS)
		return false;
	memcpy(p->v[p->n].name, s->name.p, s->name.n);
	p->v[p->n].name[s->name.n] = '\0';
	p->v[p->n].position = s->position;
	p->v[p->n++].has_dead = s->dead > 0;
	return true;
}

struct dead {
	struct bwi_view *view;
	uint64_t seq;
	bool found;
};

static bool
take_dead(void *arg, const struct bw_store_lease *lease, struct bw_str why,
    const struct bw_store_row *unused)
{
	struct dead *d = arg;

	(void)unused;
	if (lease->seq < d->seq)
		return bw_monotonic_ns() < d->view->until;
	if (lease->seq > d->seq)
		return false;
	d->found = true;
	bwi_view_state(d->view, BWI_STATE_BAD, "gave up");
	bwi_html_printf(&d->view->html, " after %u tr%s: ", lease->tries,
	    lease->tries == 1 ? "y" : "ies");
	bwi_view_value(d->view, BW_MASK_REMARK, why);
	return false;
}

static void
put_consumer(struct passed *p, size_t i)
{
	struct bwi_view *v = p->view;
	struct dead dead = {.view = v, .seq = p->seq};

	bwi_html_tag(&v->html, "tr");
	bwi_html_tag(&v->html, "td");
	bwi_html_puts(&v->html, p->v[i].name);
	bwi_html_end(&v->html);
	bwi_html_tag(&v->html, "td");
	if (p->v[i].has_dead)
		(void)!bw_store_dead(
		    p->store, p->v[i].name, take_dead, &dead, NULL);
	if (!dead.found && p->v[i].position < p->seq)
		bwi_view_state(v, BWI_STATE_WAIT, "has not come to it");
	else if (!dead.found)
		bwi_view_state(v, BWI_STATE_OK, "has gone past it");
	bwi_html_end(&v->html);
	bwi_html_end(&v->html);
}

static void
put_consumers(struct bwi_view *v, struct bw_store *store, uint64_t seq)
{
	struct passed p = {.view = v, .store = store, .seq = seq};
	enum bw_err err = bwi_store_consumers_until(
	    store, 0, v->until, take_consumer, &p, NULL);

	bwi_view_put(v, "h2", NULL, "Consumers");
	if (bwi_view_store_failed(v, err))
		return;
	if (p.n == 0) {
		bwi_view_put(v, "p", "note", "There is no consumer.");
		return;
	}
	bwi_html_class(&v->html, "table", "list");
	bwi_html_tag(&v->html, "tbody");
	for (size_t i = 0; i < p.n; i++)
		put_consumer(&p, i);
	bwi_html_end(&v->html);
	bwi_html_end(&v->html);
}

static void
put_title(struct bwi_view *v, const struct bw_store_row *r)
{
	struct bwi_html *h = &v->html;
	struct bw_buf title;

	bw_buf_init(&title, 512);
	bw_mask_add(&title, BW_MASK_REMARK, r->event.type, v->reveal);
	bw_buf_putc(&title, '\0');
	bwi_frame_begin(v, title.err == BW_OK ? title.p : "Event");
	bw_buf_free(&title);
	bwi_view_answer(v, r);
	bwi_html_class(h, "p", "note");
	bwi_html_printf(h, "event %llu \xc2\xb7 ", (unsigned long long)r->seq);
	bwi_view_time(v, r->event.received);
	bwi_html_puts(h, " UTC, ");
	bwi_view_age(v, r->event.received);
	bwi_html_puts(h, " ago");
	bwi_html_end(h);
	bwi_frame_titled(v);
}

static void
write_event(struct bwi_view *v, const struct bw_store_row *r)
{
	struct bwi_html *h = &v->html;

	struct bw_trace trace;
	bool known = r->answer.trace.p != NULL &&
		     bw_trace_read(r->answer.trace, &trace) == BW_OK;

	put_title(v, r);
	if (known)
		bwi_row_trace_put_why(v, &trace);
	bwi_html_class(h, "div", "cols");
	bwi_html_class(h, "div", "wide");
	if (known)
		bwi_row_trace_put_steps(v, &trace);
	if (r->answer.trace.p != NULL)
		bw_trace_free(&trace);
	put_request(v, r);
	put_answer(v, r);
	bwi_again_answer(v, r);
	bwi_again_commands(v, r);
	bwi_html_end(h);
	bwi_html_class(h, "div", "side");
	put_fields(v, r);
	put_deliveries(v, r);
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct one *one = arg;

	if (r->seq != one->seq)
		return false;
	one->found = true;
	bw_buf_str(&one->call, r->event.call);
	if (one->view->json) {
		bwi_row_json(one->view->data, r);
		bw_buf_putc(one->view->data, '\n');
	} else {
		write_event(one->view, r);
	}
	return false;
}

void
bwi_event_write(struct bwi_view *v)
{
	static const struct bw_store_filter all = {.since = 0};
	struct bwi_store_handle *handle = v->request->section->store;
	struct bw_store *store = NULL;
	struct one one = {.view = v};
	enum bw_err err = BW_OK;
	uint64_t cursor;
	int64_t seq = 0;

	if (bwi_decimal_parse(v->id, INT64_MAX, &seq) && seq > 0 &&
	    handle != NULL)
		err = bwi_store_handle_store(handle, &store, NULL);
	bw_buf_init(&one.call, BWI_VIEW_BODY);
	one.seq = (uint64_t)seq;
	cursor = one.seq - 1;
	if (store != NULL)
		err = bwi_store_read_until(
		    store, &all, false, 1, &cursor, v->until, take, &one, NULL);
	if (!one.found) {
		bwi_view_missing(v, "Event", err,
		    "No event of this number is stored. It may be older than "
		    "what is kept.");
	} else if (!v->json) {
		put_consumers(v, store, one.seq);
		bwi_again_scenario(
		    v, store, (struct bw_str){one.call.p, one.call.n});
		bwi_frame_end(v);
	}
	bw_buf_free(&one.call);
}

void
bwi_event_post(struct bwi_view *v)
{
	if (!bwi_act_is(v, BWI_MAY_LOOK, "replay")) {
		bwi_act_reveal(v);
		return;
	}
	v->again = true;
	bwi_event_write(v);
}
