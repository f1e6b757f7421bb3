/* The contract: consumers. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "contract.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "store/store.h"

/* The leases of a worker. */
struct lent {
	size_t n;
	struct bw_store_lease leases[16];
};

static bool
store_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	struct lent *to = arg;

	if (r->seq == l->seq && to->n < 16)
		to->leases[to->n++] = *l;
	return true;
}

static size_t
lease(const char *name, size_t max, int64_t ms, struct lent *to)
{
	enum bw_err err;

	e = (struct bw_error){0};
	to->n = 0;
	err = bw_store_lease(s, name, max, ms, store_lease, to, &e);
	if (err != BW_OK)
		tap_diag("lease: %s", e.msg);
	return to->n;
}

static enum bw_err
settle(const struct bw_store_lease *l, enum bw_store_outcome v, int64_t ms)
{
	e = (struct bw_error){0};
	return bw_store_settle(s, "work", l, v, ms, BW_STR("why not"), &e);
}

static void
append_threads(const char *const *threads, size_t n, uint64_t *seqs)
{
	struct bw_store_result r;

	for (size_t i = 0; i < n; i++) {
		struct bw_store_event event =
		    fixture_event("message-received", NULL);

		event.thread = fixture_text(threads[i]);
		(void)fixture_append(s, &event, &r);
		seqs[i] = r.seq;
	}
}

static void
test_leases(void)
{
	static const char *const threads[] = {"a", "a", "b", NULL, NULL};
	const struct bw_store_filter all = {0};
	struct lent first, second;
	uint64_t seqs[5];

	reset_store();
	append_threads(threads, 5, seqs);
	is_int(bw_store_consumer(s, "work", &all, 0, &e), BW_OK, "%s: consumer",
	    url);
	is_int((long long)lease("work", 10, 60000, &first), 4,
	    "%s: one event of each thread, and all without thread", url);
	is_int((long long)first.leases[1].seq, (long long)seqs[2],
	    "%s: not the second of a thread", url);
	is_int(first.leases[0].tries, 1, "%s: first try", url);
	is_int((long long)lease("work", 10, 60000, &second), 0,
	    "%s: nothing for another worker", url);

	is_int(
	    settle(&first.leases[0], BW_STORE_DONE, 0), BW_OK, "%s: done", url);
	is_int(settle(&first.leases[0], BW_STORE_DONE, 0), BW_ERR_STALE,
	    "%s: only once", url);
	is_int((long long)lease("work", 10, 60000, &second), 1,
	    "%s: then the next of the thread", url);
	is_int((long long)second.leases[0].seq, (long long)seqs[1],
	    "%s: that one", url);
	is_int(settle(&second.leases[0], BW_STORE_RETRY, 0), BW_OK,
	    "%s: try again", url);
	is_int((long long)lease("work", 10, 60000, &second), 1,
	    "%s: it is leased again", url);
	is_int(second.leases[0].tries, 2, "%s: second try", url);
	is_int(settle(&first.leases[1], BW_STORE_EXTEND, 60000), BW_OK,
	    "%s: heart-beat", url);
	is_int(settle(&second.leases[0], BW_STORE_RETRY, 60000), BW_OK,
	    "%s: later", url);
	is_int((long long)lease("work", 10, 60000, &second), 0,
	    "%s: not before", url);
	e = (struct bw_error){0};
	is_int(bw_store_lease(s, "nobody", 1, 1, store_lease, &first, &e),
	    BW_ERR_NOTFOUND, "%s: no such consumer", url);
}

static void
test_leases_run_out(void)
{
	static const char *const threads[] = {"a", "a"};
	const struct bw_store_filter all = {0};
	struct lent first, second;
	uint64_t seqs[2];
	unsigned turn = 0;

	reset_store();
	append_threads(threads, 2, seqs);
	must(bw_store_consumer(s, "work", &all, 0, &e));
	(void)lease("work", 10, 1, &first);
	while (lease("work", 10, 60000, &second) == 0 && tap_poll(&turn))
		;
	is_int((long long)second.n, 1, "%s: an expired lease", url);
	is_int((long long)second.leases[0].seq, (long long)seqs[0],
	    "%s: the same event", url);
	is_int(settle(&first.leases[0], BW_STORE_DONE, 0), BW_ERR_STALE,
	    "%s: the first lease is invalid", url);
	is_int(settle(&second.leases[0], BW_STORE_DONE, 0), BW_OK,
	    "%s: the second is valid", url);
}

static bool
count_letter(void *arg, const struct bw_store_lease *l, struct bw_str why,
    const struct bw_store_row *r)
{
	ok(bw_str_is(why, "why not") && l->seq == r->seq && l->tries == 1,
	    "%s: a dead letter", url);
	++*(int *)arg;
	return true;
}

