/* Metrics of the stores. */
#include "page/metrics.h"

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "config/config_internal.h"
#include "page/order_tally.h"
#include "store/store.h"

/* How long reading a store may take, in nanoseconds. */
#define MAX_WAIT INT64_C(250000000)

/* And for the notifications of orders. The next scrape reads on. */
#define MAX_ORDERS INT64_C(20000000)

/* The consumers that are shown; further ones are added up as "other". */
#define MAX_CONSUMERS 64

struct consumer {
	char name[BW_STORE_MAX_NAME + 1];
	uint64_t lag;
	uint64_t leased;
	uint64_t retrying;
	uint64_t dead;
	int64_t oldest; /* 0: nothing waits */
	int64_t seen;	/* 0: unknown */
};

/* What was read of a store. */
struct reading {
	const struct bwi_named_store *store;
	struct bwi_store_files files;
	int64_t first; /* when the oldest event came; 0: unknown, or none */
	bool good;
	bool counted; /* orders */
	struct bwi_order_tally orders;
	size_t n;
	struct consumer v[MAX_CONSUMERS];
};

/* Of all stores, since all values of a metric stand together. */
struct readings {
	size_t n;
	struct reading v[];
};

#define MAX_LABELS 2

static int64_t
earlier(int64_t a, int64_t b)
{
	return a != 0 && (b == 0 || a < b) ? a : b;
}

/* The last element adds up the consumers shown as "other". */
static struct consumer *
consumer_of(struct reading *all, struct bw_str name)
{
	struct consumer *other = &all->v[MAX_CONSUMERS - 1];

	if (all->n < MAX_CONSUMERS - 1 && !bw_str_is(name, "other")) {
		memcpy(all->v[all->n].name, name.p, name.n);
		return &all->v[all->n++];
	}
	memcpy(other->name, "other", sizeof("other"));
	return other;
}

static bool
take(void *arg, const struct bw_store_consumer_state *s)
{
	struct consumer *c = consumer_of(arg, s->name);

	c->lag += s->pending + s->ahead;
	c->leased += s->leased;
	c->retrying += s->retrying;
	c->dead += s->dead;
	c->oldest = earlier(s->oldest, c->oldest);
	c->seen = earlier(s->seen, c->seen);
	return true;
}

/* The i-th shown element; NULL after the last. */
static const struct consumer *
shown(const struct reading *all, size_t i)
{
	const struct consumer *other = &all->v[MAX_CONSUMERS - 1];

	if (i < all->n)
		return &all->v[i];
	return i == all->n && other->name[0] != '\0' ? other : NULL;
}

/* The labels of a store, and of a consumer if that is not NULL. */
static size_t
put_labels(const struct reading *r, const struct consumer *c,
    struct bwi_label labels[MAX_LABELS])
{
	size_t n = 0;

	if (r->store->id.p != NULL)
		labels[n++] = (struct bwi_label){"store", r->store->id};
	if (c != NULL)
		labels[n++] =
		    (struct bwi_label){"consumer", {c->name, strlen(c->name)}};
	return n;
}

/* No age is negative, even if the clock was set back. */
static int64_t
age_of(const struct consumer *c)
{
	int64_t now = bw_realtime_ms();

	return c->oldest != 0 && c->oldest < now ? now - c->oldest : 0;
}

enum value {
	LAG,
	LEASES,
	RETRYING,
	DEAD,
	AGE,
	SEEN
};

static uint64_t
number_of(const struct consumer *c, enum value which)
{
	switch (which) {
	case LAG:
		return c->lag;
	case LEASES:
		return c->leased;
	case RETRYING:
		return c->retrying;
	default:
		return c->dead;
	}
}

static void
put_value(struct bwi_exposition *x, const struct reading *r,
    const struct consumer *c, enum value which)
{
	struct bwi_label labels[MAX_LABELS];
	size_t n = put_labels(r, c, labels);

	if (which <= DEAD)
		bwi_exposition_number(x, "", labels, n, number_of(c, which));
	else if (which == AGE)
		bwi_exposition_seconds(x, "", labels, n, age_of(c) * 1000000);
	else if (c->seen != 0)
		bwi_exposition_seconds(x, "", labels, n, c->seen * 1000000);
}

static void
put_values(
    struct bwi_exposition *x, const struct readings *all, enum value which)
{
	const struct consumer *c;

	for (size_t i = 0; i < all->n; i++) {
		const struct reading *r = &all->v[i];

		for (size_t k = 0; r->good && (c = shown(r, k)) != NULL; k++)
			put_value(x, r, c, which);
	}
}

