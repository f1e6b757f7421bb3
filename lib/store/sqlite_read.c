/* Reading the SQLite store: rows by cursor and filter, counts, sizes. */
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "store/sqlite.h"

void
bwi_sqlite_get_answer(sqlite3_stmt *st, int i, struct bw_store_answer *a)
{
	*a = (struct bw_store_answer){0};
	if (sqlite3_column_type(st, i) == SQLITE_NULL)
		return;
	a->status = sqlite3_column_int(st, i);
	a->fallback = sqlite3_column_int(st, i + 1) != 0;
	a->answered = sqlite3_column_int64(st, i + 2);
	a->duration = sqlite3_column_int64(st, i + 3);
	a->content_type = bwi_column(st, i + 4);
	a->body = bwi_column(st, i + 5);
}

void
bwi_sqlite_get_row(sqlite3_stmt *st, struct bw_store_row *r)
{
	struct bw_store_event *e = &r->event;
	struct bw_str *const texts[] = {&e->section, &e->method,
	    &e->content_type, &e->family, &e->type, &e->key, &e->user,
	    &e->request, &e->body, &e->call, &e->message, &e->from, &e->to,
	    &e->thread, &e->query};
	const char *space;

	*r = (struct bw_store_row){
	    .seq = (uint64_t)sqlite3_column_int64(st, 0),
	    .event = {.received = sqlite3_column_int64(st, 1),
		.batch = sqlite3_column_int(st, 2),
		.index = sqlite3_column_int(st, 3)},
	    .deliveries = (unsigned)sqlite3_column_int64(st, 4),
	    .last = sqlite3_column_int64(st, 5),
	};
	for (int i = 0; i < 15; i++)
		*texts[i] = bwi_column(st, 6 + i);
	/* An expired key ends in a space and its number. */
	space = e->key.n > 0 ? memchr(e->key.p, ' ', e->key.n) : NULL;
	if (space != NULL)
		e->key.n = (size_t)(space - e->key.p);
	bwi_sqlite_get_answer(st, BWI_SQL_ANSWER_COLUMN, &r->answer);
}

static enum bw_err
pass_rows(struct bwi_conn *c, sqlite3_stmt *st, uint64_t *cursor,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct bw_store_row r;

		bwi_sqlite_get_row(st, &r);
		*cursor = r.seq;
		if (!fn(arg, &r))
			return BW_OK;
	}
	return rc == SQLITE_DONE ? BW_OK : bwi_conn_error(c, rc, "read", e);
}

static enum bw_err
read_rows(struct bwi_conn *c, const struct bwi_query *q, size_t max,
    uint64_t *cursor, bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	enum bw_err err;
	sqlite3_stmt *st;
	struct bw_buf sql;

	bw_buf_init(&sql, 4096);
	bwi_sqlite_put_query(&sql, q);
	st = bwi_sqlite_prepare(c, &sql, e);
	bw_buf_free(&sql);
	if (st == NULL)
		return e->code;
	bwi_sqlite_bind_query(st, q, *cursor, max);
	err = pass_rows(c, st, cursor, fn, arg, e);
	(void)sqlite3_finalize(st);
	return err;
}

/* SQLite virtual machine steps between two checks of the clock. */
#define STEPS 1000

static int
is_late(void *arg)
{
	const struct bwi_conn *c = arg;

	return bw_monotonic_ns() >= c->deadline;
}

enum bw_err
bwi_sqlite_read(struct bw_store *base, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	const struct bwi_query q = {
	    .what = "SELECT " BWI_SQL_COLUMNS BWI_SQL_FROM,
	    .filter = f,
	    .newest_first = newest_first,
	    .bounded = true,
	};
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bwi_conn *c = &s->shared;
	enum bw_err err = bwi_sqlite_begin_until(s, false, deadline, e);

	if (err != BW_OK)
		return err;
	if (deadline != INT64_MAX)
		sqlite3_progress_handler(c->db, STEPS, is_late, c);
	err = read_rows(c, &q, max, cursor, fn, arg, e);
	sqlite3_progress_handler(c->db, 0, NULL, NULL);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
count(struct bwi_conn *c, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	sqlite3_stmt *st;
	struct bw_buf sql;
	int rc;

	bw_buf_init(&sql, 4096);
	bw_buf_puts(&sql,
	    "SELECT e.family, e.type, count(*), sum(e.deliveries), "
	    "sum(a.seq IS NULL)" BWI_SQL_FROM "WHERE 1");
	bwi_sqlite_put_filter(&sql, f);
	bw_buf_puts(&sql, " GROUP BY 1, 2 ORDER BY 1, 2");
	st = bwi_sqlite_prepare(c, &sql, e);
	bw_buf_free(&sql);
	if (st == NULL)
		return e->code;
	bwi_sqlite_bind_filter(st, f);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct bw_store_count k = {
		    .family = bwi_column(st, 0),
		    .type = bwi_column(st, 1),
		    .events = (uint64_t)sqlite3_column_int64(st, 2),
		    .deliveries = (uint64_t)sqlite3_column_int64(st, 3),
		    .unanswered = (uint64_t)sqlite3_column_int64(st, 4),
		};

		if (!fn(arg, &k))
			break;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		err = bwi_conn_error(c, rc, "count", e);
	(void)sqlite3_finalize(st);
	return err;
}

enum bw_err
bwi_sqlite_count(struct bw_store *base, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err == BW_OK)
		err = bwi_sqlite_end(
		    s, false, count(&s->shared, f, fn, arg, e), e);
	return err;
}

static enum bw_err
get_numbers(struct bwi_conn *c, enum bwi_statement which, int64_t *numbers,
    int n, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	for (int i = 0; rc == SQLITE_ROW && i < n; i++)
		numbers[i] = sqlite3_column_int64(st, i);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "size", e);
}

enum bw_err
bwi_sqlite_seq(struct bwi_conn *c, uint64_t *seq, struct bw_error *e)
{
	int64_t last = 0;
	enum bw_err err = get_numbers(c, BWI_SQL_GET_SEQ, &last, 1, e);

	*seq = (uint64_t)last;
	return err;
}

enum bw_err
bwi_sqlite_version(struct bwi_conn *c, int64_t *version, struct bw_error *e)
{
	return get_numbers(c, BWI_SQL_VERSION, version, 1, e);
}

enum bw_err
bwi_sqlite_last(struct bw_store *base, uint64_t *last, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err == BW_OK)
		err = bwi_sqlite_end(
		    s, false, bwi_sqlite_seq(&s->shared, last, e), e);
	return err;
}

enum bw_err
bwi_sqlite_bytes(struct bwi_conn *c, uint64_t *bytes, struct bw_error *e)
{
	int64_t pages[2] = {0};
	enum bw_err err = get_numbers(c, BWI_SQL_PAGES, pages, 2, e);

	*bytes = (uint64_t)(pages[0] * pages[1]);
	return err;
}

enum bw_err
bwi_sqlite_stats(
    struct bw_store *base, struct bw_store_stats *out, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	int64_t v[5] = {0};
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = get_numbers(&s->shared, BWI_SQL_STATS, v, 5, e);
	if (err == BW_OK)
		err = bwi_sqlite_bytes(&s->shared, &out->bytes, e);
	out->events = (uint64_t)v[0];
	out->first = (uint64_t)v[1];
	out->last = (uint64_t)v[2];
	out->oldest = v[3];
	out->newest = v[4];
	return bwi_sqlite_end(s, false, err, e);
}
