/* The pages of orders, and of one with its history. */
#include <bwcallback/tools/order.h>

#include <stdio.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/event_filter.h"
#include "page/list_parts.h"
#include "page/row_event.h"
#include "store/store.h"

/* Orders on the page, and notifications of one that are shown. */
#define MAX_ORDERS  100
#define MAX_HISTORY 200

/* Numbers of a notification that are counted. */
#define MAX_NUMBERS 1000

/* Compare dates to the second: their precision may differ. */
#define SECONDS (sizeof("2026-03-01T10:00:00") - 1)

static const struct bw_store_filter notifications = {
    .family = {"numbers", sizeof("numbers") - 1},
    .type = {"order", sizeof("order") - 1},
};

/* An order, by the notifications read so far; its texts are in the arena. */
struct order {
	struct bw_str id, type, customer, status;
	struct bw_str changed; /* when it came to the status, as reported */
	int64_t since;	       /* when that was first told */
	int64_t last;	       /* when the newest notification came */
	unsigned notices;      /* notifications */
	size_t numbers;
	bool final; /* an older notification has another status */
};

struct orders {
	struct bwi_view *view;
	struct bw_str only; /* one order; p NULL: all */
	struct bwi_event_filter filter;
	struct bwi_row_decoder decoder;
	struct bwi_arena arena;
	struct order v[MAX_ORDERS];
	size_t n;
	bool more;    /* there are orders that are not on the page */
	int64_t back; /* when the last one that was read came */
};

static struct bw_str
copy_text(struct orders *o, struct bw_str s)
{
	struct bw_str copy = {NULL, 0};

	if (s.n > 0) {
		copy = bwi_arena_copy(&o->arena, s);
		if (copy.p == NULL)
			o->view->out->err = BW_ERR_NOMEM;
	}
	return copy;
}

static struct order *
find(struct orders *o, struct bw_str id, struct bw_str type)
{
	for (size_t i = 0; i < o->n; i++) {
		if (bw_str_eq(o->v[i].id, id) && bw_str_eq(o->v[i].type, type))
			return &o->v[i];
	}
	return NULL;
}

static size_t
count_numbers(const struct bw_event *e)
{
	char name[64];
	size_t n = 0;

	do
		(void)snprintf(name, sizeof(name),
		    "CompletedTelephoneNumbers.TelephoneNumber.%zu", n);
	while (bwi_row_field(e, name).p != NULL && ++n < MAX_NUMBERS);
	return n;
}

/*
 * Notifications are read from the newest one back, but may arrive in another
 * order than that of the changes. One without a status, a note, changes
 * nothing.
 */
static void
add(struct orders *o, struct order *order, const struct bw_store_row *r,
    const struct bw_event *e)
{
	struct bw_str status = bwi_row_field(e, "Status"),
		      changed = bwi_row_field(e, "LastModifiedDate");
	bool later = changed.n >= SECONDS && order->changed.n >= SECONDS &&
		     memcmp(changed.p, order->changed.p, SECONDS) > 0;

	order->notices++;
	if (order->numbers == 0)
		order->numbers = count_numbers(e);
	if (order->customer.p == NULL)
		order->customer =
		    copy_text(o, bwi_row_field(e, "CustomerOrderId"));
	if (status.n == 0)
		return;
	if (order->status.p == NULL || later) {
		order->final = order->status.p != NULL;
		order->status = copy_text(o, status);
		order->changed = copy_text(o, changed);
		order->since = r->event.received;
	} else if (!order->final && bw_str_eq(status, order->status)) {
		order->since = r->event.received;
	} else {
		order->final = true;
	}
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct orders *o = arg;
	const struct bw_event *e = bwi_row_decode(&o->decoder, r);
	struct bw_str id = bwi_row_field(e, "OrderId"),
		      type = bwi_row_field(e, "OrderType");
	struct order *order;

	o->back = r->event.received;
	if (id.n == 0 || (o->only.p != NULL && !bw_str_eq(id, o->only)))
		return true;
	order = find(o, id, type);
	if (order == NULL && o->n == MAX_ORDERS) {
		o->more = true; /* their older states must not be shown */
		return true;
	}
	if (order == NULL) {
		order = &o->v[o->n++];
		*order = (struct order){.id = copy_text(o, id),
		    .type = copy_text(o, type),
		    .last = r->event.received};
	}
	add(o, order, r, e);
	return o->view->out->err == BW_OK;
}

