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

/* Prepare a statement and bind the consumer's name as its first parameter. */
static sqlite3_stmt *
consumer_statement(struct bwi_conn *c, enum bwi_statement which,
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
	sqlite3_stmt *st;
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	st = consumer_statement(&s->shared, BWI_SQL_SET_CONSUMER, name, e);
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
		err = bwi_conn_run(&s->shared, st, "consumer", e);
	}
	return bwi_sqlite_end(s, true, err, e);
}

static enum bw_err
drop(struct bwi_conn *c, const char *name, struct bw_error *e)
{
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_DROP_WORK, name, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	err = bwi_conn_run(c, st, "consumer", e);
	if (err != BW_OK)
		return err;
	st = consumer_statement(c, BWI_SQL_DROP_CONSUMER, name, e);
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
		err = bwi_sqlite_end(s, true, drop(&s->shared, name, e), e);
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

	*st = consumer_statement(c, BWI_SQL_GET_CONSUMER, name, e);
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
add_work(struct bwi_conn *c, const char *name, sqlite3_stmt *found,
    struct bw_error *e)
{
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_ADD_WORK, name, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, sqlite3_column_int64(found, 0));
	bwi_bind_text(st, 3, bwi_column(found, 1));
	return bwi_conn_run(c, st, "consumer", e);
}

static enum bw_err
find_new(struct bwi_conn *c, const struct consumer *of, size_t max,
    sqlite3_stmt **out, struct bw_error *e)
{
	const struct bwi_query q = {
	    .what = "SELECT e.seq, e.thread FROM event e",
	    .filter = &of->filter,
	};
	struct bw_buf sql;

	bw_buf_init(&sql, 4096);
	bwi_sqlite_put_query(&sql, &q);
	*out = bwi_sqlite_prepare(c, &sql, e);
	bw_buf_free(&sql);
	if (*out == NULL)
		return e->code;
	bwi_sqlite_bind_query(*out, &q, of->position, max);
	return BW_OK;
}

/* Assign at most max new events; *position: where the consumer is then. */
static enum bw_err
assign(struct bwi_conn *c, const char *name, const struct consumer *of,
    size_t max, uint64_t *position, struct bw_error *e)
{
	sqlite3_stmt *st;
	enum bw_err err = find_new(c, of, max, &st, e);
	int rc = SQLITE_DONE;
	size_t n = 0;

	if (err != BW_OK)
		return err;
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		*position = (uint64_t)sqlite3_column_int64(st, 0);
		err = add_work(c, name, st, e);
		n++;
	}
	(void)sqlite3_finalize(st);
	if (err == BW_OK && rc != SQLITE_DONE)
		err = bwi_conn_error(c, rc, "consumer", e);
	/* Fewer than max: there are no more events now. */
	if (err == BW_OK && n < max)
		err = bwi_sqlite_seq(c, position, e);
	return err;
}

/* *moved: whether events may have been assigned, and more may follow. */
static enum bw_err
assign_new(struct bwi_conn *c, const char *name, size_t max, bool *moved,
    struct bw_error *e)
{
	struct consumer of;
	sqlite3_stmt *st, *set;
	enum bw_err err = get_consumer(c, name, &st, &of, e);
	uint64_t position;

	*moved = false;
	if (err != BW_OK)
		return err;
	position = of.position;
	if (of.work < MAX_WORK)
		err = assign(c, name, &of, max, &position, e);
	(void)sqlite3_reset(st);
	if (err != BW_OK || position == of.position)
		return err;
	set = consumer_statement(c, BWI_SQL_SET_POSITION, name, e);
	if (set == NULL)
		return e->code;
	(void)sqlite3_bind_int64(set, 2, (sqlite3_int64)position);
	*moved = true;
	return bwi_conn_run(c, set, "consumer", e);
}

static enum bw_err
set_seen(struct bwi_conn *c, const char *name, int64_t now, struct bw_error *e)
{
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_SEEN, name, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, now);
	return bwi_conn_run(c, st, "consumer", e);
}

static enum bw_err
next_token(
    struct bwi_conn *c, const char *name, uint64_t *token, struct bw_error *e)
{
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_NEXT_TOKEN, name, e);
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
	st = consumer_statement(c, BWI_SQL_SET_LEASE, name, e);
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
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_LEASABLE, name, e);
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
	struct bwi_conn *c = &s->shared;
	int64_t now = bw_realtime_ms();
	enum bw_err err = bwi_sqlite_begin(s, true, e);
	bool moved = true;

	*n = 0;
	if (err != BW_OK)
		return err;
	/* All assigned events may wait for an earlier event of their thread. */
	for (size_t batch = max; err == BW_OK && *n == 0 && moved; batch *= 2) {
		if (batch > BWI_STORE_MAX_LEASES)
			batch = BWI_STORE_MAX_LEASES;
		err = assign_new(c, name, batch, &moved, e);
		if (err == BW_OK)
			err = find_leasable(c, name, now, max, leases, n, e);
	}
	if (err == BW_OK)
		err = set_seen(c, name, now, e);
	for (size_t i = 0; err == BW_OK && i < *n; i++)
		err = set_lease(c, name, &leases[i], now, ms, e);
	return bwi_sqlite_end(s, true, err, e);
}

