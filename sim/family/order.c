/* Notifications of orders, and of numbers that lost messaging. */
#include "sim/family/order.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/json_members.h"
#include "sim/base/memory.h"
#include "sim/deliver/post.h"

#define HOUR INT64_C(3600000)

/* For unknown types. */
static const char *const default_statuses[] = {"COMPLETE", NULL};

#define MAX_STATUSES 9

static const struct {
	const char *type;
	const char *statuses[MAX_STATUSES];
	const char *usual[MAX_STATUSES];
} types[] = {
#define X(type, statuses, usual) {type, {statuses}, {usual}},
#include "sim/family/order.def"
#undef X
};

static size_t
find(const char *type)
{
	size_t n = sizeof(types) / sizeof(types[0]), i = 0;

	while (i < n && strcmp(types[i].type, type) != 0)
		i++;
	return i;
}

const char *
sim_order_type(size_t i)
{
	return i < sizeof(types) / sizeof(types[0]) ? types[i].type : NULL;
}

/* Has an earlier type, or the same before this one, the status? */
static bool
is_known(size_t type, size_t at)
{
	const char *status = types[type].statuses[at];

	for (size_t i = 0; i <= type; i++) {
		for (size_t k = 0;
		     types[i].statuses[k] != NULL && (i < type || k < at);
		     k++) {
			if (strcmp(types[i].statuses[k], status) == 0)
				return true;
		}
	}
	return false;
}

const char *
sim_order_status(size_t i)
{
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		for (size_t k = 0; types[t].statuses[k] != NULL; k++) {
			if (!is_known(t, k) && i-- == 0)
				return types[t].statuses[k];
		}
	}
	return NULL;
}

const char *const *
sim_order_statuses(const char *type)
{
	size_t i = find(type);

	return sim_order_type(i) != NULL ? types[i].statuses : NULL;
}

static const char *const *
statuses_of(const struct sim_order *o)
{
	size_t i;

	if (o->statuses != NULL)
		return o->statuses;
	i = find(o->type);
	return sim_order_type(i) != NULL ? types[i].usual : default_statuses;
}

static void
put_numbers(
    struct bw_buf *b, const char *name, const char *const *numbers, size_t n)
{
	if (n == 0)
		return;
	bw_buf_printf(b, "<%s>", name);
	for (size_t i = 0; i < n; i++)
		sim_json_element(b, "TelephoneNumber", numbers[i]);
	bw_buf_printf(b, "</%s>", name);
}

static void
put_time(struct bw_buf *b, const char *name, int64_t when)
{
	json_object *time = sim_json_time(when);

	sim_json_element(b, name, json_object_get_string(time));
	(void)json_object_put(time);
}

static void
begin_notification(struct bw_buf *b)
{
	bw_buf_init(b, SIM_MAX_POST);
	bw_buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" "
		       "standalone=\"yes\"?><Notification>");
}

static void
finish_notification(struct sim_world *w, const struct sim_target *t,
    const char *event, const char *about, struct bw_buf *b, int64_t after)
{
	struct sim_callback callback = {
	    .event = event,
	    .about = about,
	    .family = BW_FAMILY_NUMBERS,
	    .primary = *t,
	};

	bw_buf_puts(b, "</Notification>");
	sim_post_xml(w, &callback, b, after);
}

/* Is it a final status? Only these list the numbers. */
static bool
is_end(const char *status)
{
	static const char *const ends[] = {"COMPLETE", "COMPLETED", "PARTIAL",
	    "ADJUSTED_COMPLETE", "ADJUSTED_PARTIAL"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strcmp(status, ends[i]) == 0)
			return true;
	}
	return false;
}

struct order {
	struct sim_world *world;
	const struct sim_order *options;
	char *subscription;
	char *id;
};

static void
notify(const struct order *o, const char *status, const char *message,
    const char *remark, int64_t after)
{
	const struct sim_order *p = o->options;
	int64_t when = sim_world_now(o->world) + after;
	struct bw_buf b;

	begin_notification(&b);
	sim_json_element(&b, "Status", status);
	sim_json_element(&b, "SubscriptionId", o->subscription);
	sim_json_element(&b, "Message", message);
	sim_json_element(&b, "Note", remark);
	sim_json_element(&b, "OrderId", o->id);
	sim_json_element(&b, "OrderType", p->type);
	sim_json_element(&b, "CustomerOrderId", p->customer);
	if (is_end(status))
		put_numbers(&b, "CompletedTelephoneNumbers", p->numbers, p->n);
	put_time(&b, "LastModifiedDate", when);
	if (strcmp(status, "FOC") == 0 && strcmp(p->type, "portins") == 0)
		put_time(&b, "ActualFocDate", when + 72 * HOUR);
	finish_notification(o->world, &p->target, "order", o->id, &b, after);
}

void
sim_order(struct sim_world *w, const struct sim_order *options, int64_t after)
{
	struct sim_order p = *options;
	struct order o = {.world = w, .options = &p};
	const char *const *usual;
	size_t n = 0;

	if (p.type == NULL)
		p.type = "orders";
	if (p.between == 0)
		p.between = HOUR;
	o.subscription = sim_world_id(w, "");
	o.id = sim_world_id(w, "");
	usual = statuses_of(&p);
	for (; usual[n] != NULL; n++)
		notify(&o, usual[n], usual[n + 1] == NULL ? p.message : NULL,
		    NULL, after + (int64_t)n * p.between);
	if (p.remark != NULL && n > 0)
		notify(&o, usual[n - 1], NULL, p.remark,
		    after + (int64_t)n * p.between);
	free(o.subscription);
	free(o.id);
}

void
sim_order_lost(struct sim_world *w, const struct sim_loss *l, int64_t after)
{
	static const char *const default_numbers[] = {"+19195550100"};
	char *subscription = sim_world_id(w, "");
	struct bw_buf b;

	begin_notification(&b);
	sim_json_element(&b, "SubscriptionId", subscription);
	sim_json_element(&b, "EventType", "MESSAGING_LOST");
	put_numbers(&b, "ImpactedTelephoneNumbers",
	    l->n > 0 ? l->numbers : default_numbers, l->n > 0 ? l->n : 1);
	finish_notification(w, &l->target, "event", subscription, &b, after);
	free(subscription);
}
