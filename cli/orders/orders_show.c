/* Prints orders as text and as JSON. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/order.h>
#include <bwcallback/tools/row.h>

#include "cli/common/event_columns.h"
#include "cli/orders/orders.h"

/*
 * Every byte of a notification escaped in the worst case, for all
 * notifications.
 */
#define MAX_TEXT ((size_t)1 << 30)

/* The mask kind of a member of a notification. */
#define KIND(member) bw_mask_of_member(BW_STR(member))

/* Append a time, to the second. */
static void
put_time(struct bw_buf *b, int64_t ms)
{
	char when[32];

	events_time(when, ms);
	when[sizeof("2026-03-01 10:00:00") - 1] = '\0';
	bw_buf_puts(b, when);
}

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

static void
print(struct bw_buf *b)
{
	if (b->err == BW_OK)
		fwrite(b->p, 1, b->n, stdout);
	bw_buf_free(b);
}

static void
widen(size_t *width, size_t least, struct bw_str s)
{
	if (*width < least)
		*width = least;
	if (*width < s.n)
		*width = s.n;
}

void
orders_widen(struct orders_widths *w, const struct order *o)
{
	widen(&w->order, sizeof("ORDER") - 1, o->last->order);
	widen(&w->type, sizeof("TYPE") - 1, o->last->type);
	widen(&w->status, sizeof("STATUS") - 1, o->last->status);
}

void
orders_print_heading(const struct orders_widths *w)
{
	printf("%-*s %-*s %-*s %-7s %-19s %7s %s\n", (int)w->order, "ORDER",
	    (int)w->type, "TYPE", (int)w->status, "STATUS", "STATE",
	    "SINCE (UTC)", "NUMBERS", "CUSTOMER ORDER");
}

void
orders_print_row(
    const struct order *o, const struct orders_widths *w, bool reveal)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	events_cell(&b, BW_MASK_WORD, o->last->order, w->order, reveal);
	events_cell(&b, BW_MASK_WORD, o->last->type, w->type, reveal);
	events_cell(&b, BW_MASK_WORD, o->last->status, w->status, reveal);
	events_cell(
	    &b, BW_MASK_WORD, text(bw_order_state(o->last->status)), 7, reveal);
	put_time(&b, o->since);
	bw_buf_printf(&b, " %7zu ", o->numbers != NULL ? o->numbers->n : 0);
	events_text(&b, KIND("CustomerOrderId"), o->last->customer, reveal);
	bw_buf_putc(&b, '\n');
	print(&b);
}

/* With two subscriptions, every notification arrives twice. */
static bool
same_news(const struct orders_notice *a, const struct orders_notice *b)
{
	return bw_str_eq(a->status, b->status) &&
	       bw_str_eq(a->changed, b->changed) &&
	       bw_str_eq(a->message, b->message) && bw_str_eq(a->note, b->note);
}

static void
put_history(struct bw_buf *b, const struct order *o, bool reveal)
{
	static const struct bw_str no_status = {"(note)", 6};

	bw_buf_puts(b, "history\n");
	for (size_t i = 0; i < o->n; i++) {
		const struct orders_notice *n = &o->notices[i];
		const struct bw_str said[] = {n->message, n->note};

		if (i > 0 && same_news(&o->notices[i - 1], n))
			continue;
		bw_buf_puts(b, "  ");
		put_time(b, n->received);
		bw_buf_printf(b, " %8llu ", (unsigned long long)n->event);
		events_cell(b, BW_MASK_WORD,
		    n->status.n > 0 ? n->status : no_status, 17, reveal);
		for (size_t k = 0; k < 2; k++) {
			if (said[k].n == 0)
				continue;
			bw_buf_putc(b, ' ');
			events_text(b, KIND("Note"), said[k], reveal);
		}
		while (b->err == BW_OK && b->p[b->n - 1] == ' ')
			b->n--;
		bw_buf_putc(b, '\n');
	}
}

void
orders_print(const struct order *o, bool reveal)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	events_line(&b, "order", BW_MASK_WORD, o->last->order, reveal);
	events_line(&b, "type", BW_MASK_WORD, o->last->type, reveal);
	events_line(&b, "status", BW_MASK_WORD, o->last->status, reveal);
	events_line(&b, "state", BW_MASK_WORD,
	    text(bw_order_state(o->last->status)), reveal);
	bw_buf_puts(&b, "since          ");
	put_time(&b, o->since);
	bw_buf_puts(&b, " UTC\n");
	events_line(&b, "changed", BW_MASK_WORD, o->last->changed, reveal);
	events_line(&b, "firm date", BW_MASK_WORD, o->last->foc, reveal);
	events_line(&b, "customer order", KIND("CustomerOrderId"),
	    o->last->customer, reveal);
	events_line(
	    &b, "subscription", BW_MASK_WORD, o->last->subscription, reveal);
	for (size_t i = 0; o->numbers != NULL && i < o->numbers->n; i++)
		events_line(&b, i == 0 ? "numbers" : "", BW_MASK_NUMBER,
		    o->numbers->numbers[i], reveal);
	put_history(&b, o, reveal);
	print(&b);
}

/* Append a member of an object; with name NULL, an element of a list. */
static void
put_json(struct bw_buf *b, const char *name, enum bw_mask kind, struct bw_str s,
    bool reveal)
{
	if (s.p == NULL)
		return;
	if (name != NULL)
		bw_buf_printf(b, ",\"%s\":", name);
	bw_row_text_json(b, kind, s, reveal);
}

static void
put_json_word(struct bw_buf *b, const char *name, struct bw_str s)
{
	put_json(b, name, BW_MASK_WORD, s, false);
}

static void
put_json_history(struct bw_buf *b, const struct order *o, bool reveal)
{
	bw_buf_puts(b, ",\"history\":[");
	for (size_t i = 0; i < o->n; i++) {
		const struct orders_notice *n = &o->notices[i];

		bw_buf_printf(b, "%s{\"event\":%llu,\"received\":%lld",
		    i > 0 ? "," : "", (unsigned long long)n->event,
		    (long long)n->received);
		put_json_word(b, "subscription", n->subscription);
		put_json_word(b, "status", n->status);
		put_json_word(b, "changed", n->changed);
		put_json_word(b, "foc", n->foc);
		put_json(b, "message", KIND("Message"), n->message, reveal);
		put_json(b, "note", KIND("Note"), n->note, reveal);
		bw_buf_putc(b, '}');
	}
	bw_buf_putc(b, ']');
}

enum bw_err
orders_print_json(const struct order *o, bool reveal, struct bw_error *e)
{
	enum bw_err err;
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	bw_buf_printf(&b, "{\"since\":%lld", (long long)o->since);
	put_json_word(&b, "order", o->last->order);
	put_json_word(&b, "type", o->last->type);
	put_json_word(&b, "status", o->last->status);
	put_json_word(&b, "state", text(bw_order_state(o->last->status)));
	put_json(
	    &b, "customer", KIND("CustomerOrderId"), o->last->customer, reveal);
	bw_buf_puts(&b, ",\"numbers\":[");
	for (size_t i = 0; o->numbers != NULL && i < o->numbers->n; i++) {
		if (i > 0)
			bw_buf_putc(&b, ',');
		put_json(
		    &b, NULL, BW_MASK_NUMBER, o->numbers->numbers[i], reveal);
	}
	bw_buf_putc(&b, ']');
	put_json_history(&b, o, reveal);
	bw_buf_puts(&b, "}\n");
	err = b.err;
	print(&b);
	if (err != BW_OK)
		(void)bw_error_set(e, err, 0, "orders: %s", bw_strerror(err));
	return err;
}
