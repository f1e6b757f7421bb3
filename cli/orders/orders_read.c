/* Reads orders from their stored notifications. */
#include "cli/orders/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/event.h>
#include <bwcallback/tools/str.h>

struct reading {
	struct orders *orders;
	struct bw_decoder *decoder;
	enum bw_err err;
};

/* Compare dates to the second: their precision may differ. */
#define SECONDS (sizeof("2026-03-01T10:00:00") - 1)

static struct bw_str
get(const struct bw_event *e, const char *name)
{
	struct bw_str value = {NULL, 0};

	(void)bw_event_get(e, (struct bw_str){name, strlen(name)}, &value);
	return value;
}

static struct bw_str
get_number(const struct bw_event *e, size_t i)
{
	char path[64];

	(void)snprintf(path, sizeof(path),
	    "CompletedTelephoneNumbers.TelephoneNumber.%zu", i);
	return get(e, path);
}

static void
move(struct bw_str *s, char **to)
{
	if (s->p == NULL)
		return;
	memcpy(*to, s->p, s->n);
	s->p = *to;
	*to += s->n;
}

/* Copy the texts into memory that the notice owns. */
static bool
copy_texts(struct orders_notice *n)
{
	struct bw_str *const texts[] = {&n->order, &n->subscription, &n->type,
	    &n->customer, &n->status, &n->changed, &n->foc, &n->message,
	    &n->note};
	const size_t ntexts = sizeof(texts) / sizeof(texts[0]);
	size_t size = 1;
	char *to;

	for (size_t i = 0; i < ntexts; i++)
		size += texts[i]->n;
	for (size_t i = 0; i < n->n; i++)
		size += n->numbers[i].n;
	n->text = to = malloc(size);
	if (to == NULL)
		return false;
	for (size_t i = 0; i < ntexts; i++)
		move(texts[i], &to);
	for (size_t i = 0; i < n->n; i++)
		move(&n->numbers[i], &to);
	return true;
}

static bool
take_numbers(struct orders_notice *n, const struct bw_event *e)
{
	size_t count = 0;

	while (get_number(e, count).p != NULL)
		count++;
	if (count == 0)
		return true;
	n->numbers = calloc(count, sizeof(*n->numbers));
	if (n->numbers == NULL)
		return false;
	for (; n->n < count; n->n++)
		n->numbers[n->n] = get_number(e, n->n);
	return true;
}

static void
free_orders_notice(struct orders_notice *n)
{
	free(n->numbers);
	free(n->text);
}

static bool
add_orders_notice(struct orders *o, const struct orders_notice *n)
{
	if (o->nnotices == o->cap) {
		size_t cap = o->cap != 0 ? o->cap * 2 : 64;
		struct orders_notice *more =
		    realloc(o->notices, cap * sizeof(*more));

		if (more == NULL)
			return false;
		o->notices = more;
		o->cap = cap;
	}
	o->notices[o->nnotices++] = *n;
	return true;
}

static bool
take_event(
    struct reading *r, const struct bw_store_row *row, const struct bw_event *e)
{
	struct orders_notice n = {
	    .event = row->seq,
	    .received = row->event.received,
	    .order = get(e, "OrderId"),
	    .subscription = get(e, "SubscriptionId"),
	    .type = get(e, "OrderType"),
	    .customer = get(e, "CustomerOrderId"),
	    .status = get(e, "Status"),
	    .changed = get(e, "LastModifiedDate"),
	    .foc = get(e, "ActualFocDate"),
	    .message = get(e, "Message"),
	    .note = get(e, "Note"),
	};

	if (take_numbers(&n, e) && copy_texts(&n) &&
	    add_orders_notice(r->orders, &n))
		return true;
	free_orders_notice(&n);
	r->err = BW_ERR_NOMEM;
	return false;
}

/* Skip a notification that cannot be decoded; events show prints it. */
static bool
take_row(void *arg, const struct bw_store_row *row)
{
	struct reading *r = arg;
	struct bw_payload in = {
	    .content_type = row->event.content_type,
	    .body = row->event.body,
	};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	r->err = bw_decode(r->decoder, &in, &events, &n, NULL);
	if (r->err == BW_OK && n > 0)
		return take_event(r, row, events[0]);
	if (r->err != BW_ERR_NOMEM)
		r->err = BW_OK;
	return r->err == BW_OK;
}

