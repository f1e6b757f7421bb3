#ifndef BWC_ORDERS_H
#define BWC_ORDERS_H

#include <bwcallback/store.h>

/* What all of "bwcallback orders" share. */

struct orders_options {
	const char *store;
	const char *config;
	struct bw_str id; /* the one order wanted; p NULL: all */
	struct bw_str type;
	struct bw_str status;
	struct bw_str state;
	struct bw_str number;
	int64_t since; /* changed at or after, before; 0: whenever */
	int64_t until;
	int64_t limit;
	bool json;
	bool reveal;
};

/* A notification about an order. What it does not say has p == NULL. */
struct orders_notice {
	uint64_t event; /* its number in the store */
	int64_t received;
	struct bw_str order;
	struct bw_str subscription;
	struct bw_str type;
	struct bw_str customer;
	struct bw_str status;
	struct bw_str changed; /* when, by its own account: ISO 8601 */
	struct bw_str foc;
	struct bw_str message;
	struct bw_str note;
	struct bw_str *numbers;
	size_t n;
	char *text; /* what all of them point to */
};

/* One order: its notifications, in the order in which things happened. */
struct order {
	const struct orders_notice *notices;
	size_t n;
	const struct orders_notice *last;    /* the one that tells its status */
	const struct orders_notice *numbers; /* the last one that lists any */
	int64_t since; /* when its status was first told */
};

struct orders {
	struct orders_notice *notices;
	size_t nnotices;
	size_t cap;
	struct order *list; /* the one that changed last stands last */
	size_t n;
};

/* Read all that is stored. Errors are those of the store, and _NOMEM. */
enum bw_err
orders_read(struct bw_store *, struct orders *, struct bw_error *) BW_CHECK;
void orders_free(struct orders *);

/* "open" and so on, see orders.def; "unknown" for what is not in it. */
const char *orders_state(struct bw_str status);
/* The i-th state, NULL after the last. */
const char *orders_state_word(size_t i);

/* The widths of a table's columns, as wide as what stands in them. */
struct orders_widths {
	size_t order;
	size_t type;
	size_t status;
};

/* Make room for an order. */
void orders_widen(struct orders_widths *, const struct order *);
void orders_print_heading(const struct orders_widths *);
void orders_print_row(
    const struct order *, const struct orders_widths *, bool reveal);
/* All about an order, for people and as a line of JSON. */
void orders_print(const struct order *, bool reveal);
enum bw_err orders_print_json(
    const struct order *, bool reveal, struct bw_error *) BW_CHECK;

#endif
