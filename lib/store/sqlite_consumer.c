/*
 * Consumers of the SQLite store. An event is assigned to a consumer once: the
 * consumer's position passes it, and a row is added to the table work. It is
 * leased until it is done, which removes the row.
 */
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/*
 * Maximum number of rows of work of a consumer: more would make leasing slow.
 */
#define MAX_WORK 10000

static enum bw_err
no_consumer(const char *name, struct bw_error *e)
{
	return bw_error_set(
	    e, BW_ERR_NOTFOUND, 0, "consumer: no consumer \"%s\"", name);
}

sqlite3_stmt *
bwi_sqlite_consumer_statement(struct bwi_conn *c, enum bwi_statement which,
    const char *name, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);

	if (st != NULL)
		bwi_bind_text(st, 1, (struct bw_str){name, strlen(name)});
	return st;
}

enum bw_err
bwi_sqlite_consumer(struct bw_store *base, const char *name,
    const struct bw_store_filter *f, uint64_t after_seq, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bwi_conn *c;
	sqlite3_stmt *st;
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	c = bwi_segments_control(&s->shared);
	st = bwi_sqlite_consumer_statement(c, BWI_SQL_SET_CONSUMER, name, e);
	if (st == NULL) {
		err = e->code;
	} else {
		(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)after_seq);
		(void)sqlite3_bind_int64(st, 3, bw_realtime_ms());
		bwi_bind_text(st, 4, f->family);
		bwi_bind_text(st, 5, f->type);
		bwi_bind_text(st, 6, f->call);
		bwi_bind_text(st, 7, f->message);
		bwi_bind_text(st, 8, f->number);
		(void)sqlite3_bind_int64(st, 9, f->since);
		(void)sqlite3_bind_int64(st, 10, f->until);
		err = bwi_conn_run(c, st, "consumer", e);
	}
	return bwi_sqlite_end(s, true, err, e);
}

static enum bw_err
drop(struct bwi_conn *c, const char *name, struct bw_error *e)
{
	sqlite3_stmt *st =
	    bwi_sqlite_consumer_statement(c, BWI_SQL_DROP_WORK, name, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	err = bwi_conn_run(c, st, "consumer", e);
	if (err != BW_OK)
		return err;
	st = bwi_sqlite_consumer_statement(c, BWI_SQL_DROP_CONSUMER, name, e);
	if (st == NULL)
		return e->code;
	err = bwi_conn_run(c, st, "consumer", e);
	if (err == BW_OK && sqlite3_changes(c->db) == 0)
		err = no_consumer(name, e);
	return err;
}

enum bw_err
bwi_sqlite_consumer_remove(
    struct bw_store *base, const char *name, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err == BW_OK)
		err = bwi_sqlite_end(s, true,
		    drop(bwi_segments_control(&s->shared), name, e), e);
	return err;
}

/* A consumer's row. The strings of the filter belong to the statement. */
struct consumer {
	uint64_t position;
	size_t work; /* rows of work that are not dead */
	struct bw_store_filter filter;
};

static enum bw_err
get_consumer(struct bwi_conn *c, const char *name, sqlite3_stmt **st,
    struct consumer *out, struct bw_error *e)
{
	int rc;

	*st = bwi_sqlite_consumer_statement(c, BWI_SQL_GET_CONSUMER, name, e);
	if (*st == NULL)
		return e->code;
	rc = sqlite3_step(*st);
	if (rc != SQLITE_ROW) {
		(void)sqlite3_reset(*st);
		return rc == SQLITE_DONE ? no_consumer(name, e)
					 : bwi_conn_error(c, rc, "consumer", e);
	}
	*out = (struct consumer){
	    .position = (uint64_t)sqlite3_column_int64(*st, 0),
	    .filter = {.family = bwi_column(*st, 1),
		.type = bwi_column(*st, 2),
		.call = bwi_column(*st, 3),
		.message = bwi_column(*st, 4),
		.number = bwi_column(*st, 5),
		.since = sqlite3_column_int64(*st, 6),
		.until = sqlite3_column_int64(*st, 7)},
	    .work = (size_t)sqlite3_column_int64(*st, 8),
	};
	return BW_OK;
}

