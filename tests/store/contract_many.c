/*
 * The contract: more events than the newest ones that a store may treat
 * differently. What each filter selects, from each cursor and in both
 * directions, is compared with a search of all events.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "store/store.h"

#include <bwcallback/tools/store.h>

#define MANY 1300

static struct bw_store_event events[MANY];
static bool gone[MANY]; /* removed again */
static char names[MANY][24];

/* The members take turns in ways that meet in all combinations. */
static void
make_events(void)
{
	static char ids[40][16];
	static const char *const types[] = {"answer", "message-sent", "gather",
	    "", "message-received", "order"};
	static const char *const families[] = {"voice", "messaging", "numbers"};

	for (int i = 0; i < 40; i++)
		(void)snprintf(ids[i], sizeof(ids[i]), "x-%d", i);
	for (int i = 0; i < MANY; i++) {
		struct bw_store_event *v = &events[i];

		(void)snprintf(names[i], sizeof(names[i]), "k-%d", i);
		*v = fixture_event(types[i * 7 % 11 % 6], names[i]);
		v->family = fixture_text(families[i % 5 % 3]);
		v->received = 1700000000000 + i * 10 - i % 13 * 1000;
		v->message = (struct bw_str){NULL, 0};
		if (i % 3 == 0)
			v->call = fixture_text(ids[i * 13 % 37]);
		if (i % 4 == 1)
			v->message = fixture_text(ids[i * 11 % 29]);
		v->from = fixture_text(ids[i * 17 % 23]);
		v->to = fixture_text(ids[i % 8 == 0 ? i * 17 % 23 : i % 19]);
	}
}

static void
append_all(void)
{
	static struct bw_store_result r[MANY];

	make_events();
	memset(gone, 0, sizeof(gone));
	for (int i = 0; i < MANY;) {
		int n = 1 + i % 9;

		if (n > MANY - i)
			n = MANY - i;
		must(bw_store_append(
		    s, &events[i], (size_t)n, fixture_in(LONG), &r[i], &e));
		i += n;
	}
	is_int((long long)r[MANY - 1].seq, MANY, "%s: numbers", url);
}

static struct bw_store_filter
make_filter(int i)
{
	const struct bw_store_event *v = &events[i * 31 % MANY];
	struct bw_store_filter f = {.since = 0};

	if (i % 2 == 1)
		f.number = i % 3 == 0 ? v->to : v->from;
	if (i % 5 == 1)
		f.call = v->call;
	if (i % 7 == 3)
		f.message = v->message;
	if (i % 4 >= 2)
		f.family = v->family;
	if (i % 6 >= 4)
		f.type = v->type;
	if (i % 8 >= 6)
		f.since = 1700000000000 + i * 53 % 13000;
	if (i % 9 >= 6)
		f.until = 1700000000000 + i * 97 % 13000;
	return f;
}

/* The numbers of the events that were read, and what is expected. */
struct list {
	size_t n;
	uint64_t seqs[MANY];
};

static bool
add_seq(void *arg, const struct bw_store_row *r)
{
	struct list *l = arg;

	l->seqs[l->n++] = r->seq;
	return true;
}

static void
expect(const struct bw_store_filter *f, bool newest_first, uint64_t cursor,
    size_t max, struct list *l)
{
	l->n = 0;
	for (int i = 0; i < MANY && l->n < max; i++) {
		uint64_t seq = (uint64_t)(newest_first ? MANY - i : i + 1);

		if ((newest_first ? cursor == 0 || seq < cursor
				  : seq > cursor) &&
		    !gone[seq - 1] && bwi_store_matches(f, &events[seq - 1]))
			l->seqs[l->n++] = seq;
	}
}

static bool
reads_right(const struct bw_store_filter *f, int i, size_t *rows)
{
	static const size_t most[] = {1, 7, MANY};
	bool newest_first = i % 2 == 0;
	uint64_t cursor = (uint64_t)(i % 5 * 400);
	size_t max = most[i % 3];
	struct list want, got = {.n = 0};

	expect(f, newest_first, cursor, max, &want);
	must(
	    bw_store_read(s, f, newest_first, max, &cursor, add_seq, &got, &e));
	*rows += got.n;
	return want.n == got.n &&
	       memcmp(want.seqs, got.seqs, got.n * sizeof(*got.seqs)) == 0 &&
	       (got.n == 0 || cursor == got.seqs[got.n - 1]);
}

