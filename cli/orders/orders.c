/* bwcallback orders: where each order of numbers stands. */
#include "cli/orders/orders.h"

#include <stdio.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/common/store_option.h"
#include "cli/common/units.h"

/* E.164's digits, and as many again for whoever types more. */
#define MAX_DIGITS 32

static bool
set_option(struct orders_options *o, const char *name, const char *value)
{
	const struct {
		const char *name;
		struct bw_str *to;
	} texts[] = {{"--type", &o->type}, {"--status", &o->status},
	    {"--state", &o->state}, {"--number", &o->number}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) != 0)
			continue;
		*texts[i].to = (struct bw_str){value, strlen(value)};
		return o->state.p == NULL || orders_is_state(o->state);
	}
	if (strcmp(name, "--store") == 0)
		o->store = value;
	else if (strcmp(name, "--config") == 0)
		o->config = value;
	else if (strcmp(name, "--since") == 0)
		return units_time(value, &o->since);
	else if (strcmp(name, "--until") == 0)
		return units_time(value, &o->until);
	else if (strcmp(name, "--limit") == 0)
		return units_count(value, &o->limit);
	else
		return false;
	return true;
}

static bool
parse_options(struct orders_options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0) {
			if (o->id.p != NULL)
				return false;
			o->id = (struct bw_str){argv[i], strlen(argv[i])};
		} else if (strcmp(argv[i], "--json") == 0) {
			o->json = true;
		} else if (strcmp(argv[i], "--reveal") == 0) {
			o->reveal = true;
		} else if (i + 1 == argc ||
			   !set_option(o, argv[i], argv[i + 1])) {
			return false;
		} else {
			i++;
		}
	}
	return o->store != NULL || o->config != NULL;
}

/* The digits that two notations of a number have in common. */
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
		!bw_str_is(w->state, orders_state(last->status))))
		return false;
	if ((w->since != 0 && o->since < w->since) ||
	    (w->until != 0 && o->since >= w->until))
		return false;
	return w->number.p == NULL || has_number(o, w->number);
}

/* The last so many of those wanted: where they begin. */
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
		err = bw_error_set(e, BW_ERR_ROUTE, 0,
		    "order %s: no notification of it is stored", o->id.p);
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(e, BW_ERR_IO, 0, "standard output: error");
	return err;
}

static int
run(int argc, char **argv)
{
	struct orders_options o = {.limit = 50};
	struct bw_error e = {BW_OK, 0, ""};
	struct bw_store *s = NULL;
	struct orders all = {.notices = NULL};
	enum bw_err err;

	if (!parse_options(&o, argc, argv))
		return command_usage("orders");
	err = store_get(o.store, o.config, &s, &e);
	if (err == BW_OK)
		err = orders_read(s, &all, &e);
	if (err == BW_OK)
		err = print_orders(&all, &o, &e);
	orders_free(&all);
	bw_store_free(s);
	if (err != BW_OK)
		fprintf(stderr, "bwcallback: %s\n", e.msg);
	return bw_err_exit(err);
}

const struct command command_orders = {
    .name = "orders",
    .summary = "tell where each order of numbers stands",
    .help =
	"usage: bwcallback orders --store URL|--config FILE [OPTION...] [ID]\n"
	"\n"
	"A table of the orders of which notifications are stored, the one "
	"that\n"
	"changed last at its end; with the ID of an order, or the customer's "
	"own,\n"
	"all about it: status, numbers, history.\n"
	"\n"
	"  --store URL    sqlite:PATH\n"
	"  --config FILE  the store of a configuration\n"
	"  --type T       only such: portins, orders, disconnects, ...\n"
	"  --status S     only with this status, as Bandwidth writes it\n"
	"  --state S      open, act (waits for you), done, part, failed, "
	"ended\n"
	"                 or unknown\n"
	"  --number N     only with this number, in any notation\n"
	"  --since TIME --until TIME   that came to their status then; TIME "
	"is 2h,\n"
	"                 3d (ago), 2026-03-01 or 2026-03-01T10:00:00Z\n"
	"  --limit N      the last N; 50 when absent\n"
	"  --json         lines of JSON\n"
	"  --reveal       whole numbers\n",
    .run = run,
};
