/* Reading from the PostgreSQL store, one segment after the other. */
#include <stdlib.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/postgresql.h"

/* Rows of one query: the first, and then more. */
#define FIRST_ROWS 50
#define MORE_ROWS  200

/* Maximum size of the text of a query. */
#define MAX_SQL 4096

void
bwi_pg_get_row(const PGresult *r, int i, struct bw_store_row *out)
{
	*out = (struct bw_store_row){
	    .seq = (uint64_t)bwi_pg_int8(r, i, 0),
	    .deliveries = (unsigned)bwi_pg_int4(r, i, 4),
	    .last = bwi_pg_int8(r, i, 5),
	    .event = {.received = bwi_pg_int8(r, i, 1),
		.claim = bwi_pg_int8(r, i, 29) - bwi_pg_int8(r, i, 1),
		.batch = bwi_pg_int4(r, i, 2),
		.index = bwi_pg_int4(r, i, 3),
		.section = bwi_pg_bytes(r, i, 6),
		.method = bwi_pg_bytes(r, i, 7),
		.content_type = bwi_pg_bytes(r, i, 8),
		.family = bwi_pg_bytes(r, i, 9),
		.type = bwi_pg_bytes(r, i, 10),
		.key = bwi_pg_bytes(r, i, 11),
		.user = bwi_pg_bytes(r, i, 12),
		.request = bwi_pg_bytes(r, i, 13),
		.body = bwi_pg_bytes(r, i, 14),
		.call = bwi_pg_bytes(r, i, 15),
		.message = bwi_pg_bytes(r, i, 16),
		.from = bwi_pg_bytes(r, i, 17),
		.to = bwi_pg_bytes(r, i, 18),
		.thread = bwi_pg_bytes(r, i, 19),
		.query = bwi_pg_bytes(r, i, 20)},
	    .answer = {.status = bwi_pg_int4(r, i, 21),
		.fallback = bwi_pg_bool(r, i, 22),
		.answered = bwi_pg_int8(r, i, 23),
		.duration = bwi_pg_int8(r, i, 24),
		.content_type = bwi_pg_bytes(r, i, 25),
		.body = bwi_pg_bytes(r, i, 26),
		.failed = bwi_pg_bool(r, i, 27),
		.trace = bwi_pg_bytes(r, i, 28)},
	};
}

/* A reading in progress. */
struct reading {
	struct bwi_pg *store;
	const struct bw_store_filter *filter;
	bool newest_first;
	size_t left; /* rows */
	uint64_t *cursor;
	int64_t deadline;
	bw_store_row_fn *fn;
	void *arg;
	bool over; /* fn has ended it */
};

