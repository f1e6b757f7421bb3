/* Reading the SQLite store: rows by cursor and filter, counts, sizes. */
#include <string.h>

#include "store_sqlite.h"

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
	    &e->thread};
	const char *space;

	*r = (struct bw_store_row){
	    .seq = (uint64_t)sqlite3_column_int64(st, 0),
	    .event = {.received = sqlite3_column_int64(st, 1),
		.batch = sqlite3_column_int(st, 2),
		.index = sqlite3_column_int(st, 3)},
	    .deliveries = (unsigned)sqlite3_column_int64(st, 4),
	    .last = sqlite3_column_int64(st, 5),
	};
	for (int i = 0; i < 14; i++)
		*texts[i] = bwi_column(st, 6 + i);
	/* A retired key ends in a space and its number. */
	space = e->key.n > 0 ? memchr(e->key.p, ' ', e->key.n) : NULL;
	if (space != NULL)
		e->key.n = (size_t)(space - e->key.p);
	bwi_sqlite_get_answer(st, BWI_SQL_ANSWER_COLUMN, &r->answer);
}

void
bwi_sqlite_put_filter(struct bw_buf *b, const struct bw_store_filter *f)
{
	if (f->family.p != NULL)
		bw_buf_puts(b, " AND e.family = ?");
	if (f->type.p != NULL)
		bw_buf_puts(b, " AND e.type = ?");
	if (f->call.p != NULL)
		bw_buf_puts(b, " AND e.call_id = ?");
	if (f->message.p != NULL)
		bw_buf_puts(b, " AND e.message_id = ?");
	if (f->number.p != NULL)
		bw_buf_puts(b, " AND (e.from_number = ? OR e.to_number = ?)");
	if (f->since != 0)
		bw_buf_puts(b, " AND e.received >= ?");
	if (f->until != 0)
		bw_buf_puts(b, " AND e.received < ?");
}

int
bwi_sqlite_bind_filter(sqlite3_stmt *st, int i, const struct bw_store_filter *f)
{
	const struct bw_str texts[] = {
	    f->family, f->type, f->call, f->message, f->number, f->number};

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		if (texts[k].p != NULL)
			bwi_bind_text(st, i++, texts[k]);
	}
	if (f->since != 0)
		(void)sqlite3_bind_int64(st, i++, f->since);
	if (f->until != 0)
		(void)sqlite3_bind_int64(st, i++, f->until);
	return i;
}

sqlite3_stmt *
bwi_sqlite_prepare(struct bwi_conn *c, struct bw_buf *sql, struct bw_error *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (sql->err != BW_OK) {
		(void)bw_error_set(
		    e, sql->err, 0, "store: %s", bw_strerror(sql->err));
		return NULL;
	}
	rc = sqlite3_prepare_v2(c->db, sql->p, (int)sql->n, &st, NULL);
	if (rc != SQLITE_OK)
		(void)bwi_conn_error(c, rc, "prepare", e);
	return st;
}

static enum bw_err
give_rows(struct bwi_conn *c, sqlite3_stmt *st, uint64_t *cursor,
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
read_rows(struct bwi_conn *c, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, bw_store_row_fn *fn,
    void *arg, struct bw_error *e)
{
	sqlite3_int64 at = (sqlite3_int64)*cursor;
	enum bw_err err;
	sqlite3_stmt *st;
	struct bw_buf sql;
	int i;

	bw_buf_init(&sql, 4096);
	bw_buf_puts(
	    &sql, "SELECT " BWI_SQL_COLUMNS BWI_SQL_FROM "WHERE e.seq ");
	bw_buf_puts(&sql, newest_first ? "< ?" : "> ?");
	bwi_sqlite_put_filter(&sql, f);
	bw_buf_puts(&sql, " ORDER BY e.seq");
	bw_buf_puts(&sql, newest_first ? " DESC LIMIT ?" : " LIMIT ?");
	st = bwi_sqlite_prepare(c, &sql, e);
	bw_buf_free(&sql);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(
	    st, 1, newest_first && at == 0 ? INT64_MAX : at);
	i = bwi_sqlite_bind_filter(st, 2, f);
	(void)sqlite3_bind_int64(
	    st, i, max < INT64_MAX ? (sqlite3_int64)max : INT64_MAX);
	err = give_rows(c, st, cursor, fn, arg, e);
	(void)sqlite3_finalize(st);
	return err;
}

enum bw_err
bwi_sqlite_read(struct bw_store *base, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, bw_store_row_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_take(s, false, e);

	if (err == BW_OK)
		err = bwi_sqlite_give_back(s, false,
		    read_rows(
			&s->other, f, newest_first, max, cursor, fn, arg, e),
		    e);
	return err;
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
	(void)bwi_sqlite_bind_filter(st, 1, f);
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
	enum bw_err err = bwi_sqlite_take(s, false, e);

	if (err == BW_OK)
		err = bwi_sqlite_give_back(
		    s, false, count(&s->other, f, fn, arg, e), e);
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
bwi_sqlite_last(struct bw_store *base, uint64_t *last, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_take(s, false, e);

	if (err == BW_OK)
		err = bwi_sqlite_give_back(
		    s, false, bwi_sqlite_seq(&s->other, last, e), e);
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
	enum bw_err err = bwi_sqlite_take(s, false, e);

	if (err != BW_OK)
		return err;
	err = get_numbers(&s->other, BWI_SQL_STATS, v, 5, e);
	if (err == BW_OK)
		err = bwi_sqlite_bytes(&s->other, &out->bytes, e);
	out->events = (uint64_t)v[0];
	out->first = (uint64_t)v[1];
	out->last = (uint64_t)v[2];
	out->oldest = v[3];
	out->newest = v[4];
	return bwi_sqlite_give_back(s, false, err, e);
}