static enum bw_err
read_orders(struct orders *o, struct bw_store *store)
{
	uint64_t cursor = 0;

	return bwi_store_read_until(store, &notifications, true, SIZE_MAX,
	    &cursor, o->view->until - (o->view->until - o->view->begun) / 2,
	    take, o, NULL);
}

static void
put_state(struct bwi_view *v, const struct order *o)
{
	static const struct {
		const char *state;
		enum bwi_state shape;
		const char *words;
	} states[] = {
	    {"act", BWI_STATE_WARN, "waits for you"},
	    {"open", BWI_STATE_WAIT, "in progress"},
	    {"done", BWI_STATE_OK, "done"},
	    {"part", BWI_STATE_WARN, "done in part"},
	    {"failed", BWI_STATE_BAD, "failed"},
	    {"ended", BWI_STATE_NONE, "ended"},
	};
	const char *state = bw_order_state(o->status);

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(state, states[i].state) == 0) {
			bwi_view_state(v, states[i].shape, states[i].words);
			return;
		}
	}
	bwi_view_state(v, BWI_STATE_NONE, "unknown");
}

static void
put_row(struct bwi_view *v, const struct order *o)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link(v, NULL, "order", o->id);
	bwi_view_time(v, o->since);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_WORD, o->type);
	bwi_html_tag(h, "td");
	put_state(v, o);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_WORD, o->status);
	bwi_list_number(v, "Numbers");
	bwi_html_int(h, (int64_t)o->numbers);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_WORD, o->id);
	bwi_list_cell(
	    v, bw_mask_of_member(BW_STR("CustomerOrderId")), o->customer);
	bwi_html_end(h);
}

static bool
is_wanted(const struct orders *o, const struct order *order)
{
	struct bw_str state = o->filter.state;
	int64_t since = o->filter.store.since;

	return (state.p == NULL ||
		   bw_str_is(state, bw_order_state(order->status))) &&
	       order->last >= since;
}

/* Sort the orders that need an action first. */
static size_t
put_rows(struct orders *o)
{
	static const char *const names[] = {"Since (UTC)", "Order", "State",
	    "Status", "Numbers", "Id", "Your id", NULL};
	size_t shown = 0;

	for (int waits = 1; waits >= 0; waits--) {
		for (size_t i = 0; i < o->n; i++) {
			bool act =
			    strcmp(bw_order_state(o->v[i].status), "act") == 0;

			if (act != (waits == 1) || !is_wanted(o, &o->v[i]))
				continue;
			if (shown++ == 0)
				bwi_list_head(o->view, "list events", names);
			put_row(o->view, &o->v[i]);
		}
	}
	return shown;
}

static void
put_orders(struct orders *o)
{
	struct bwi_view *v = o->view;
	struct bw_store *store = bwi_view_store(v);
	size_t depth = v->html.depth, shown;
	enum bw_err err;

	if (store == NULL)
		return;
	err = read_orders(o, store);
	shown = put_rows(o);
	bwi_html_end_to(&v->html, depth);
	if (err == BW_ERR_BUSY || o->more) {
		bwi_html_class(&v->html, "p", "note more");
		bwi_html_puts(&v->html,
		    o->more ? "These changed last: " : "Looked back to ");
		if (o->more)
			bwi_html_puts(&v->html, "bwcallback orders tells all.");
		else
			bwi_view_time(v, o->back);
		bwi_html_end(&v->html);
	} else if (!bwi_view_store_failed(v, err) && shown == 0) {
		bwi_list_empty(
		    v, "No such order.", "No order has been told of yet.");
	}
}

/* The states as words, and NULL. */
static void
list_states(const char *words[16])
{
	size_t n = 0;

	while (n < 15 && bw_order_state_word(n) != NULL) {
		words[n] = bw_order_state_word(n);
		n++;
	}
	words[n] = NULL;
}

static void
write_list(struct orders *o, const char *const *states)
{
	struct bwi_view *v = o->view;

	bwi_frame_begin(v, "Orders");
	bwi_view_put(v, "p", "note",
	    "Those that wait for you first, then the one that changed last.");
	bwi_frame_titled(v);
	bwi_list_form_begin(v, "orders");
	bwi_list_select(v, "state", "State", "Any state", states);
	bwi_list_input(v, "since", "Since", "Since 2h, 3d, date");
	bwi_list_form_end(v);
	put_orders(o);
	bwi_frame_end(v);
}

static void
init(struct orders *o, struct bwi_view *v)
{
	o->view = v;
	bwi_arena_init(&o->arena);
	bwi_row_decoder_init(&o->decoder);
}

