/*
 * Consumers of the PostgreSQL store, shared by workers on several hosts. The
 * consumer's row is locked while events are assigned and leased. Leases use the
 * database's clock.
 */
#include <string.h>

#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/postgresql.h"
#include "store/store_move.h"

/*
 * Maximum number of rows of work of a consumer: more would make leasing slow.
 */
#define MAX_WORK 10000

#define MAX_SQL 4096

static enum bw_err
no_consumer(const char *name, struct bw_error *e)
{
	return bw_error_set(
	    e, BW_ERR_NOTFOUND, 0, "consumer: no consumer \"%s\"", name);
}

static void
put_name(struct bwi_pg *s, const char *name)
{
	bwi_pg_put_bytes(
	    &s->shared.params, (struct bw_str){name, strlen(name)});
}

/* Run a statement whose only result is the number of rows it changed. */
static enum bw_err
change(struct bwi_pg *s, enum bwi_pg_statement which, size_t *n,
    struct bw_error *e)
{
	PGresult *r;
	enum bw_err err = bwi_pg_run(s, which, &r, e);

	*n = err == BW_OK ? bwi_pg_changed(r) : 0;
	PQclear(r);
	return err;
}

enum bw_err
bwi_pg_consumer(struct bw_store *base, const char *name,
    const struct bw_store_filter *f, uint64_t after_seq, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	struct bwi_pg_params *p = &s->shared.params;
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);
	size_t n;

	if (err != BW_OK)
		return err;
	put_name(s, name);
	bwi_pg_put_int8(p, (int64_t)after_seq);
	bwi_pg_put_bytes(p, f->family);
	bwi_pg_put_bytes(p, f->type);
	bwi_pg_put_bytes(p, f->call);
	bwi_pg_put_bytes(p, f->message);
	bwi_pg_put_bytes(p, f->number);
	bwi_pg_put_int8(p, f->since);
	bwi_pg_put_int8(p, f->until);
	err = change(s, BWI_PG_SET_CONSUMER, &n, e);
	return bwi_pg_end(s, true, err, e);
}

enum bw_err
bwi_pg_consumer_remove(
    struct bw_store *base, const char *name, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);
	size_t n;

	if (err != BW_OK)
		return err;
	put_name(s, name);
	err = change(s, BWI_PG_DROP_WORK, &n, e);
	if (err == BW_OK) {
		put_name(s, name);
		err = change(s, BWI_PG_DROP_CONSUMER, &n, e);
	}
	if (err == BW_OK && n == 0)
		err = no_consumer(name, e);
	return bwi_pg_end(s, true, err, e);
}

/* A consumer's row; the texts of the filter belong to the result. */
struct consumer {
	const char *name;
	uint64_t position;
	struct bw_store_filter filter;
	size_t work; /* rows of work that are not dead */
	int64_t now;
	uint64_t token;
	enum bwi_move_state state; /* of the store */
};

/* The filter in the columns from i on. */
static struct bw_store_filter
get_filter(const PGresult *r, int row, int i)
{
	return (struct bw_store_filter){
	    .family = bwi_pg_bytes(r, row, i),
	    .type = bwi_pg_bytes(r, row, i + 1),
	    .call = bwi_pg_bytes(r, row, i + 2),
	    .message = bwi_pg_bytes(r, row, i + 3),
	    .number = bwi_pg_bytes(r, row, i + 4),
	    .since = bwi_pg_int8(r, row, i + 5),
	    .until = bwi_pg_int8(r, row, i + 6),
	};
}

/* Lock the consumer. */
static enum bw_err
get_consumer(struct bwi_pg *s, const char *name, struct consumer *out,
    PGresult **r, struct bw_error *e)
{
	enum bw_err err;

	put_name(s, name);
	err = bwi_pg_run(s, BWI_PG_GET_CONSUMER, r, e);
	if (err != BW_OK)
		return err;
	if (PQntuples(*r) == 0)
		return no_consumer(name, e);
	*out = (struct consumer){
	    .name = name,
	    .position = (uint64_t)bwi_pg_int8(*r, 0, 0),
	    .filter = get_filter(*r, 0, 1),
	    .work = (size_t)bwi_pg_int8(*r, 0, 8),
	    .now = bwi_pg_int8(*r, 0, 9),
	    .token = (uint64_t)bwi_pg_int8(*r, 0, 11),
	    .state = (enum bwi_move_state)bwi_pg_int4(*r, 0, 12),
	};
	return BW_OK;
}