static enum bw_err
add_work(struct bwi_conn *c, const char *name, uint64_t seq,
    struct bw_str thread, struct bw_error *e)
{
	sqlite3_stmt *st =
	    bwi_sqlite_consumer_statement(c, BWI_SQL_ADD_WORK, name, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)seq);
	bwi_bind_text(st, 3, thread);
	return bwi_conn_run(c, st, "consumer", e);
}

/* Assigning new events to a consumer. */
struct assigning {
	struct bwi_segments *segments;
	const char *name;
	struct consumer of;
	size_t left; /* how many more may be assigned */
	uint64_t position;
};

/* Assign an event if the filter selects it, and count it. */
static enum bw_err
assign_one(
    struct assigning *a, struct bwi_conn *c, uint64_t seq, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_GET_MATCH, e);
	struct bw_store_event event;
	enum bw_err err = BW_OK;
	int rc;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		err = bwi_sqlite_get_match(c, st, &event, e);
		if (err == BW_OK && bwi_store_matches(&a->of.filter, &event)) {
			err = add_work(bwi_segments_control(a->segments),
			    a->name, seq, event.thread, e);
			a->left--;
		}
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? err
		   : bwi_conn_error(c, rc, "consumer", e);
}

/* Assign new events of one segment. */
static enum bw_err
assign_in(struct assigning *a, struct bwi_conn *c, struct bw_error *e)
{
	struct bwi_find find;
	uint64_t seq = 0;
	enum bw_err err =
	    bwi_find_open(&find, c, &a->of.filter, false, a->position, e);

	if (err != BW_OK)
		return err;
	while (a->left > 0 && err == BW_OK &&
	       (err = bwi_find_next(&find, &seq, e)) == BW_OK && seq != 0) {
		a->position = seq;
		err = assign_one(a, c, seq, e);
	}
	bwi_find_close(&find);
	return err;
}

/*
 * Assign new events until enough are found. If there are no more, the position
 * becomes the last number that was given before they were looked for: in
 * another segment than the consumers' own, more may come meanwhile.
 */
static enum bw_err
assign(struct assigning *a, struct bw_error *e)
{
	struct bwi_segments *g = a->segments;
	struct bwi_state state = {0};
	enum bw_err err =
	    bwi_sqlite_state(&bwi_segments_active(g)->conn, &state, e);

	for (size_t i = 0; err == BW_OK && a->left > 0 && i < g->n; i++) {
		struct bwi_conn *c;

		err = bwi_segments_may_match(
		    g, i, &a->of.filter, a->position + 1, UINT64_MAX, &c, e);
		if (err == BW_OK && c != NULL)
			err = assign_in(a, c, e);
	}
	if (err == BW_OK && a->left > 0 && state.seq > a->position)
		a->position = state.seq;
	return err;
}

/* *moved: whether events may have been assigned, and more may follow. */
static enum bw_err
assign_new(struct bwi_segments *g, const char *name, size_t max, bool *moved,
    struct bw_error *e)
{
	struct bwi_conn *c = bwi_segments_control(g);
	struct assigning a = {.segments = g, .name = name, .left = max};
	sqlite3_stmt *st, *set;
	enum bw_err err = get_consumer(c, name, &st, &a.of, e);

	*moved = false;
	if (err != BW_OK)
		return err;
	a.position = a.of.position;
	if (a.of.work < MAX_WORK)
		err = assign(&a, e);
	(void)sqlite3_reset(st);
	if (err != BW_OK || a.position == a.of.position)
		return err;
	set = bwi_sqlite_consumer_statement(c, BWI_SQL_SET_POSITION, name, e);
	if (set == NULL)
		return e->code;
	(void)sqlite3_bind_int64(set, 2, (sqlite3_int64)a.position);
	*moved = true;
	return bwi_conn_run(c, set, "consumer", e);
}

static enum bw_err
set_seen(struct bwi_conn *c, const char *name, int64_t now, struct bw_error *e)
{
	sqlite3_stmt *st =
	    bwi_sqlite_consumer_statement(c, BWI_SQL_SEEN, name, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, now);
	return bwi_conn_run(c, st, "consumer", e);
}