/* Pass the leases, which are durable now, to the caller. */
static enum bw_err
pass_leases(struct bwi_conn *c, const struct bw_store_lease *leases, size_t n,
    bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_GET_ROW, e);
	bool go_on = true;

	if (st == NULL)
		return e->code;
	for (size_t i = 0; go_on && i < n; i++) {
		struct bw_store_row r;
		int rc;

		(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)leases[i].seq);
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW) {
			bwi_sqlite_get_row(st, &r);
			go_on = fn(arg, &leases[i], &r);
		}
		(void)sqlite3_reset(st);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			return bwi_conn_error(c, rc, "lease", e);
	}
	return BW_OK;
}

enum bw_err
bwi_sqlite_lease(struct bw_store *base, const char *name, size_t max,
    int64_t ms, bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bw_store_lease *leases = bwi_calloc(max + 1, sizeof(*leases));
	enum bw_err err;
	size_t n;

	if (leases == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	err = grant(s, name, max, ms, leases, &n, e);
	if (err == BW_OK && n > 0)
		err = bwi_sqlite_begin(s, false, e);
	if (err == BW_OK && n > 0) {
		err = pass_leases(&s->shared, leases, n, fn, arg, e);
		err = bwi_sqlite_end(s, false, err, e);
	}
	bwi_free(leases);
	return err;
}

static enum bw_err
settle(struct bwi_conn *c, const char *name, const struct bw_store_lease *l,
    enum bw_store_outcome v, int64_t ms, struct bw_str why, struct bw_error *e)
{
	int64_t now = bw_realtime_ms();
	sqlite3_stmt *st = consumer_statement(c,
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
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	err = settle(&s->shared, name, l, v, ms, why, e);
	if (err == BW_OK)
		err = set_seen(&s->shared, name, bw_realtime_ms(), e);
	return bwi_sqlite_end(s, true, err, e);
}

/* BW_ERR_NOTFOUND if there is no such consumer. */
static enum bw_err
check_consumer(struct bwi_conn *c, const char *name, struct bw_error *e)
{
	struct consumer of;
	sqlite3_stmt *st;
	enum bw_err err = get_consumer(c, name, &st, &of, e);

	if (err == BW_OK)
		(void)sqlite3_reset(st);
	return err;
}

/* Of BWI_SQL_DEAD, after the columns of a row: token, tries, why. */
#define WORK_COLUMN (BWI_SQL_ANSWER_COLUMN + BWI_SQL_ANSWER_COLUMNS)

static enum bw_err
pass_dead(struct bwi_conn *c, const char *name, bw_store_dead_fn *fn, void *arg,
    struct bw_error *e)
{
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_DEAD, name, e);
	int rc;

	if (st == NULL)
		return e->code;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct bw_store_row r;
		struct bw_store_lease l;

		bwi_sqlite_get_row(st, &r);
		l = (struct bw_store_lease){
		    .seq = r.seq,
		    .token = (uint64_t)sqlite3_column_int64(st, WORK_COLUMN),
		    .tries =
			(unsigned)sqlite3_column_int64(st, WORK_COLUMN + 1),
		};
		if (!fn(arg, &l, bwi_column(st, WORK_COLUMN + 2), &r))
			break;
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW
		   ? BW_OK
		   : bwi_conn_error(c, rc, "dead letters", e);
}

enum bw_err
bwi_sqlite_dead(struct bw_store *base, const char *name, bw_store_dead_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = check_consumer(&s->shared, name, e);
	if (err == BW_OK)
		err = pass_dead(&s->shared, name, fn, arg, e);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
revive(struct bwi_conn *c, const char *name, uint64_t seq, size_t *n,
    struct bw_error *e)
{
	sqlite3_stmt *st = consumer_statement(c, BWI_SQL_REVIVE, name, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)seq);
	err = bwi_conn_run(c, st, "consumer", e);
	*n = err == BW_OK ? (size_t)sqlite3_changes(c->db) : 0;
	return err;
}

enum bw_err
bwi_sqlite_revive(struct bw_store *base, const char *name, uint64_t seq,
    size_t *n, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	err = check_consumer(&s->shared, name, e);
	if (err == BW_OK)
		err = revive(&s->shared, name, seq, n, e);
	return bwi_sqlite_end(s, true, err, e);
}