/* Assign events of a segment, up to one; *max: how many more. */
static enum bw_err
assign_segment(struct bwi_pg *s, struct consumer *c, int32_t segment,
    uint64_t last, size_t *max, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	struct bw_buf sql;
	PGresult *r = NULL;
	enum bw_err err;

	bw_buf_init(&sql, MAX_SQL);
	put_name(s, c->name);
	bwi_pg_put_int4(p, segment);
	bwi_pg_put_int8(p, (int64_t)c->position);
	bwi_pg_put_int8(p, (int64_t)last);
	bwi_pg_put_int8(p, (int64_t)*max);
	bw_buf_puts(&sql,
	    "INSERT INTO work (consumer, seq, segment, thread_h, received) "
	    "SELECT $1::bytea, e.seq, e.segment, e.thread_h, e.received "
	    "FROM event e WHERE e.segment = $2::int4 AND e.seq > $3::int8 "
	    "AND e.seq <= $4::int8");
	bwi_pg_put_filter(&sql, p, &c->filter);
	bw_buf_puts(&sql, " ORDER BY e.seq LIMIT $5::int8 RETURNING seq");
	bw_buf_putc(&sql, '\0');
	err = sql.err != BW_OK
		  ? bw_error_set(e, sql.err, 0, "store: out of memory")
		  : bwi_pg_conn_query(&s->shared, sql.p, bwi_pg_soon(), &r, e);
	for (int i = 0; err == BW_OK && i < PQntuples(r); i++) {
		uint64_t seq = (uint64_t)bwi_pg_int8(r, i, 0);

		c->position = seq > c->position ? seq : c->position;
		--*max;
	}
	PQclear(r);
	bwi_pg_params_reset(p);
	bw_buf_free(&sql);
	return err;
}

/*
 * Assign at most max new events. The counter is read first, so that all events
 * up to it are visible to the statements that follow.
 */
static enum bw_err
assign(struct bwi_pg *s, struct consumer *c, size_t max, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	uint64_t last = 0;
	PGresult *r;
	enum bw_err err = bwi_pg_run(s, BWI_PG_LAST, &r, e);

	if (err == BW_OK)
		last = (uint64_t)bwi_pg_int8(r, 0, 0);
	PQclear(r);
	if (err != BW_OK || last <= c->position)
		return err;
	bwi_pg_put_int8(p, (int64_t)c->position);
	bwi_pg_put_int8(p, c->filter.since);
	bwi_pg_put_int8(p, c->filter.until);
	err = bwi_pg_run(s, BWI_PG_SEGMENTS_AFTER, &r, e);
	for (int i = 0; err == BW_OK && max > 0 && i < PQntuples(r); i++)
		err = assign_segment(s, c, bwi_pg_int4(r, i, 0), last, &max, e);
	PQclear(r);
	/* There are no more events now. */
	if (err == BW_OK && max > 0)
		c->position = last;
	return err;
}

static enum bw_err
assign_new(struct bwi_pg *s, struct consumer *c, size_t max, bool *moved,
    struct bw_error *e)
{
	uint64_t before = c->position;
	enum bw_err err = BW_OK;
	size_t unused;

	if (c->work < MAX_WORK)
		err = assign(s, c, max, e);
	*moved = c->position != before;
	if (err != BW_OK || !*moved)
		return err;
	put_name(s, c->name);
	bwi_pg_put_int8(&s->shared.params, (int64_t)c->position);
	return change(s, BWI_PG_SET_POSITION, &unused, e);
}

/* Leases, and the segments of their events. */
struct leases {
	struct bw_store_lease *lease;
	int32_t *segment;
	size_t n;
};

static enum bw_err
find_leasable(struct bwi_pg *s, const struct consumer *c, size_t max,
    struct leases *l, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err;

	put_name(s, c->name);
	bwi_pg_put_int8(&s->shared.params, c->now);
	bwi_pg_put_int8(&s->shared.params, (int64_t)max);
	err = bwi_pg_run(s, BWI_PG_LEASABLE, &r, e);
	l->n = err == BW_OK ? (size_t)PQntuples(r) : 0;
	for (size_t i = 0; i < l->n; i++) {
		l->lease[i] = (struct bw_store_lease){
		    .seq = (uint64_t)bwi_pg_int8(r, (int)i, 0),
		    .tries = (unsigned)bwi_pg_int4(r, (int)i, 1) + 1,
		    .token = c->token + i + 1,
		};
		l->segment[i] = bwi_pg_int4(r, (int)i, 2);
	}
	PQclear(r);
	return err;
}

static void
put_seqs(struct bwi_pg_params *p, const struct leases *l)
{
	bwi_pg_array_begin(p, BWI_PG_INT8, l->n);
	for (size_t i = 0; i < l->n; i++)
		bwi_pg_element_int8(p, (int64_t)l->lease[i].seq);
	bwi_pg_array_end(p);
}