static bool
add_count(void *arg, const struct bw_store_count *c)
{
	*(size_t *)arg += (size_t)c->events;
	return true;
}

static bool
counts_right(const struct bw_store_filter *f)
{
	struct list want;
	size_t n = 0;

	expect(f, false, 0, MANY, &want);
	must(bw_store_count(s, f, add_count, &n, &e));
	return n == want.n;
}

static void
check_reading(const char *when)
{
	size_t wrong = 0, miscounted = 0, rows = 0;

	for (int i = 0; i < 300; i++) {
		struct bw_store_filter f = make_filter(i);

		for (int k = 0; k < 30; k++)
			wrong += !reads_right(&f, k, &rows);
		miscounted += !counts_right(&f);
	}
	is_int((long long)wrong, 0, "%s: %s: filters select", url, when);
	is_int((long long)miscounted, 0, "%s: %s: and count", url, when);
	ok(rows > 10000, "%s: %s: %zu rows", url, when, rows);
}

struct leased {
	struct list list;
	struct bw_store_lease lease[MANY];
};

static bool
add_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	struct leased *to = arg;

	to->lease[to->list.n] = *l;
	return add_seq(&to->list, r);
}

static bool
state_is(void *arg, const struct bw_store_consumer_state *c)
{
	*(uint64_t *)arg = c->ahead;
	return true;
}

/* A consumer gets what its filter selects, some at a time. */
static bool
consumes_right(const struct bw_store_filter *f)
{
	static struct leased got;
	struct list want;
	uint64_t ahead = 0;
	size_t before;

	expect(f, false, 100, MANY, &want);
	must(bw_store_consumer(s, "work", f, 100, &e));
	must(bw_store_consumers(s, 0, state_is, &ahead, &e));
	got.list.n = 0;
	do {
		before = got.list.n;
		must(bw_store_lease(s, "work", 90, 60000, add_lease, &got, &e));
		for (size_t i = before; i < got.list.n; i++)
			must(bw_store_settle(s, "work", &got.lease[i],
			    BW_STORE_DONE, 0, BW_STR(""), &e));
	} while (got.list.n > before);
	must(bw_store_consumer_remove(s, "work", &e));
	return ahead == want.n && got.list.n == want.n &&
	       memcmp(want.seqs, got.list.seqs, want.n * sizeof(*want.seqs)) ==
		   0;
}

static void
check_consuming(void)
{
	size_t wrong = 0;

	for (int i = 0; i < 40; i++) {
		struct bw_store_filter f = make_filter(i * 7);

		wrong += !consumes_right(&f);
	}
	is_int((long long)wrong, 0, "%s: consumers", url);
}

/* Each key is recognized, wherever its event is. */
static void
check_keys(void)
{
	size_t wrong = 0;

	for (int i = 0; i < MANY; i += 3) {
		struct bw_store_result r;

		must(fixture_append(s, &events[i], &r));
		wrong += r.fate == BW_STORE_NEW || r.seq != (uint64_t)i + 1;
	}
	is_int((long long)wrong, 0, "%s: re-deliveries", url);
}

/* Events go from the middle, because times do not follow the numbers. */
static void
prune_some(void)
{
	int64_t before = 1700000000000 + 4000;
	struct bw_store_stats stats;
	uint64_t n, want = 0;

	for (int i = 0; i < MANY; i++) {
		gone[i] = events[i].received < before;
		want += gone[i];
	}
	must(bw_store_prune(s, before, 0, &n, &e));
	is_int((long long)n, (long long)want, "%s: pruned", url);
	must(bw_store_stats(s, &stats, &e));
	is_int((long long)stats.events, MANY - (long long)want,
	    "%s: events that are left", url);
	ok(stats.oldest >= before && stats.oldest < before + 50,
	    "%s: the oldest", url);
}

void
contract_many(void)
{
	reset_store();
	append_all();
	check_reading("all");
	check_keys();
	check_consuming();
	if (drops_segments())
		return;
	prune_some();
	check_reading("pruned");
	check_consuming();
}
