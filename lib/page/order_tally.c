/*
 * Counts the orders that are not done, for metrics. The page of orders reads
 * all notifications; that may take longer than a scrape may. So what they say
 * is remembered, and each scrape reads on.
 */
#include "page/order_tally.h"

#include <pthread.h>
#include <string.h>

#include <bwcallback/tools/hash.h>
#include <bwcallback/tools/order.h>

#include "base/alloc.h"
#include "page/row_event.h"
#include "store/store.h"

/* Orders that are remembered; done ones are forgotten first. */
#define MAX_ORDERS 16384

/* Lists of orders, a power of two. */
#define LISTS 1024

/* Compare dates to the second: their precision may differ. */
#define SECONDS (sizeof("2026-03-01T10:00:00") - 1)

/* An order by its hash, with the status last reported. */
struct order {
	struct order *next; /* of a list */
	uint64_t id, status;
	enum bwi_order_wait wait; /* __MAX: for nothing */
	int64_t since;		  /* when the status was first told */
	int64_t last;		  /* when the newest notification came */
	char changed[SECONDS];	  /* as reported; "": unknown */
};

/* The orders of a store. Only one request at a time reads. */
struct tally {
	struct tally *next;
	bool busy;
	uint64_t seen; /* number of the last event that was looked at */
	size_t n;
	struct order *lists[LISTS];
	char url[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tally *tallies; /* those of a process are few, and stay */

struct reading {
	struct tally *tally;
	struct bwi_row_decoder decoder;
	bool no_memory;
};

static uint64_t
hash(uint64_t before, struct bw_str s)
{
	return bw_hash_byte(bw_hash_str(before, s), '\0');
}

static enum bwi_order_wait
wait_of(struct bw_str status)
{
	const char *state = bw_order_state(status);

	return strcmp(state, "act") == 0    ? BWI_ORDER_US
	       : strcmp(state, "open") == 0 ? BWI_ORDER_BANDWIDTH
					    : BWI_ORDER_WAIT__MAX;
}

/*
 * Forget the orders of which nothing was told since a time, and, with done,
 * those that are done.
 */
static void
forget(struct tally *t, int64_t before, bool done)
{
	for (size_t i = 0; i < LISTS; i++) {
		struct order **at = &t->lists[i], *o;

		while ((o = *at) != NULL) {
			if (o->last >= before &&
			    (!done || o->wait != BWI_ORDER_WAIT__MAX)) {
				at = &o->next;
				continue;
			}
			*at = o->next;
			bwi_free(o);
			t->n--;
		}
	}
}

/* The order, new if it is not known; NULL: no memory, or there are too many. */
static struct order *
order_of(struct tally *t, uint64_t id)
{
	struct order **list = &t->lists[id % LISTS], *o = *list;

	while (o != NULL && o->id != id)
		o = o->next;
	if (o != NULL)
		return o;
	if (t->n == MAX_ORDERS)
		forget(t, 0, true);
	o = t->n < MAX_ORDERS ? bwi_calloc(1, sizeof(*o)) : NULL;
	if (o == NULL)
		return NULL;
	*o = (struct order){
	    .next = *list, .id = id, .wait = BWI_ORDER_WAIT__MAX};
	*list = o;
	t->n++;
	return o;
}

/* Notifications may arrive in another order than that of the changes. */
static void
set_status(struct order *o, struct bw_str status, struct bw_str changed,
    int64_t received)
{
	uint64_t h = hash(BW_HASH_START, status);
	bool dated = changed.n >= SECONDS;

	if (dated && o->changed[0] != '\0' &&
	    memcmp(changed.p, o->changed, SECONDS) < 0)
		return;
	if (dated)
		memcpy(o->changed, changed.p, SECONDS);
	if (h == o->status)
		return;
	o->status = h;
	o->wait = wait_of(status);
	o->since = received;
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct reading *reading = arg;
	struct tally *t = reading->tally;
	const struct bw_event *e = bwi_row_decode(&reading->decoder, r);
	struct bw_str id = bwi_row_field(e, "OrderId"),
		      status = bwi_row_field(e, "Status");
	struct order *o;

	if (id.n > 0 && status.n > 0) {
		o = order_of(t, hash(hash(BW_HASH_START, id),
				    bwi_row_field(e, "OrderType")));
		if (o == NULL) {
			reading->no_memory = true;
			return false;
		}
		o->last = r->event.received;
		set_status(o, status, bwi_row_field(e, "LastModifiedDate"),
		    r->event.received);
	}
	t->seen = r->seq;
	return true;
}

static bool
take_last(void *arg, const struct bw_store_row *r)
{
	*(uint64_t *)arg = r->seq;
	return false;
}

/* Read the notifications that have come since the last time. */
static enum bw_err
read_new(struct tally *t, struct bw_store *store, int64_t deadline)
{
	static const struct bw_store_filter all = {.since = 0};
	const struct bw_store_filter orders = {
	    .family = BW_STR("numbers"), .type = BW_STR("order")};
	struct reading reading = {.tally = t};
	uint64_t last = 0, cursor = 0;
	enum bw_err err = bwi_store_read_until(
	    store, &all, true, 1, &cursor, deadline, take_last, &last, NULL);

	if (err != BW_OK)
		return err;
	if (last < t->seen) { /* it is another store, or an empty one */
		forget(t, INT64_MAX, false);
		t->seen = 0;
	}
	cursor = t->seen;
	bwi_row_decoder_init(&reading.decoder);
	err = bwi_store_read_until(store, &orders, false, SIZE_MAX, &cursor,
	    deadline, take, &reading, NULL);
	bwi_row_decoder_free(&reading.decoder);
	if (reading.no_memory)
		return BW_ERR_NOMEM;
	if (err == BW_OK && t->seen < last)
		t->seen = last;
	return err;
}

static void
count(const struct tally *t, struct bwi_order_tally *out)
{
	*out = (struct bwi_order_tally){.n = {0}};
	for (size_t i = 0; i < LISTS; i++) {
		for (const struct order *o = t->lists[i]; o; o = o->next) {
			if (o->wait == BWI_ORDER_WAIT__MAX)
				continue;
			out->n[o->wait]++;
			if (out->oldest[o->wait] == 0 ||
			    o->since < out->oldest[o->wait])
				out->oldest[o->wait] = o->since;
		}
	}
}

/* The tally of a store, new if there is none; NULL: no memory. */
static struct tally *
find(const char *url)
{
	struct tally *t = tallies;

	while (t != NULL && strcmp(t->url, url) != 0)
		t = t->next;
	if (t != NULL)
		return t;
	t = bwi_calloc(1, sizeof(*t) + strlen(url) + 1);
	if (t == NULL)
		return NULL;
	memcpy(t->url, url, strlen(url));
	t->next = tallies;
	tallies = t;
	return t;
}

/* NULL: no memory, or another request reads. */
static struct tally *
begin(const char *url, enum bw_err *err)
{
	struct tally *t;

	(void)pthread_mutex_lock(&mutex);
	t = find(url);
	*err = t == NULL ? BW_ERR_NOMEM : t->busy ? BW_ERR_BUSY : BW_OK;
	if (*err == BW_OK)
		t->busy = true;
	(void)pthread_mutex_unlock(&mutex);
	return *err == BW_OK ? t : NULL;
}

enum bw_err
bwi_order_tally_read(struct bw_store *store, const char *url, int64_t first,
    int64_t deadline, struct bwi_order_tally *out)
{
	enum bw_err err;
	struct tally *t = begin(url, &err);

	if (t == NULL)
		return err;
	err = read_new(t, store, deadline);
	if (err == BW_OK) {
		forget(t, first, false);
		count(t, out);
	}
	(void)pthread_mutex_lock(&mutex);
	t->busy = false;
	(void)pthread_mutex_unlock(&mutex);
	return err;
}