static void
put_consumers(struct bwi_exposition *x, const struct readings *all)
{
	bwi_exposition_metric(x, "bwcallback_consumer_lag_events",
	    BWI_METRIC_GAUGE, "Events that the consumer has not handled.");
	put_values(x, all, LAG);
	bwi_exposition_metric(x, "bwcallback_consumer_lag_seconds",
	    BWI_METRIC_GAUGE, "Age of the oldest of these events; 0: none.");
	put_values(x, all, AGE);
	bwi_exposition_metric(x, "bwcallback_consumer_leases", BWI_METRIC_GAUGE,
	    "Of these events, those that a process of the consumer works on.");
	put_values(x, all, LEASES);
	bwi_exposition_metric(x, "bwcallback_consumer_retrying_events",
	    BWI_METRIC_GAUGE,
	    "Of these events, those that failed and wait to be tried again.");
	put_values(x, all, RETRYING);
	bwi_exposition_metric(x, "bwcallback_consumer_dead_events",
	    BWI_METRIC_GAUGE, "Dead letters.");
	put_values(x, all, DEAD);
	bwi_exposition_metric(x, "bwcallback_consumer_seen_timestamp_seconds",
	    BWI_METRIC_GAUGE,
	    "When a process of the consumer was last seen, to the minute.");
	put_values(x, all, SEEN);
}

static bool
take_first(void *arg, const struct bw_store_row *row)
{
	struct reading *r = arg;

	r->first = row->event.received;
	return false;
}

/* Does a section for notifications of orders have the store? */
static bool
has_orders(const struct bw_config *c, const struct bwi_store_handle *store)
{
	for (size_t i = 0; i < c->nsections; i++) {
		if (c->sections[i].kind == BWI_SECTION_NUMBERS &&
		    c->sections[i].store == store)
			return true;
	}
	return false;
}

static void
count_orders(struct bwi_store_handle *handle, struct reading *r)
{
	struct bw_store *store = NULL;
	enum bw_err err = bwi_store_handle_store(handle, &store, NULL);

	if (err == BW_OK)
		err = bwi_order_tally_read(store, bwi_store_handle_url(handle),
		    r->first, bw_monotonic_ns() + MAX_ORDERS, &r->orders);
	r->counted = err == BW_OK || err == BW_ERR_NOFILE;
}

/* A store without a file has no consumers and no events, and can be read. */
static bool
read_store(struct bwi_store_handle *handle, struct reading *r)
{
	const struct bw_store_filter all = {.since = 0};
	int64_t until = bw_monotonic_ns() + MAX_WAIT;
	struct bw_store *store = NULL;
	struct bw_error e = {0};
	uint64_t cursor = 0;
	enum bw_err err = bwi_store_handle_store(handle, &store, &e);

	if (err == BW_OK)
		err = bwi_store_read_until(
		    store, &all, false, 1, &cursor, until, take_first, r, &e);
	if (err == BW_OK)
		err = bwi_store_consumers_until(store, 0, until, take, r, &e);
	return err == BW_OK || err == BW_ERR_NOFILE;
}

static void
put_first(struct bwi_exposition *x, const struct readings *all)
{
	bool any = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct reading *r = &all->v[i];
		struct bwi_label labels[MAX_LABELS];
		size_t n = put_labels(r, NULL, labels);

		if (r->first == 0)
			continue;
		if (!any)
			bwi_exposition_metric(x,
			    "bwcallback_store_oldest_event_timestamp_seconds",
			    BWI_METRIC_GAUGE, "When the oldest event came.");
		any = true;
		bwi_exposition_seconds(x, "", labels, n, r->first * 1000000);
	}
}

/* NULL: out of memory. */
static struct readings *
read_stores(const struct bw_config *c)
{
	struct readings *all =
	    bwi_calloc(1, sizeof(*all) + c->nstores * sizeof(all->v[0]));

	if (all == NULL)
		return NULL;
	all->n = c->nstores;
	for (size_t i = 0; i < all->n; i++) {
		all->v[i].store = &c->stores[i];
		bwi_store_handle_files(c->stores[i].handle, &all->v[i].files);
		all->v[i].good = read_store(c->stores[i].handle, &all->v[i]);
		if (all->v[i].good && has_orders(c, c->stores[i].handle))
			count_orders(c->stores[i].handle, &all->v[i]);
	}
	return all;
}

static void
put_spools(struct bwi_exposition *x, const struct readings *all)
{
	bwi_exposition_metric(x, "bwcallback_spool_bytes", BWI_METRIC_GAUGE,
	    "Bytes that wait in the spool beside the store.");
	for (size_t i = 0; i < all->n; i++) {
		const struct reading *r = &all->v[i];
		struct bwi_label labels[MAX_LABELS];
		size_t n = put_labels(r, NULL, labels);

		bwi_exposition_number(x, "", labels, n,
		    (uint64_t)bwi_store_handle_spooled(r->store->handle));
	}
}