/* By the time of change if both have one, otherwise by arrival. */
static int
compare_time(const struct orders_notice *a, const struct orders_notice *b)
{
	int d = 0;

	if (a->changed.n >= SECONDS && b->changed.n >= SECONDS)
		d = memcmp(a->changed.p, b->changed.p, SECONDS);
	return d != 0 ? d : (a->event > b->event) - (a->event < b->event);
}

/* By order and type. Notifications without an order id stay separate. */
static int
compare_orders(const struct orders_notice *a, const struct orders_notice *b)
{
	int d = bw_str_compare(a->order, b->order);

	if (d == 0 && a->order.n == 0)
		return (a->event > b->event) - (a->event < b->event);
	return d != 0 ? d : bw_str_compare(a->type, b->type);
}

/*
 * By arrival only: compare_time() is not transitive, so qsort() cannot use it.
 */
static int
compare_notices(const void *a, const void *b)
{
	const struct orders_notice *x = a, *y = b;
	int d = compare_orders(x, y);

	return d != 0 ? d : (x->event > y->event) - (x->event < y->event);
}

/* Insertion sort: move each notice before those that happened later. */
static void
sort_by_time(struct orders_notice *n, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct orders_notice moving = n[i];
		size_t at = i;

		for (; at > 0 && compare_time(&n[at - 1], &moving) > 0; at--)
			n[at] = n[at - 1];
		n[at] = moving;
	}
}

/* A note has no status, and does not change that of the order. */
static struct order
describe(const struct orders_notice *n, size_t count)
{
	struct order o = {.notices = n, .n = count, .last = &n[0]};

	for (size_t i = 0; i < count; i++) {
		if (n[i].n > 0)
			o.numbers = &n[i];
		if (n[i].status.n == 0)
			continue;
		if (i == 0 || !bw_str_eq(n[i].status, o.last->status))
			o.since = n[i].received;
		o.last = &n[i];
	}
	if (o.since == 0)
		o.since = o.last->received;
	return o;
}

static uint64_t
newest(const struct order *o)
{
	uint64_t event = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (o->notices[i].event > event)
			event = o->notices[i].event;
	}
	return event;
}

static int
compare_changes(const void *a, const void *b)
{
	uint64_t x = newest(a), y = newest(b);

	return (x > y) - (x < y);
}

static enum bw_err
group(struct orders *o)
{
	struct orders_notice *n = o->notices;
	size_t count = 1;

	if (o->nnotices == 0)
		return BW_OK;
	o->list = calloc(o->nnotices, sizeof(*o->list));
	if (o->list == NULL)
		return BW_ERR_NOMEM;
	qsort(n, o->nnotices, sizeof(*n), compare_notices);
	for (size_t i = 0; i < o->nnotices; i += count) {
		count = 1;
		while (i + count < o->nnotices &&
		       compare_orders(&n[i], &n[i + count]) == 0)
			count++;
		sort_by_time(n + i, count);
		o->list[o->n++] = describe(n + i, count);
	}
	qsort(o->list, o->n, sizeof(*o->list), compare_changes);
	return BW_OK;
}

enum bw_err
orders_read(struct bw_store *s, struct orders *o, struct bw_error *e)
{
	const struct bw_store_filter orders = {
	    .family = BW_STR("numbers"), .type = BW_STR("order")};
	struct reading r = {.orders = o, .decoder = bw_decoder_new()};
	uint64_t cursor = 0;
	enum bw_err err;

	*o = (struct orders){.notices = NULL};
	if (r.decoder == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "orders: out of memory");
	err = bw_store_read(
	    s, &orders, false, SIZE_MAX, &cursor, take_row, &r, e);
	bw_decoder_free(r.decoder);
	if (err != BW_OK)
		return err;
	err = r.err == BW_OK ? group(o) : r.err;
	if (err != BW_OK)
		return bw_error_set(e, err, 0, "orders: %s", bw_strerror(err));
	return BW_OK;
}

void
orders_free(struct orders *o)
{
	for (size_t i = 0; i < o->nnotices; i++)
		free_orders_notice(&o->notices[i]);
	free(o->notices);
	free(o->list);
}
