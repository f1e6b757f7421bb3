/*
 * The contract: out of memory. Each allocation of each function fails in turn;
 * a failed call changes nothing, and the store still works.
 */
#include <stdio.h>
#include <string.h>

#include "contract.h"

#include <bwcallback/tools/store.h>

static const struct bw_store_filter everything = {
    .family = {"messaging", 9},
    .number = {"+19195550101", 12},
};

static bool
ignore_row(void *arg, const struct bw_store_row *r)
{
	*(uint64_t *)arg += r->seq > 0;
	return true;
}

static bool
ignore_count(void *arg, const struct bw_store_count *c)
{
	*(uint64_t *)arg += c->events;
	return true;
}

static struct bw_store_lease lent;

static bool
store_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	(void)r;
	lent = *l;
	++*(uint64_t *)arg;
	return true;
}

static bool
ignore_dead(void *arg, const struct bw_store_lease *l, struct bw_str why,
    const struct bw_store_row *r)
{
	(void)l;
	*(uint64_t *)arg += why.n > 0 && r->seq > 0;
	return true;
}

/* The steps, in this order; each checks its result. */
static enum bw_err
do_read(uint64_t *n)
{
	uint64_t cursor = 0;

	return bw_store_read(
	    s, &everything, true, 10, &cursor, ignore_row, n, &e);
}

static enum bw_err
do_follow(uint64_t *n)
{
	*n = 1;
	return bw_store_follow(s, 0, fixture_in(LONG), &e);
}

static enum bw_err
do_count(uint64_t *n)
{
	return bw_store_count(s, &everything, ignore_count, n, &e);
}

static enum bw_err
do_stats(uint64_t *n)
{
	struct bw_store_stats stats;
	enum bw_err err = bw_store_stats(s, &stats, &e);

	*n = stats.events;
	return err;
}

static enum bw_err
do_tables(uint64_t *n)
{
	struct bw_store_tables tables;
	enum bw_err err = bw_store_tables(whole_url, &tables, &e);

	*n = tables.version == tables.newest && tables.events == 0;
	return err;
}

static enum bw_err
do_consumer(uint64_t *n)
{
	*n = 1;
	return bw_store_consumer(s, "work", &everything, 0, &e);
}

static enum bw_err
do_lease(uint64_t *n)
{
	return bw_store_lease(s, "work", 5, 60000, store_lease, n, &e);
}

static enum bw_err
do_extend(uint64_t *n)
{
	*n = 1;
	return bw_store_settle(s, "work", &lent, BW_STORE_EXTEND, 60000,
	    (struct bw_str){NULL, 0}, &e);
}

static enum bw_err
do_bury(uint64_t *n)
{
	*n = 1;
	return bw_store_settle(
	    s, "work", &lent, BW_STORE_DEAD, 0, BW_STR("why not"), &e);
}

static enum bw_err
do_dead(uint64_t *n)
{
	return bw_store_dead(s, "work", ignore_dead, n, &e);
}

static enum bw_err
do_revive(uint64_t *n)
{
	size_t revived;
	enum bw_err err = bw_store_revive(s, "work", 0, &revived, &e);

	*n = revived;
	return err;
}

/* There is no dead letter of that number. */
static enum bw_err
do_drop(uint64_t *n)
{
	size_t dropped;

	*n = 1;
	return bw_store_drop_dead(s, "work", UINT32_MAX, &dropped, &e);
}

static enum bw_err
do_done(uint64_t *n)
{
	*n = 1;
	return bw_store_settle(
	    s, "work", &lent, BW_STORE_DONE, 0, (struct bw_str){NULL, 0}, &e);
}

static enum bw_err
do_prune(uint64_t *n)
{
	return bw_store_prune(s, INT64_MAX, 0, n, &e);
}

static enum bw_err
do_remove(uint64_t *n)
{
	*n = 1;
	return bw_store_consumer_remove(s, "work", &e);
}

static const struct {
	const char *what;
	enum bw_err (*fn)(uint64_t *);
} steps[] = {
    {"read", do_read},
    {"follow", do_follow},
    {"count", do_count},
    {"stats", do_stats},
    {"tables", do_tables},
    {"consumer", do_consumer},
    {"lease", do_lease},
    {"extend", do_extend},
    {"dead letter", do_bury},
    {"dead letters", do_dead},
    {"drop", do_drop},
    {"revive", do_revive},
    {"lease again", do_lease},
    {"done", do_done},
    {"prune", do_prune},
    {"remove", do_remove},
};

void
contract_memory(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_result r;

	reset_store();
	(void)fixture_append(s, &event, &r);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum bw_err err = BW_ERR_NOMEM;
		unsigned long nth;
		uint64_t n = 0;

		for (nth = 1; nth < 200 && err == BW_ERR_NOMEM; nth++) {
			n = 0;
			e = (struct bw_error){0};
			tap_fail_alloc(nth);
			err = steps[i].fn(&n);
			tap_fail_alloc(0);
		}
		is_int(err, BW_OK, "%s: %s, after %lu times without memory: %s",
		    url, steps[i].what, nth - 2, e.msg);
		is_int((long long)n, 1, "%s: %s: one", url, steps[i].what);
	}
	is_int((long long)fixture_count(s, NULL), 0,
	    "%s: and the store is empty", url);
}