/* What the system says of the files; which: a value that may be unknown. */
static void
put_file_values(struct bwi_exposition *x, const struct readings *all,
    const char *name, const char *help,
    bool (*which)(const struct bwi_store_files *, uint64_t *))
{
	bool any = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct reading *r = &all->v[i];
		struct bwi_label labels[MAX_LABELS];
		size_t n = put_labels(r, NULL, labels);
		uint64_t value;

		if (!which(&r->files, &value))
			continue;
		if (!any)
			bwi_exposition_metric(x, name, BWI_METRIC_GAUGE, help);
		any = true;
		bwi_exposition_number(x, "", labels, n, value);
	}
}

static bool
get_bytes(const struct bwi_store_files *f, uint64_t *v)
{
	*v = f->segments;
	return f->local;
}

static bool
get_log(const struct bwi_store_files *f, uint64_t *v)
{
	*v = f->logs;
	return f->local;
}

static bool
get_segments(const struct bwi_store_files *f, uint64_t *v)
{
	*v = f->nsegments;
	return f->local;
}

static bool
get_free(const struct bwi_store_files *f, uint64_t *v)
{
	*v = f->free;
	return f->placed;
}

static void
put_files(struct bwi_exposition *x, const struct readings *all)
{
	put_file_values(x, all, "bwcallback_store_bytes",
	    "Size of the segments of the store.", get_bytes);
	put_file_values(x, all, "bwcallback_store_log_bytes",
	    "Size of their write-ahead logs.", get_log);
	put_file_values(x, all, "bwcallback_store_segments",
	    "Segments of the store.", get_segments);
	put_file_values(x, all, "bwcallback_store_free_bytes",
	    "Bytes that are free where the store is, or its spool.", get_free);
}

static bool
put_readable(struct bwi_exposition *x, const struct readings *all)
{
	bool any = false;

	bwi_exposition_metric(x, "bwcallback_store_readable", BWI_METRIC_GAUGE,
	    "0 if the store could not be read in time: metrics of consumers "
	    "are missing.");
	for (size_t i = 0; i < all->n; i++) {
		struct bwi_label labels[MAX_LABELS];
		size_t n = put_labels(&all->v[i], NULL, labels);

		bwi_exposition_number(x, "", labels, n, all->v[i].good);
		any = any || all->v[i].good;
	}
	return any;
}

/* The number of orders, or since when the oldest of them waits. */
static void
put_waiting(struct bwi_exposition *x, const struct readings *all, bool number)
{
	static const char *const names[] = {"bandwidth", "us"};

	for (size_t i = 0; i < all->n; i++) {
		const struct reading *r = &all->v[i];
		struct bwi_label labels[MAX_LABELS];
		size_t n = put_labels(r, NULL, labels);

		for (int k = 0; r->counted && k < BWI_ORDER_WAIT__MAX; k++) {
			labels[n] = (struct bwi_label){
			    "waits_for", {names[k], strlen(names[k])}};
			if (number)
				bwi_exposition_number(
				    x, "", labels, n + 1, r->orders.n[k]);
			else if (r->orders.n[k] > 0)
				bwi_exposition_seconds(x, "", labels, n + 1,
				    r->orders.oldest[k] * 1000000);
		}
	}
}

static void
put_orders(struct bwi_exposition *x, const struct readings *all)
{
	bool counted = false, open = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct reading *r = &all->v[i];

		counted = counted || r->counted;
		for (int k = 0; k < BWI_ORDER_WAIT__MAX; k++)
			open = open || (r->counted && r->orders.n[k] > 0);
	}
	if (!counted)
		return;
	bwi_exposition_metric(x, "bwcallback_orders_open", BWI_METRIC_GAUGE,
	    "Orders that are not done, by the side they wait for.");
	put_waiting(x, all, true);
	if (!open)
		return;
	bwi_exposition_metric(x, "bwcallback_orders_oldest_timestamp_seconds",
	    BWI_METRIC_GAUGE, "Since when the oldest of these waits.");
	put_waiting(x, all, false);
}

void
bwi_metrics_stores(struct bwi_exposition *x, const struct bw_config *c)
{
	struct readings *all = read_stores(c);

	if (all == NULL) {
		x->out->err = BW_ERR_NOMEM;
		return;
	}
	put_spools(x, all);
	put_files(x, all);
	put_first(x, all);
	if (put_readable(x, all))
		put_consumers(x, all);
	put_orders(x, all);
	bwi_free(all);
}
