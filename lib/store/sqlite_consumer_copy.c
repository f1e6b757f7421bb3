/* Consumers of the SQLite store as a whole: see store_move.h. */
#include "store/sqlite.h"

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static bool
is_last(const struct bwi_consumers *all, struct bw_str name)
{
	return all->n > 0 && bw_str_eq(all->list[all->n - 1].name, name);
}

/* A row of COPY_CONSUMERS: a consumer, and one event of its work. */
static enum bw_err
take(struct bwi_consumers *all, sqlite3_stmt *st)
{
	const struct bwi_consumer c = {.name = bwi_column(st, 0),
	    .position = (uint64_t)sqlite3_column_int64(st, 1),
	    .token = (uint64_t)sqlite3_column_int64(st, 2),
	    .created = sqlite3_column_int64(st, 3),
	    .seen = sqlite3_column_int64(st, 4),
	    .filter = {.family = bwi_column(st, 5),
		.type = bwi_column(st, 6),
		.call = bwi_column(st, 7),
		.message = bwi_column(st, 8),
		.number = bwi_column(st, 9),
		.since = sqlite3_column_int64(st, 10),
		.until = sqlite3_column_int64(st, 11)}};
	const struct bwi_work w = {
	    .seq = (uint64_t)sqlite3_column_int64(st, 12),
	    .token = (uint64_t)sqlite3_column_int64(st, 13),
	    .since = sqlite3_column_int64(st, 14),
	    .until = sqlite3_column_int64(st, 15),
	    .tries = (unsigned)sqlite3_column_int64(st, 16),
	    .dead = sqlite3_column_int(st, 17) != 0,
	    .why = bwi_column(st, 18)};
	enum bw_err err = BW_OK;

	if (!is_last(all, c.name))
		err = bwi_consumers_add(all, &c);
	return err == BW_OK && w.seq != 0 ? bwi_consumers_add_work(all, &w)
					  : err;
}

static enum bw_err
get_all(struct bwi_conn *c, struct bwi_consumers *all, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_COPY_CONSUMERS, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		err = take(all, st);
	(void)sqlite3_reset(st);
	if (err != BW_OK)
		return no_memory(e);
	return rc == SQLITE_DONE ? BW_OK
				 : bwi_conn_error(c, rc, "consumers", e);
}

enum bw_err
bwi_sqlite_get_consumers(
    struct bw_store *base, struct bwi_consumers *all, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = get_all(bwi_segments_control(&s->shared), all, e);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
put_consumer(
    struct bwi_conn *c, const struct bwi_consumer *s, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_COPY_CONSUMER, e);

	if (st == NULL)
		return e->code;
	bwi_bind_text(st, 1, s->name);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)s->position);
	(void)sqlite3_bind_int64(st, 3, (sqlite3_int64)s->token);
	(void)sqlite3_bind_int64(st, 4, s->created);
	(void)sqlite3_bind_int64(st, 5, s->seen);
	bwi_bind_text(st, 6, s->filter.family);
	bwi_bind_text(st, 7, s->filter.type);
	bwi_bind_text(st, 8, s->filter.call);
	bwi_bind_text(st, 9, s->filter.message);
	bwi_bind_text(st, 10, s->filter.number);
	(void)sqlite3_bind_int64(st, 11, s->filter.since);
	(void)sqlite3_bind_int64(st, 12, s->filter.until);
	return bwi_conn_run(c, st, "consumer", e);
}

static enum bw_err
insert_work(struct bwi_conn *c, struct bw_str name, const struct bwi_work *w,
    struct bw_str thread, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_COPY_WORK, e);

	if (st == NULL)
		return e->code;
	bwi_bind_text(st, 1, name);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)w->seq);
	bwi_bind_text(st, 3, thread);
	(void)sqlite3_bind_int64(st, 4, (sqlite3_int64)w->token);
	(void)sqlite3_bind_int64(st, 5, w->since);
	(void)sqlite3_bind_int64(st, 6, w->until);
	(void)sqlite3_bind_int64(st, 7, w->tries);
	(void)sqlite3_bind_int(st, 8, w->dead);
	bwi_bind_text(st, 9, w->why);
	return bwi_conn_run(c, st, "consumer", e);
}

/* The work has the event's thread, by which it is in order. */
static enum bw_err
put_work(struct bwi_segments *g, struct bw_str name, const struct bwi_work *w,
    struct bw_error *e)
{
	struct bw_store_row r;
	sqlite3_stmt *st;
	enum bw_err err = bwi_sqlite_get(g, w->seq, &st, &r, e);

	if (err == BW_OK && st == NULL)
		err = bw_error_set(e, BW_ERR_CORRUPT, 0,
		    "store: event %llu is missing, which a consumer has not "
		    "handled",
		    (unsigned long long)w->seq);
	if (err == BW_OK)
		err = insert_work(
		    bwi_segments_control(g), name, w, r.event.thread, e);
	if (st != NULL)
		(void)sqlite3_reset(st);
	return err;
}

static enum bw_err
put_all(
    struct bwi_segments *g, const struct bwi_consumers *all, struct bw_error *e)
{
	struct bwi_conn *c = bwi_segments_control(g);
	enum bw_err err = bwi_conn_do(c, BWI_SQL_DROP_ALL_WORK, "consumer", e);

	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_DROP_CONSUMERS, "consumer", e);
	for (size_t i = 0; err == BW_OK && i < all->n; i++) {
		const struct bwi_consumer *s = &all->list[i];

		err = put_consumer(c, s, e);
		for (size_t k = 0; err == BW_OK && k < s->n; k++)
			err = put_work(g, s->name, &s->work[k], e);
	}
	return err;
}

enum bw_err
bwi_sqlite_set_consumers(
    struct bw_store *base, const struct bwi_consumers *all, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	return bwi_sqlite_end(s, true, put_all(&s->shared, all, e), e);
}