static enum bw_err
set_leases(struct bwi_pg *s, const struct consumer *c, const struct leases *l,
    int64_t ms, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	enum bw_err err;
	size_t unused;

	put_name(s, c->name);
	bwi_pg_put_int8(p, (int64_t)(c->token + l->n));
	bwi_pg_put_int8(p, c->now);
	err = change(s, BWI_PG_SET_TOKEN, &unused, e);
	if (err != BW_OK || l->n == 0)
		return err;
	put_name(s, c->name);
	bwi_pg_put_int8(p, c->now);
	bwi_pg_put_int8(p, c->now + ms);
	put_seqs(p, l);
	bwi_pg_array_begin(p, BWI_PG_INT8, l->n);
	for (size_t i = 0; i < l->n; i++)
		bwi_pg_element_int8(p, (int64_t)l->lease[i].token);
	bwi_pg_array_end(p);
	return change(s, BWI_PG_SET_LEASES, &unused, e);
}

/* Without a lock: is there nothing to lease? */
static enum bw_err
check_idle(struct bwi_pg *s, const char *name, bool *idle, struct bw_error *e)
{
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);
	size_t unused;
	PGresult *r;

	*idle = false;
	if (err != BW_OK)
		return err;
	put_name(s, name);
	err = bwi_pg_run(s, BWI_PG_IDLE, &r, e);
	if (err == BW_OK && PQntuples(r) == 0)
		err = no_consumer(name, e);
	if (err == BW_OK)
		*idle = bwi_pg_bool(r, 0, 0);
	if (err == BW_OK && *idle && bwi_pg_bool(r, 0, 1)) {
		put_name(s, name);
		err = change(s, BWI_PG_SEEN, &unused, e);
	}
	PQclear(r);
	return bwi_pg_end(s, false, err, e);
}

static enum bw_err
grant(struct bwi_pg *s, const char *name, size_t max, int64_t ms,
    struct leases *l, struct bw_error *e)
{
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);
	PGresult *r = NULL;
	struct consumer c;
	bool moved = true;

	if (err != BW_OK)
		return err;
	err = get_consumer(s, name, &c, &r, e);
	if (err == BW_OK && c.state != BWI_MOVE_OPEN)
		err = bw_error_set(
		    e, BW_ERR_READONLY, 0, "store: " BWI_MOVE_REFUSAL);
	/* All assigned events may wait for an earlier event of their thread. */
	for (size_t batch = max; err == BW_OK && l->n == 0 && moved;
	     batch *= 2) {
		if (batch > BWI_STORE_MAX_LEASES)
			batch = BWI_STORE_MAX_LEASES;
		err = assign_new(s, &c, batch, &moved, e);
		if (err == BW_OK)
			err = find_leasable(s, &c, max, l, e);
	}
	if (err == BW_OK)
		err = set_leases(s, &c, l, ms, e);
	PQclear(r);
	return bwi_pg_end(s, true, err, e);
}

/* Pass the leases, which are durable now, to the caller. */
static enum bw_err
pass_leases(struct bwi_pg *s, const struct leases *l, bw_store_lease_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	size_t at = 0;
	PGresult *r;
	enum bw_err err;

	bwi_pg_array_begin(p, BWI_PG_INT4, l->n);
	for (size_t i = 0; i < l->n; i++)
		bwi_pg_element_int4(p, l->segment[i]);
	bwi_pg_array_end(p);
	put_seqs(p, l);
	err = bwi_pg_run(s, BWI_PG_GET_ROWS, &r, e);
	for (int i = 0; err == BW_OK && i < PQntuples(r); i++) {
		struct bw_store_row row;

		bwi_pg_get_row(r, i, &row);
		while (at < l->n && l->lease[at].seq != row.seq)
			at++;
		if (at == l->n || !fn(arg, &l->lease[at], &row))
			break;
	}
	PQclear(r);
	return err;
}

static enum bw_err
lease(struct bwi_pg *s, const char *name, size_t max, int64_t ms,
    struct leases *l, bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	bool idle;
	enum bw_err err = check_idle(s, name, &idle, e);

	if (err != BW_OK || idle)
		return err;
	err = grant(s, name, max, ms, l, e);
	if (err != BW_OK || l->n == 0)
		return err;
	err = bwi_pg_begin(s, false, INT64_MAX, e);
	if (err != BW_OK)
		return err;
	return bwi_pg_end(s, false, pass_leases(s, l, fn, arg, e), e);
}

enum bw_err
bwi_pg_lease(struct bw_store *base, const char *name, size_t max, int64_t ms,
    bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	struct leases l = {
	    .lease = bwi_calloc(max + 1, sizeof(*l.lease)),
	    .segment = bwi_calloc(max + 1, sizeof(*l.segment)),
	};
	enum bw_err err;

	if (l.lease != NULL && l.segment != NULL)
		err = lease(bwi_pg_of(base), name, max, ms, &l, fn, arg, e);
	else
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	bwi_free(l.lease);
	bwi_free(l.segment);
	return err;
}

