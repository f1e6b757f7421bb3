#ifndef SIM_FAMILY_ORDER_H
#define SIM_FAMILY_ORDER_H

#include "sim/deliver/deliver.h"

/*
 * Orders of numbers (Numbers API, subscriptions v1). Everything is copied; NULL
 * leaves a member out, or a required one is generated.
 */
struct sim_order {
	struct sim_target target;
	const char *type; /* "portins" */
	/* In this order, NULL-terminated; NULL: those of a successful order */
	const char *const *statuses;
	const char *customer; /* CustomerOrderId */
	const char *message;  /* sent with the last status */
	const char *remark;   /* text of a note, notified last */
	const char *const *numbers;
	size_t n;
	int64_t between; /* milliseconds between statuses; 0: an hour */
};

/*
 * The statuses of a type that are notified, NULL-terminated. NULL: unknown
 * type, which sim_order() accepts nevertheless.
 */
const char *const *sim_order_statuses(const char *type);
/* The type with index i; NULL after the last. */
const char *sim_order_type(size_t i);

/* The i-th status of any type, each once; NULL after the last. */
const char *sim_order_status(size_t i);

/*
 * Schedule the notifications of an order, starting after this many
 * milliseconds.
 */
void sim_order(struct sim_world *, const struct sim_order *, int64_t after);

/* Numbers whose messaging another carrier took over (MESSAGING_LOST). */
struct sim_loss {
	struct sim_target target;
	const char *const *numbers;
	size_t n;
};

void sim_order_lost(struct sim_world *, const struct sim_loss *, int64_t after);

#endif