static int
count_dead(void)
{
	int n = 0;

	e = (struct bw_error){0};
	is_int(bw_store_dead(s, "work", count_letter, &n, &e), BW_OK,
	    "%s: dead letters", url);
	return n;
}

static void
test_dead_letters(void)
{
	static const char *const threads[] = {"a", "a"};
	const struct bw_store_filter all = {0};
	struct lent lent;
	uint64_t seqs[2], pruned;
	size_t n;

	reset_store();
	append_threads(threads, 2, seqs);
	must(bw_store_consumer(s, "work", &all, 0, &e));
	(void)lease("work", 1, 60000, &lent);
	is_int(
	    settle(&lent.leases[0], BW_STORE_DEAD, 0), BW_OK, "%s: dead", url);
	is_int(count_dead(), 1, "%s: one", url);
	is_int((long long)lease("work", 9, 60000, &lent), 1,
	    "%s: the thread continues", url);
	(void)settle(&lent.leases[0], BW_STORE_DONE, 0);
	is_int(bw_store_prune(s, INT64_MAX, 0, &pruned, &e), BW_OK, "%s: prune",
	    url);
	is_int((long long)pruned, 1, "%s: a dead letter stays", url);
	is_int(bw_store_revive(s, "work", seqs[0], &n, &e), BW_OK, "%s: revive",
	    url);
	is_int((long long)n, 1, "%s: one", url);
	is_int((long long)lease("work", 9, 60000, &lent), 1,
	    "%s: it is leased again", url);
	is_int(count_dead(), 0, "%s: none", url);
	(void)settle(&lent.leases[0], BW_STORE_DEAD, 0);
	is_int(bw_store_drop_dead(s, "work", seqs[1], &n, &e), BW_OK,
	    "%s: drop another event", url);
	is_int((long long)n, 0, "%s: nothing is dropped", url);
	is_int(bw_store_drop_dead(s, "work", seqs[0], &n, &e), BW_OK,
	    "%s: drop the dead letter", url);
	is_int((long long)n, 1, "%s: one", url);
	is_int(count_dead(), 0, "%s: it is dropped", url);
	is_int((long long)lease("work", 9, 60000, &lent), 0,
	    "%s: and never leased again", url);
	is_int(
	    bw_store_consumer_remove(s, "work", &e), BW_OK, "%s: remove", url);
	is_int(bw_store_consumer_remove(s, "work", &e), BW_ERR_NOTFOUND,
	    "%s: it is removed", url);
}

static void
test_consumer_filter(void)
{
	static const char *const threads[] = {NULL, NULL, NULL};
	struct bw_store_filter f = {.family = BW_STR("voice")};
	struct bw_store_event event = fixture_event("answer", NULL);
	struct bw_store_result r;
	uint64_t seqs[3], pruned;
	struct lent lent;

	reset_store();
	append_threads(threads, 3, seqs);
	must(bw_store_consumer(s, "work", &f, 0, &e));
	is_int((long long)lease("work", 9, 60000, &lent), 0,
	    "%s: nothing of that family", url);
	event.family = BW_STR("voice");
	(void)fixture_append(s, &event, &r);
	is_int((long long)lease("work", 9, 60000, &lent), 1, "%s: one", url);
	must(bw_store_consumer(
	    s, "late", &(struct bw_store_filter){0}, seqs[1], &e));
	is_int((long long)lease("late", 9, 60000, &lent), 2,
	    "%s: begins after a number", url);
	must(bw_store_consumer(s, "late", &f, 0, &e));
	is_int((long long)lease("late", 9, 60000, &lent), 0,
	    "%s: a new filter does not move it back", url);
	must(bw_store_prune(s, INT64_MAX, 0, &pruned, &e));
	is_int((long long)pruned, 2, "%s: events that no consumer needs", url);
	is_int((long long)fixture_count(s, NULL), 2, "%s: the rest stays", url);
	e = (struct bw_error){0};
	is_int(bw_store_consumer(s, "", &f, 0, &e), BW_ERR_USAGE,
	    "%s: a consumer must have a name", url);
}

/* An event that can be leased is found behind many that cannot. */
static void
test_behind(void)
{
	static const char *const threads[] = {"a", "a", "a", "a", "a", "b"};
	const struct bw_store_filter all = {0};
	struct lent lent;
	uint64_t seqs[6];

	reset_store();
	append_threads(threads, 6, seqs);
	must(bw_store_consumer(s, "work", &all, 0, &e));
	is_int(
	    (long long)lease("work", 1, 60000, &lent), 1, "%s: the first", url);
	is_int((long long)lease("work", 1, 60000, &lent), 1,
	    "%s: another thread's", url);
	is_int((long long)lent.leases[0].seq, (long long)seqs[5],
	    "%s: which comes after those that wait", url);
	is_int(
	    (long long)lease("work", 1, 60000, &lent), 0, "%s: no more", url);
}

