/* bwcallback orders: the state of each number order. */
#include "cli/orders/orders.h"

#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/order.h>

#include "cli/common/command.h"
#include "cli/common/store_option.h"
#include "cli/common/terminal.h"
#include "cli/common/units.h"

/* Twice the digits of E.164, for numbers typed with a prefix. */
#define MAX_DIGITS 32

/* The significant digits of a number, which are the same in all notations. */
static size_t
digits_of(struct bw_str s, char digits[MAX_DIGITS])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < MAX_DIGITS; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits[n++] = s.p[i];
	}
	if (n == 11 && digits[0] == '1') {
		n--;
		memmove(digits, digits + 1, n);
	}
	return n;
}

static bool
has_number(const struct order *o, struct bw_str number)
{
	char want[MAX_DIGITS], have[MAX_DIGITS];
	size_t n = digits_of(number, want);

	for (size_t i = 0; i < o->n; i++) {
		const struct orders_notice *notice = &o->notices[i];

		for (size_t k = 0; k < notice->n; k++) {
			if (digits_of(notice->numbers[k], have) == n &&
			    memcmp(have, want, n) == 0)
				return true;
		}
	}
	return false;
}

static bool
is_wanted(const struct order *o, const struct orders_options *w)
{
	const struct orders_notice *last = o->last;

	if (w->id.p != NULL && !bw_str_eq(w->id, last->order) &&
	    !bw_str_eq(w->id, last->customer))
		return false;
	if ((w->type.p != NULL && !bw_str_eq(w->type, last->type)) ||
	    (w->status.p != NULL && !bw_str_eq(w->status, last->status)) ||
	    (w->state.p != NULL &&
		!bw_str_is(w->state, bw_order_state(last->status))))
		return false;
	if ((w->since != 0 && o->since < w->since) ||
	    (w->until != 0 && o->since >= w->until))
		return false;
	return w->number.p == NULL || has_number(o, w->number);
}

/* The index where the last o->limit matching orders begin. */
static size_t
begin(const struct orders *all, const struct orders_options *o)
{
	int64_t left = o->limit;
	size_t i = all->n;

	while (i > 0 && left > 0)
		left -= is_wanted(&all->list[--i], o);
	return i;
}

static enum bw_err
print_orders(const struct orders *all, const struct orders_options *o,
    struct bw_error *e)
{
	struct orders_widths widths = {0};
	enum bw_err err = BW_OK;
	size_t first = begin(all, o), printed = 0;

	for (size_t i = first; i < all->n; i++) {
		if (is_wanted(&all->list[i], o))
			orders_widen(&widths, &all->list[i]);
	}
	for (size_t i = first; err == BW_OK && i < all->n; i++) {
		const struct order *order = &all->list[i];

		if (!is_wanted(order, o))
			continue;
		if (o->json) {
			err = orders_print_json(order, o->reveal, e);
		} else if (o->id.p != NULL) {
			orders_print(order, o->reveal);
		} else {
			if (printed == 0)
				orders_print_heading(&widths);
			orders_print_row(order, &widths, o->reveal);
		}
		printed++;
	}
	if (err == BW_OK && printed == 0 && o->id.p != NULL)
		err = bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "order %s: no notification of it is stored", o->id.p);
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(e, BW_ERR_IO, 0, "standard output: error");
	return err;
}

#define AT(member) .at = offsetof(struct orders_options, member)
static const struct option_row rows[] = {
    STORE_OPTIONS(offsetof(struct orders_options, store),
	offsetof(struct orders_options, config)),
    {"type", "T", "only such: portins, orders, disconnects, ...",
	.kind = OPTION_STR, AT(type)},
    {"status", "S", "only with this status, as Bandwidth writes it",
	.kind = OPTION_STR, AT(status)},
    {"state", "S", "only in this state (act: waits for you)",
	.kind = OPTION_STR, AT(state), .word = bw_order_state_word},
    {"number", "N", "only with this number, in any notation",
	.kind = OPTION_STR, AT(number)},
    {"since", "TIME", "that came to their status then or later",
	.kind = OPTION_NUMBER, AT(since), .form = &units_time},
    {"until", "TIME", "that came to their status before", .kind = OPTION_NUMBER,
	AT(until), .form = &units_time},
    {"limit", "N", "the last N (50)", .kind = OPTION_NUMBER, AT(limit),
	.form = &option_count, .min = 1},
    {"json", NULL, "lines of JSON", .kind = OPTION_FLAG, AT(json)},
    {"reveal", NULL, "whole numbers", .kind = OPTION_FLAG, AT(reveal)},
    {.name = NULL},
};

static int
run(const struct command *c, int argc, char **argv)
{
	struct orders_options o = {.limit = 50};
	struct option_rest rest;
	struct bw_error e = {BW_OK, 0, ""}, away = {BW_OK, 0, ""};
	struct bw_store *s = NULL;
	struct orders all = {.notices = NULL};
	enum bw_err err;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status < 0)
		status = store_need(c, o.store, &o.config);
	if (status >= 0)
		return status;
	if (rest.argc > 0)
		o.id = (struct bw_str){rest.argv[0], strlen(rest.argv[0])};
	err = store_get_all(o.store, o.config, &away, &s, &e);
	if (err == BW_OK)
		err = orders_read(s, &all, &e);
	if (err == BW_OK)
		err = print_orders(&all, &o, &e);
	orders_free(&all);
	bw_store_free(s);
	if (err == BW_OK && away.code != BW_OK) {
		e = away;
		err = e.code;
	}
	if (err != BW_OK)
		terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

const struct command command_orders = {
    .name = "orders",
    .summary = "tell where each order of numbers stands",
    .usage = "[OPTION...] [ID]",
    .about =
	"A table of the orders of which notifications are stored, the one that "
	"changed last at its end; with the ID of an order, or the customer's "
	"own, all about it: status, numbers, history.",
    .more = "TIME is 2h or 3d (ago), 2026-03-01 or 2026-03-01T10:00:00Z.",
    .options = rows,
    .group = 1,
    .most = 1,
    .examples = "bwcallback orders --config callbacks.xml --state act",
    .run = run,
};