static void
finish(struct orders *o)
{
	bwi_row_decoder_free(&o->decoder);
	bwi_arena_free(&o->arena);
	bwi_free(o);
}

void
bwi_orders_write(struct bwi_view *v)
{
	struct orders *o = bwi_calloc(1, sizeof(*o));
	const char *states[16], *why;

	if (o == NULL) {
		v->out->err = BW_ERR_NOMEM;
		return;
	}
	init(o, v);
	list_states(states);
	why = bwi_event_filter_init(&o->filter, v, states);
	if (why != NULL)
		bwi_frame_sentence(v, 400, "Not understood", why);
	else
		write_list(o, states);
	bwi_event_filter_free(&o->filter);
	finish(o);
}

/* The history of one order, the newest notification first. */
struct history {
	struct orders *orders;
	size_t n;
};

static void
put_text(struct bwi_view *v, const struct bw_event *e, const char *name)
{
	struct bw_str member = {name, strlen(name)};

	bwi_html_class(&v->html, "td", "said");
	if (bwi_row_field(e, name).n > 0)
		bwi_view_value(
		    v, bw_mask_of_member(member), bwi_row_field(e, name));
	bwi_html_end(&v->html);
}

static bool
put_notification(void *arg, const struct bw_store_row *r)
{
	static const char *const names[] = {"Came (UTC)", "Status", "Changed",
	    "Port date", "Numbers", "Message", "Note", NULL};
	struct history *history = arg;
	struct orders *o = history->orders;
	struct bwi_view *v = o->view;
	struct bwi_html *h = &v->html;
	const struct bw_event *e = bwi_row_decode(&o->decoder, r);

	if (!bw_str_eq(bwi_row_field(e, "OrderId"), o->only))
		return true;
	if (history->n++ == 0)
		bwi_list_head(v, "list events", names);
	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link_int(v, NULL, "event", r->seq);
	bwi_view_time(v, r->event.received);
	bwi_html_end(h);
	bwi_html_end(h);
	put_text(v, e, "Status");
	put_text(v, e, "LastModifiedDate");
	put_text(v, e, "ActualFocDate");
	bwi_list_number(v, "Numbers");
	bwi_html_int(h, (int64_t)count_numbers(e));
	bwi_html_end(h);
	put_text(v, e, "Message");
	put_text(v, e, "Note");
	bwi_html_end(h);
	return history->n < MAX_HISTORY && v->out->err == BW_OK;
}

static void
write_order(struct orders *o, struct bw_store *store)
{
	const struct order *order = &o->v[0];
	struct bwi_view *v = o->view;
	struct history history = {.orders = o};
	size_t depth;
	uint64_t cursor = 0;
	enum bw_err err;

	bwi_frame_begin(v, "Order");
	put_state(v, order);
	bwi_html_class(&v->html, "p", "note");
	bwi_view_value(v, BW_MASK_WORD, order->type);
	bwi_html_puts(&v->html, " ");
	bwi_view_value(v, BW_MASK_WORD, order->id);
	bwi_html_puts(&v->html, " \xc2\xb7 since ");
	bwi_view_time(v, order->since);
	bwi_html_puts(&v->html, " UTC");
	bwi_html_end(&v->html);
	bwi_frame_titled(v);
	depth = v->html.depth;
	err = bwi_store_read_until(store, &notifications, true, SIZE_MAX,
	    &cursor, v->until, put_notification, &history, NULL);
	bwi_html_end_to(&v->html, depth);
	if (err == BW_ERR_BUSY)
		bwi_view_put(v, "p", "note more",
		    "There may be older ones: bwcallback orders tells all.");
	if (!v->reveal)
		bwi_act_put(v, BWI_MAY_REVEAL, "reveal", (struct bw_str){"", 0},
		    "Show numbers and texts", "This is recorded.");
	bwi_frame_end(v);
}

void
bwi_order_write(struct bwi_view *v)
{
	struct orders *o = bwi_calloc(1, sizeof(*o));
	struct bw_store *store = bwi_view_stored(v);
	enum bw_err err = BW_OK;

	if (o == NULL) {
		v->out->err = BW_ERR_NOMEM;
		return;
	}
	init(o, v);
	o->only = v->id;
	if (store != NULL)
		err = read_orders(o, store);
	if (o->n > 0)
		write_order(o, store);
	else
		bwi_view_missing(v, "Order", err,
		    "No notification of this order is stored.");
	finish(o);
}