static bool
copy_state(void *arg, const struct bw_store_consumer_state *c)
{
	struct bw_store_consumer_state *to = arg;

	if (bw_str_is(c->name, "work"))
		to[0] = *c;
	else
		to[1] = *c;
	return true;
}

static void
is_state(const struct bw_store_consumer_state *c, unsigned pending,
    unsigned ahead, unsigned dead, unsigned held, const char *what)
{
	char got[96], want[96];

	(void)snprintf(got, sizeof(got), "%u %u %u %u", (unsigned)c->pending,
	    (unsigned)c->ahead, (unsigned)c->dead, (unsigned)c->held);
	(void)snprintf(
	    want, sizeof(want), "%u %u %u %u", pending, ahead, dead, held);
	is_str(got, want, "%s: %s", url, what);
}

static void
test_states(void)
{
	const struct bw_store_filter all = {0},
				     voice = {.family = BW_STR("voice")};
	struct bw_store_event event = fixture_event("message-sent", NULL);
	struct bw_store_consumer_state c[2] = {{.position = 0}};
	struct bw_store_result r;
	struct lent lent;

	reset_store();
	for (int i = 0; i < 4; i++) {
		event.received = 1000 + i;
		(void)fixture_append(s, &event, &r);
	}
	must(bw_store_consumer(s, "work", &all, 0, &e));
	must(bw_store_consumer(s, "zero", &voice, r.seq, &e));
	must(bw_store_consumers(s, INT64_MAX, copy_state, c, &e));
	is_state(&c[0], 0, 4, 0, 4, "new");
	is_int(c[0].oldest, 1000, "%s: when the oldest came", url);
	ok(c[0].seen >= c[0].created && c[0].created > 0, "%s: times", url);
	is_state(&c[1], 0, 0, 0, 0, "at the end");
	is_int(c[1].oldest, 0, "%s: nothing waits", url);
	is_int(
	    (long long)c[1].position, (long long)r.seq, "%s: its place", url);

	(void)lease("work", 2, 60000, &lent);
	must(settle(&lent.leases[0], BW_STORE_DONE, 0));
	must(settle(&lent.leases[1], BW_STORE_DEAD, 0));
	(void)lease("work", 1, 60000, &lent);
	event.family = BW_STR("voice");
	(void)fixture_append(s, &event, &r);
	must(bw_store_consumers(s, INT64_MAX, copy_state, c, &e));
	is_state(&c[0], 1, 2, 1, 4, "one done, one dead, one leased");
	is_int((long long)c[0].leased, 1, "%s: a worker has it", url);
	is_int((long long)c[0].retrying, 0, "%s: for the first time", url);
	is_int(c[0].oldest, 1002, "%s: a dead letter does not wait", url);
	is_state(&c[1], 0, 1, 0, 1, "what its filter selects");
	must(bw_store_consumers(s, 1002, copy_state, c, &e));
	is_state(&c[0], 1, 2, 1, 1, "held: only those before a time");
	must(settle(&lent.leases[0], BW_STORE_RETRY, 60000));
	must(bw_store_consumers(s, 0, copy_state, c, &e));
	is_int((long long)c[0].leased, 0, "%s: nobody has it", url);
	is_int((long long)c[0].retrying, 1, "%s: it waits", url);
}

static bool
ignore_state(void *arg, const struct bw_store_consumer_state *c)
{
	(void)arg;
	(void)c;
	return true;
}

/* A deadline that is over ends reading where there is much to read. */
static void
test_deadline(void)
{
	const struct bw_store_filter voice = {.family = BW_STR("voice")};
	const struct bw_store_event event = fixture_event("message-sent", NULL);
	bool waits = strcmp(url, "mem:") != 0;
	struct bw_store_result r;
	enum bw_err err;

	reset_store();
	for (int i = 0; i < 400; i++)
		(void)fixture_append(s, &event, &r);
	must(bw_store_consumer(s, "voice", &voice, 0, &e));
	err = bwi_store_consumers_until(
	    s, 0, bw_monotonic_ns(), ignore_state, NULL, &e);
	is_int(err, waits ? BW_ERR_BUSY : BW_OK, "%s: until a deadline", url);
	must(bw_store_consumers(s, 0, ignore_state, NULL, &e));
}

void
contract_consumers(void)
{
	test_behind();
	test_states();
	test_deadline();
	test_leases();
	test_leases_run_out();
	test_dead_letters();
	test_consumer_filter();
}