static enum bw_err
settle(struct bwi_pg *s, const char *name, const struct bw_store_lease *l,
    enum bw_store_outcome v, int64_t ms, struct bw_str why, size_t *n,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;

	put_name(s, name);
	bwi_pg_put_int8(p, (int64_t)l->seq);
	bwi_pg_put_int8(p, (int64_t)l->token);
	if (v == BW_STORE_DONE)
		return change(s, BWI_PG_SETTLE_DONE, n, e);
	bwi_pg_put_int8(p, ms);
	bwi_pg_put_bool(p, v == BW_STORE_DEAD);
	bwi_pg_put_int8(p, v == BW_STORE_EXTEND ? (int64_t)l->token : 0);
	bwi_pg_put_bytes(p, why);
	return change(s, BWI_PG_SETTLE, n, e);
}

/* Why a lease could not be settled. */
static enum bw_err
explain_stale(struct bwi_pg *s, const char *name,
    const struct bw_store_lease *l, struct bw_error *e)
{
	PGresult *r = NULL;
	struct consumer c;
	enum bw_err err = get_consumer(s, name, &c, &r, e);

	PQclear(r);
	if (err != BW_OK)
		return err;
	return bw_error_set(e, BW_ERR_STALE, 0,
	    "consumer: %s: the lease of event %llu has expired", name,
	    (unsigned long long)l->seq);
}

enum bw_err
bwi_pg_settle(struct bw_store *base, const char *name,
    const struct bw_store_lease *l, enum bw_store_outcome v, int64_t ms,
    struct bw_str why, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);
	size_t n;

	if (err != BW_OK)
		return err;
	err = settle(s, name, l, v, ms, why, &n, e);
	if (err == BW_OK && n == 0)
		err = explain_stale(s, name, l, e);
	return bwi_pg_end(s, true, err, e);
}

/* Pass dead letters after *seq; *more: there may be others. */
static enum bw_err
pass_dead(struct bwi_pg *s, const char *name, int64_t *seq, bool *more,
    bw_store_dead_fn *fn, void *arg, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err;

	put_name(s, name);
	bwi_pg_put_int8(&s->shared.params, *seq);
	err = bwi_pg_run(s, BWI_PG_DEAD, &r, e);
	*more = err == BW_OK && PQntuples(r) > 0;
	for (int i = 0; *more && i < PQntuples(r); i++) {
		struct bw_store_row row;
		struct bw_store_lease l;

		bwi_pg_get_row(r, i, &row);
		l = (struct bw_store_lease){
		    .seq = row.seq,
		    .token = (uint64_t)bwi_pg_int8(r, i, BWI_PG_NCOLUMNS),
		    .tries = (unsigned)bwi_pg_int4(r, i, BWI_PG_NCOLUMNS + 1),
		};
		*seq = (int64_t)row.seq;
		*more =
		    fn(arg, &l, bwi_pg_bytes(r, i, BWI_PG_NCOLUMNS + 2), &row);
	}
	PQclear(r);
	return err;
}

/* BW_ERR_NOTFOUND if there is no such consumer. */
static enum bw_err
check_consumer(struct bwi_pg *s, const char *name, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err;

	put_name(s, name);
	err = bwi_pg_run(s, BWI_PG_IDLE, &r, e);
	if (err == BW_OK && PQntuples(r) == 0)
		err = no_consumer(name, e);
	PQclear(r);
	return err;
}

enum bw_err
bwi_pg_dead(struct bw_store *base, const char *name, bw_store_dead_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);
	bool more = true;
	int64_t seq = 0;

	if (err != BW_OK)
		return err;
	err = check_consumer(s, name, e);
	while (err == BW_OK && more)
		err = pass_dead(s, name, &seq, &more, fn, arg, e);
	return bwi_pg_end(s, false, err, e);
}

static enum bw_err
change_dead(struct bw_store *base, const char *name, uint64_t seq,
    enum bwi_pg_statement what, size_t *n, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = check_consumer(s, name, e);
	if (err == BW_OK) {
		put_name(s, name);
		bwi_pg_put_int8(&s->shared.params, (int64_t)seq);
		err = change(s, what, n, e);
	}
	return bwi_pg_end(s, true, err, e);
}

enum bw_err
bwi_pg_revive(struct bw_store *base, const char *name, uint64_t seq, size_t *n,
    struct bw_error *e)
{
	return change_dead(base, name, seq, BWI_PG_REVIVE, n, e);
}

enum bw_err
bwi_pg_drop_dead(struct bw_store *base, const char *name, uint64_t seq,
    size_t *n, struct bw_error *e)
{
	return change_dead(base, name, seq, BWI_PG_DROP_DEAD, n, e);
}