static enum bw_err
next_token(
    struct bwi_conn *c, const char *name, uint64_t *token, struct bw_error *e)
{
	sqlite3_stmt *st =
	    bwi_sqlite_consumer_statement(c, BWI_SQL_NEXT_TOKEN, name, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		(void)sqlite3_reset(st);
		return bwi_conn_error(c, rc, "lease", e);
	}
	*token = (uint64_t)sqlite3_column_int64(st, 0);
	return bwi_conn_run(c, st, "consumer", e);
}

static enum bw_err
set_lease(struct bwi_conn *c, const char *name, struct bw_store_lease *l,
    int64_t now, int64_t ms, struct bw_error *e)
{
	enum bw_err err = next_token(c, name, &l->token, e);
	sqlite3_stmt *st;

	if (err != BW_OK)
		return err;
	st = bwi_sqlite_consumer_statement(c, BWI_SQL_SET_LEASE, name, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)l->seq);
	(void)sqlite3_bind_int64(st, 3, (sqlite3_int64)l->token);
	(void)sqlite3_bind_int64(st, 4, now);
	(void)sqlite3_bind_int64(st, 5, now + ms);
	return bwi_conn_run(c, st, "consumer", e);
}

/* Find the events that can be leased now; *n of them. */
static enum bw_err
find_leasable(struct bwi_conn *c, const char *name, int64_t now, size_t max,
    struct bw_store_lease *leases, size_t *n, struct bw_error *e)
{
	sqlite3_stmt *st =
	    bwi_sqlite_consumer_statement(c, BWI_SQL_LEASABLE, name, e);
	int rc;

	*n = 0;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, now);
	(void)sqlite3_bind_int64(st, 3, (sqlite3_int64)max);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && *n < max) {
		leases[*n] = (struct bw_store_lease){
		    .seq = (uint64_t)sqlite3_column_int64(st, 0),
		    .tries = (unsigned)sqlite3_column_int64(st, 1) + 1,
		};
		++*n;
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW
		   ? BW_OK
		   : bwi_conn_error(c, rc, "lease", e);
}

static enum bw_err
grant(struct bwi_sqlite *s, const char *name, size_t max, int64_t ms,
    struct bw_store_lease *leases, size_t *n, struct bw_error *e)
{
	int64_t now = bw_realtime_ms();
	struct bwi_conn *c;
	enum bw_err err = bwi_sqlite_begin(s, true, e);
	bool moved = true;

	*n = 0;
	if (err != BW_OK)
		return err;
	c = bwi_segments_control(&s->shared);
	/* All assigned events may wait for an earlier event of their thread. */
	for (size_t batch = max; err == BW_OK && *n == 0 && moved; batch *= 2) {
		if (batch > BWI_STORE_MAX_LEASES)
			batch = BWI_STORE_MAX_LEASES;
		err = assign_new(&s->shared, name, batch, &moved, e);
		if (err == BW_OK)
			err = find_leasable(c, name, now, max, leases, n, e);
	}
	if (err == BW_OK)
		err = set_seen(c, name, now, e);
	for (size_t i = 0; err == BW_OK && i < *n; i++)
		err = set_lease(c, name, &leases[i], now, ms, e);
	return bwi_sqlite_end(s, true, err, e);
}

/*
 * The event's segment was dropped. Settle it: otherwise it would block its
 * thread.
 */
static enum bw_err
drop_lease(
    struct bwi_segments *g, const char *name, uint64_t seq, struct bw_error *e)
{
	sqlite3_stmt *st;

	if (!bwi_segments_are_known(g))
		return BW_OK;
	st = bwi_sqlite_consumer_statement(
	    bwi_segments_control(g), BWI_SQL_DROP_LEASE, name, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)seq);
	return bwi_conn_run(bwi_segments_control(g), st, "lease", e);
}

/*
 * Pass the leases, which are durable now, to the caller; *n: their number
 * becomes that of the events that are there.
 */
