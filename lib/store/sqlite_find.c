/*
 * Finds the events that a filter may select, in order, by merging streams
 * of sequence numbers. There is one stream for each term of the filter's
 * most selective member, or a single one for the range of events, and one
 * for the tail, which is not in the table yet. Each stream is read only as
 * far as needed. So finding the newest events of a telephone number costs
 * the same in a large store.
 */
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* The events of one stream are from low to high. */
struct part {
	uint64_t low;
	uint64_t high;
};

static bool
by_term(const struct bw_store_filter *f)
{
	return f->call.p != NULL || f->message.p != NULL ||
	       f->number.p != NULL || f->family.p != NULL || f->type.p != NULL;
}

bool
bwi_sqlite_range(const struct bw_store_filter *f, struct bwi_term_range *range)
{
	if (f->call.p != NULL)
		*range = bwi_term_call(f->call);
	else if (f->message.p != NULL)
		*range = bwi_term_message(f->message);
	else if (f->number.p != NULL)
		*range = bwi_term_number(f->number);
	else
		return false;
	return true;
}

/* Of a call or a message there are fewer events than wrong answers. */
static bool
by_answer(const struct bw_store_filter *f)
{
	return bwi_store_selects_wrong(f) && f->call.p == NULL &&
	       f->message.p == NULL;
}

void
bwi_find_close(struct bwi_find *f)
{
	for (size_t i = 0; i < f->n; i++)
		(void)sqlite3_finalize(f->streams[i].st);
	bwi_free(f->streams);
	f->streams = NULL;
	f->n = f->cap = 0;
}

/* Get the next number of a stream; at its end it is removed. */
static enum bw_err
advance(struct bwi_find *f, size_t i, struct bw_error *e)
{
	struct bwi_stream *s = &f->streams[i];
	int rc = sqlite3_step(s->st);

	if (rc == SQLITE_ROW) {
		s->seq = (uint64_t)sqlite3_column_int64(s->st, 0);
		return BW_OK;
	}
	(void)sqlite3_finalize(s->st);
	*s = f->streams[--f->n];
	return rc == SQLITE_DONE ? BW_OK : bwi_conn_error(f->c, rc, "read", e);
}

/* Takes over the bound statement. */
static enum bw_err
add_stream(struct bwi_find *f, sqlite3_stmt *st, struct bw_error *e)
{
	void *grown = bwi_grow(f->streams, f->n, &f->cap, sizeof(*f->streams));

	if (grown == NULL) {
		(void)sqlite3_finalize(st);
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	}
	f->streams = grown;
	f->streams[f->n++] = (struct bwi_stream){.st = st};
	return advance(f, f->n - 1, e);
}

/* Prepare the SQL of a part, and free it. */
static sqlite3_stmt *
prepare_part(struct bwi_find *f, struct bw_buf *sql, const struct part *p,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_sqlite_prepare(f->c, sql, e);

	bw_buf_free(sql);
	if (st == NULL)
		return NULL;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)p->low);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)p->high);
	return st;
}

/* The terms of a call or message are in the order of their keys, so sort
 * them. */
static enum bw_err
add_terms(struct bwi_find *f, const struct bwi_term_range *h,
    const struct part *p, struct bw_error *e)
{
	struct bw_buf sql;
	sqlite3_stmt *st;

	if (p->low > p->high)
		return BW_OK;
	bw_buf_init(&sql, 4096);
	bw_buf_puts(&sql, "SELECT seq FROM term WHERE ");
	bw_buf_puts(
	    &sql, h->low == h->high ? "h = ?10" : "h BETWEEN ?10 AND ?11");
	bw_buf_puts(&sql, " AND seq BETWEEN ?1 AND ?2 ORDER BY seq");
	bw_buf_puts(&sql, f->newest_first ? " DESC" : "");
	st = prepare_part(f, &sql, p, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 10, h->low);
	(void)sqlite3_bind_int64(st, 11, h->high);
	return add_stream(f, st, e);
}

static enum bw_err
add_scan(struct bwi_find *f, const struct bw_store_filter *filter,
    const struct part *p, struct bw_error *e)
{
	struct bw_buf sql;
	sqlite3_stmt *st;

	if (p->low > p->high)
		return BW_OK;
	bw_buf_init(&sql, 4096);
	if (by_answer(filter))
		bwi_sqlite_put_wrong(&sql, f->c, filter, f->newest_first);
	else
		bwi_sqlite_put_scan(&sql, filter, f->newest_first);
	st = prepare_part(f, &sql, p, e);
	if (st == NULL)
		return e->code;
	bwi_sqlite_bind_filter(st, filter);
	return add_stream(f, st, e);
}

