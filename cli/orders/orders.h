#ifndef BWC_ORDERS_H
#define BWC_ORDERS_H

#include <bwcallback/store.h>

/* Shared by all of "bwcallback orders". */

struct orders_options {
	const char *store;
	const char *config;
	struct bw_str id; /* only this order; p NULL: all */
	struct bw_str type;
	struct bw_str status;
	struct bw_str state;
	struct bw_str number;
	int64_t since; /* since <= time < until; 0: no limit */
	int64_t until;
	int64_t limit;
	bool json;
	bool reveal;
};

/* A notification about an order. Absent fields have p == NULL. */
struct orders_notice {
	uint64_t event; /* id of its event in the store */
	int64_t received;
	struct bw_str order;
	struct bw_str subscription;
	struct bw_str type;
	struct bw_str customer;
	struct bw_str status;
	struct bw_str changed; /* as reported: ISO 8601 */
	struct bw_str foc;
	struct bw_str message;
	struct bw_str note;
	struct bw_str *numbers;
	size_t n;
	char *text; /* owns the bytes of all members */
};

/* One order: its notifications, sorted by time of change. */
struct order {
	const struct orders_notice *notices;
	size_t n;
	const struct orders_notice *last;    /* the latest with a status */
	const struct orders_notice *numbers; /* the latest that has numbers */
	int64_t since; /* when its status was first reported */
};

struct orders {
	struct orders_notice *notices;
	size_t nnotices;
	size_t cap;
	struct order *list; /* the most recently changed one is last */
	size_t n;
};

/* Read all stored orders. Errors are those of the store, and BW_ERR_NOMEM. */
enum bw_err
orders_read(struct bw_store *, struct orders *, struct bw_error *) BW_CHECK;
void orders_free(struct orders *);

/* Column widths of a table, each as wide as its widest cell. */
struct orders_widths {
	size_t order;
	size_t type;
	size_t status;
};

/* Widen the columns to fit an order. */
void orders_widen(struct orders_widths *, const struct order *);
void orders_print_heading(const struct orders_widths *);
void orders_print_row(
    const struct order *, const struct orders_widths *, bool reveal);
/* Print all about an order, as text or as a line of JSON. */
void orders_print(const struct order *, bool reveal);
enum bw_err orders_print_json(
    const struct order *, bool reveal, struct bw_error *) BW_CHECK;

#endif