/* Numbers in a database are signed. */
static int64_t
number_of(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

typedef void put_filter_fn(
    struct bw_buf *, struct bwi_pg_params *, const struct bw_store_filter *);

static void
put_select(const struct reading *g, struct bw_buf *sql, put_filter_fn *put)
{
	bw_buf_puts(sql,
	    "SELECT " BWI_PG_COLUMNS " FROM event e" BWI_PG_JOIN_ANSWER
	    " WHERE e.segment = $1::int4 AND e.seq ");
	bw_buf_puts(sql, g->newest_first ? "< $2::int8" : "> $2::int8");
	put(sql, &g->store->shared.params, g->filter);
}

static void
put_order(const struct reading *g, struct bw_buf *sql, const char *by)
{
	bw_buf_printf(sql, " ORDER BY %s%s LIMIT $3::int8", by,
	    g->newest_first ? " DESC" : "");
}

/*
 * Both ends of a number are read apart, each by its index. With OR the server
 * would sort all events of the number to find the first ones.
 */
static void
put_both_ends(const struct reading *g, struct bw_buf *sql)
{
	bw_buf_putc(sql, '(');
	put_select(g, sql, bwi_pg_put_filter_from);
	put_order(g, sql, "e.seq");
	bw_buf_puts(sql, ") UNION ALL (");
	put_select(g, sql, bwi_pg_put_filter_to);
	put_order(g, sql, "e.seq");
	bw_buf_putc(sql, ')');
	put_order(g, sql, "seq");
}

static enum bw_err
query_rows(struct reading *g, int32_t segment, int64_t max, PGresult **r,
    struct bw_error *e)
{
	struct bwi_pg_conn *c = &g->store->shared;
	struct bwi_pg_params *p = &c->params;
	enum bw_err err;
	struct bw_buf sql;

	bw_buf_init(&sql, MAX_SQL);
	bwi_pg_params_reset(p);
	bwi_pg_put_int4(p, segment);
	bwi_pg_put_int8(p,
	    number_of(
		g->newest_first && *g->cursor == 0 ? INT64_MAX : *g->cursor));
	bwi_pg_put_int8(p, max);
	if (g->filter->number.p != NULL) {
		put_both_ends(g, &sql);
	} else {
		put_select(g, &sql, bwi_pg_put_filter);
		put_order(g, &sql, "e.seq");
	}
	bw_buf_putc(&sql, '\0');
	*r = NULL;
	err = sql.err != BW_OK
		  ? bw_error_set(e, sql.err, 0, "store: out of memory")
		  : bwi_pg_conn_query(c, sql.p, g->deadline, r, e);
	bw_buf_free(&sql);
	bwi_pg_params_reset(p);
	return err;
}

static enum bw_err
pass_rows(struct reading *g, const PGresult *r, struct bw_error *e)
{
	for (int i = 0; i < PQntuples(r) && !g->over; i++) {
		struct bw_store_row row;

		if (g->deadline != INT64_MAX &&
		    bw_monotonic_ns() >= g->deadline)
			return bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: not read before the deadline");
		bwi_pg_get_row(r, i, &row);
		*g->cursor = row.seq;
		g->left--;
		g->over = !g->fn(g->arg, &row);
	}
	return BW_OK;
}

static enum bw_err
read_segment(struct reading *g, int32_t segment, struct bw_error *e)
{
	int64_t max = FIRST_ROWS;
	bool more = true;

	while (more && !g->over && g->left > 0) {
		int64_t want = g->left < (size_t)max ? (int64_t)g->left : max;
		PGresult *r;
		enum bw_err err = query_rows(g, segment, want, &r, e);

		if (err == BW_OK)
			err = pass_rows(g, r, e);
		more = err == BW_OK && PQntuples(r) == want;
		PQclear(r);
		if (err != BW_OK)
			return err;
		max = MORE_ROWS;
	}
	return BW_OK;
}

static enum bw_err
read_all(struct reading *g, struct bw_error *e)
{
	struct bwi_pg_params *p = &g->store->shared.params;
	PGresult *r;
	enum bw_err err;

	bwi_pg_put_int8(p, number_of(*g->cursor));
	bwi_pg_put_int8(p, g->filter->since);
	bwi_pg_put_int8(p, g->filter->until);
	err = bwi_pg_run(g->store,
	    g->newest_first ? BWI_PG_SEGMENTS_BEFORE : BWI_PG_SEGMENTS_AFTER,
	    &r, e);
	for (int i = 0;
	     err == BW_OK && i < PQntuples(r) && !g->over && g->left > 0; i++)
		err = read_segment(g, bwi_pg_int4(r, i, 0), e);
	PQclear(r);
	return err;
}

enum bw_err
bwi_pg_read(struct bw_store *base, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	struct reading g = {.store = bwi_pg_of(base),
	    .filter = f,
	    .newest_first = newest_first,
	    .left = max,
	    .cursor = cursor,
	    .deadline = deadline,
	    .fn = fn,
	    .arg = arg};
	enum bw_err err = bwi_pg_begin(g.store, false, deadline, e);

	if (err != BW_OK)
		return err;
	return bwi_pg_end(g.store, false, read_all(&g, e), e);
}

enum bw_err
bwi_pg_last(struct bw_store *base, uint64_t *last, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	PGresult *r;
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = bwi_pg_run(s, BWI_PG_LAST, &r, e);
	if (err == BW_OK)
		*last = (uint64_t)bwi_pg_int8(r, 0, 0);
	PQclear(r);
	return bwi_pg_end(s, false, err, e);
}

static enum bw_err
query_counts(struct bwi_pg *s, const struct bw_store_filter *f, PGresult **r,
    struct bw_error *e)
{
	enum bw_err err;
	struct bw_buf sql;

	bw_buf_init(&sql, MAX_SQL);
	bw_buf_puts(&sql,
	    "SELECT e.family, e.type, count(*), sum(e.deliveries), "
	    "count(*) FILTER (WHERE a.failed IS NOT false) "
	    "FROM event e" BWI_PG_JOIN_ANSWER " WHERE true");
	bwi_pg_put_filter(&sql, &s->shared.params, f);
	bw_buf_puts(&sql, " GROUP BY e.family, e.type ORDER BY 1, 2");
	bw_buf_putc(&sql, '\0');
	*r = NULL;
	err = sql.err != BW_OK
		  ? bw_error_set(e, sql.err, 0, "store: out of memory")
		  : bwi_pg_conn_query(&s->shared, sql.p, INT64_MAX, r, e);
	bw_buf_free(&sql);
	return err;
}

enum bw_err
bwi_pg_count(struct bw_store *base, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	bool go_on = true;
	PGresult *r;
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = query_counts(s, f, &r, e);
	for (int i = 0; err == BW_OK && go_on && i < PQntuples(r); i++) {
		const struct bw_store_count c = {
		    .family = bwi_pg_bytes(r, i, 0),
		    .type = bwi_pg_bytes(r, i, 1),
		    .events = (uint64_t)bwi_pg_int8(r, i, 2),
		    .deliveries = (uint64_t)bwi_pg_int8(r, i, 3),
		    .unanswered = (uint64_t)bwi_pg_int8(r, i, 4)};

		go_on = fn(arg, &c);
	}
	PQclear(r);
	return bwi_pg_end(s, false, err, e);
}

enum bw_err
bwi_pg_stats(
    struct bw_store *base, struct bw_store_stats *out, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	PGresult *r;
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = bwi_pg_run(s, BWI_PG_STATS, &r, e);
	if (err == BW_OK) {
		out->events = (uint64_t)bwi_pg_int8(r, 0, 0);
		out->bytes = (uint64_t)bwi_pg_int8(r, 0, 1);
		out->oldest = bwi_pg_int8(r, 0, 2);
		out->newest = bwi_pg_int8(r, 0, 3);
		out->first = (uint64_t)bwi_pg_int8(r, 0, 4);
		out->last = (uint64_t)bwi_pg_int8(r, 0, 5);
	}
	PQclear(r);
	return bwi_pg_end(s, false, err, e);
}