static enum bw_err
pass_leases(struct bwi_segments *g, const char *name,
    const struct bw_store_lease *leases, size_t *n, bw_store_lease_fn *fn,
    void *arg, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	bool go_on = true;
	size_t all = *n;

	for (size_t i = 0; go_on && err == BW_OK && i < all; i++) {
		struct bw_store_row r;
		sqlite3_stmt *st;

		err = bwi_sqlite_get(g, leases[i].seq, &st, &r, e);
		if (err == BW_OK && st != NULL)
			go_on = fn(arg, &leases[i], &r);
		(void)sqlite3_reset(st);
		if (err == BW_OK && st == NULL) {
			--*n;
			err = drop_lease(g, name, leases[i].seq, e);
		}
	}
	return err;
}

/* *more: all leases were of events that are gone. */
static enum bw_err
lease_some(struct bwi_sqlite *s, const char *name, size_t max, int64_t ms,
    struct bw_store_lease *leases, bool *more, bw_store_lease_fn *fn, void *arg,
    struct bw_error *e)
{
	size_t n, there;
	enum bw_err err = grant(s, name, max, ms, leases, &n, e);

	*more = false;
	if (err == BW_OK && n > 0)
		err = bwi_sqlite_begin(s, false, e);
	if (err != BW_OK || n == 0)
		return err;
	there = n;
	err = pass_leases(&s->shared, name, leases, &there, fn, arg, e);
	*more = there == 0;
	return bwi_sqlite_end(s, false, err, e);
}

enum bw_err
bwi_sqlite_lease(struct bw_store *base, const char *name, size_t max,
    int64_t ms, bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bw_store_lease *leases = bwi_calloc(max + 1, sizeof(*leases));
	enum bw_err err = BW_OK;
	bool more = true;

	if (leases == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	while (err == BW_OK && more)
		err = lease_some(s, name, max, ms, leases, &more, fn, arg, e);
	bwi_free(leases);
	return err;
}

static enum bw_err
settle(struct bwi_conn *c, const char *name, const struct bw_store_lease *l,
    enum bw_store_outcome v, int64_t ms, struct bw_str why, struct bw_error *e)
{
	int64_t now = bw_realtime_ms();
	sqlite3_stmt *st = bwi_sqlite_consumer_statement(c,
	    v == BW_STORE_DONE ? BWI_SQL_SETTLE_DONE : BWI_SQL_SETTLE, name, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)l->seq);
	(void)sqlite3_bind_int64(st, 3, (sqlite3_int64)l->token);
	if (v != BW_STORE_DONE) {
		bool extend = v == BW_STORE_EXTEND;

		(void)sqlite3_bind_int64(st, 4, now);
		(void)sqlite3_bind_int64(st, 5, now + ms);
		(void)sqlite3_bind_int(st, 6, v == BW_STORE_DEAD);
		(void)sqlite3_bind_int64(
		    st, 7, extend ? (sqlite3_int64)l->token : 0);
		bwi_bind_text(st, 8, why);
	}
	err = bwi_conn_run(c, st, "consumer", e);
	if (err == BW_OK && sqlite3_changes(c->db) == 0) {
		err = bw_error_set(e, BW_ERR_STALE, 0,
		    "consumer: %s: the lease of event %llu has expired", name,
		    (unsigned long long)l->seq);
	}
	return err;
}

enum bw_err
bwi_sqlite_settle(struct bw_store *base, const char *name,
    const struct bw_store_lease *l, enum bw_store_outcome v, int64_t ms,
    struct bw_str why, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bwi_conn *c;
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	c = bwi_segments_control(&s->shared);
	err = settle(c, name, l, v, ms, why, e);
	if (err == BW_OK)
		err = set_seen(c, name, bw_realtime_ms(), e);
	return bwi_sqlite_end(s, true, err, e);
}

enum bw_err
bwi_sqlite_check_consumer(
    struct bwi_conn *c, const char *name, struct bw_error *e)
{
	struct consumer of;
	sqlite3_stmt *st;
	enum bw_err err = get_consumer(c, name, &st, &of, e);

	if (err == BW_OK)
		(void)sqlite3_reset(st);
	return err;
}