/* One stream for each type that was ever stored and is selected. */
static enum bw_err
add_types(struct bwi_find *f, const struct bw_store_filter *filter,
    const struct part *p, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(f->c, BWI_SQL_TYPES, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	bwi_bind_text(st, 1, filter->family);
	bwi_bind_text(st, 2, filter->type);
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		int64_t h = sqlite3_column_int64(st, 0);

		err = add_terms(f, &(struct bwi_term_range){h, h}, p, e);
	}
	(void)sqlite3_reset(st);
	if (err == BW_OK && rc != SQLITE_DONE)
		err = bwi_conn_error(f->c, rc, "read", e);
	return err;
}

/* The number that a statement finds for a time, or the given one. */
static enum bw_err
find_time(struct bwi_conn *c, enum bwi_statement which, int64_t time,
    uint64_t otherwise, uint64_t *seq, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);
	int rc;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, time);
	rc = sqlite3_step(st);
	*seq = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 0)
				: otherwise;
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(c, rc, "read", e);
}

/* Narrow a part of the indexed events to those of the times. */
static enum bw_err
narrow(struct bwi_conn *c, const struct bw_store_filter *filter, struct part *p,
    struct bw_error *e)
{
	enum bw_err err = BW_OK;
	uint64_t seq;

	if (filter->since != 0) {
		err = find_time(c, BWI_SQL_FIRST_SINCE, filter->since,
		    p->high + 1, &seq, e);
		if (err == BW_OK && seq > p->low)
			p->low = seq;
	}
	if (err == BW_OK && filter->until != 0) {
		err =
		    find_time(c, BWI_SQL_LAST_UNTIL, filter->until, 0, &seq, e);
		if (err == BW_OK && seq < p->high)
			p->high = seq;
	}
	return err;
}

static enum bw_err
add_indexed(struct bwi_find *f, const struct bw_store_filter *filter,
    struct part *p, struct bw_error *e)
{
	struct bwi_term_range h;
	enum bw_err err = narrow(f->c, filter, p, e);

	if (err != BW_OK)
		return err;
	if (by_answer(filter))
		return add_scan(f, filter, p, e);
	if (bwi_sqlite_range(filter, &h))
		return add_terms(f, &h, p, e);
	return by_term(filter) ? add_types(f, filter, p, e)
			       : add_scan(f, filter, p, e);
}

enum bw_err
bwi_find_open(struct bwi_find *f, struct bwi_conn *c,
    const struct bw_store_filter *filter, bool newest_first, uint64_t cursor,
    struct bw_error *e)
{
	struct part all = {cursor + 1, INT64_MAX}, indexed, tail;
	struct bwi_state state = {0};
	uint64_t last;
	enum bw_err err = bwi_sqlite_state(c, &state, e);

	*f = (struct bwi_find){.c = c, .newest_first = newest_first};
	if (err != BW_OK)
		return err;
	last = state.indexed;
	if (newest_first)
		all = (struct part){1, cursor > 0 ? cursor - 1 : INT64_MAX};
	indexed = tail = all;
	if (indexed.high > last)
		indexed.high = last;
	if (tail.low <= last)
		tail.low = last + 1;
	if (indexed.low <= indexed.high)
		err = add_indexed(f, filter, &indexed, e);
	if (err == BW_OK)
		err = add_scan(f, filter, &tail, e);
	if (err != BW_OK)
		bwi_find_close(f);
	return err;
}

static bool
precedes(const struct bwi_find *f, uint64_t a, uint64_t b)
{
	return f->newest_first ? a > b : a < b;
}

enum bw_err
bwi_find_next(struct bwi_find *f, uint64_t *seq, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	*seq = 0;
	for (size_t i = 0; i < f->n; i++) {
		if (*seq == 0 || precedes(f, f->streams[i].seq, *seq))
			*seq = f->streams[i].seq;
	}
	/* Backwards, because removing a finished stream moves the last one
	 * there. */
	for (size_t i = f->n; err == BW_OK && i-- > 0;) {
		if (f->streams[i].seq == *seq)
			err = advance(f, i, e);
	}
	return err;
}
