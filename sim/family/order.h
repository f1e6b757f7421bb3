#ifndef SIM_FAMILY_ORDER_H
#define SIM_FAMILY_ORDER_H

#include "sim/deliver/deliver.h"

/*
 * Orders of numbers (Numbers API, subscriptions v1). Everything is copied;
 * NULL leaves a member out, or is made up where there must be one.
 */
struct sim_order {
	struct sim_target target;
	const char *type; /* "portins" */
	/* In this order; NULL: the usual way to a good end, NULL at the end */
	const char *const *statuses;
	const char *customer; /* CustomerOrderId */
	const char *message;  /* with the last status */
	const char *remark;   /* a note is added at the end, and notified */
	const char *const *numbers;
	size_t n;
	int64_t between; /* statuses, ms; 0: an hour */
};

/*
 * Which statuses of a type are notified, NULL at the end; NULL for a type that
 * is not known, which may be played all the same.
 */
const char *const *sim_order_statuses(const char *type);
/* The types, by number; NULL beyond the last. */
const char *sim_order_type(size_t i);

/* Enter the notifications of an order, from so many milliseconds on. */
void sim_order(struct sim_world *, const struct sim_order *, int64_t after);

/* Numbers that other carriers took messaging from (MESSAGING_LOST). */
struct sim_loss {
	struct sim_target target;
	const char *const *numbers;
	size_t n;
};

void sim_order_lost(struct sim_world *, const struct sim_loss *, int64_t after);

#endif
