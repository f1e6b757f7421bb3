/* Dead letters of the SQLite store: work that consumers gave up. */
#include "store/sqlite.h"

static enum bw_err
pass_dead_row(struct bwi_segments *g, sqlite3_stmt *work, bw_store_dead_fn *fn,
    void *arg, bool *go_on, struct bw_error *e)
{
	const struct bw_store_lease l = {
	    .seq = (uint64_t)sqlite3_column_int64(work, 0),
	    .token = (uint64_t)sqlite3_column_int64(work, 1),
	    .tries = (unsigned)sqlite3_column_int64(work, 2),
	};
	struct bw_store_row r;
	sqlite3_stmt *st;
	enum bw_err err = bwi_sqlite_get(g, l.seq, &st, &r, e);

	if (err == BW_OK && st != NULL)
		*go_on = fn(arg, &l, bwi_column(work, 3), &r);
	(void)sqlite3_reset(st);
	return err;
}

static enum bw_err
pass_dead(struct bwi_segments *g, const char *name, bw_store_dead_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_conn *c = bwi_segments_control(g);
	sqlite3_stmt *st =
	    bwi_sqlite_consumer_statement(c, BWI_SQL_DEAD, name, e);
	enum bw_err err = BW_OK;
	bool go_on = true;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	while (err == BW_OK && go_on && (rc = sqlite3_step(st)) == SQLITE_ROW)
		err = pass_dead_row(g, st, fn, arg, &go_on, e);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW
		   ? err
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
	err = bwi_sqlite_check_consumer(
	    bwi_segments_control(&s->shared), name, e);
	if (err == BW_OK)
		err = pass_dead(&s->shared, name, fn, arg, e);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
run_dead(struct bwi_conn *c, const char *name, uint64_t seq,
    enum bwi_statement what, size_t *n, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_sqlite_consumer_statement(c, what, name, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)seq);
	err = bwi_conn_run(c, st, "consumer", e);
	*n = err == BW_OK ? (size_t)sqlite3_changes(c->db) : 0;
	return err;
}

static enum bw_err
change_dead(struct bw_store *base, const char *name, uint64_t seq,
    enum bwi_statement what, size_t *n, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bwi_conn *c;
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	if (err != BW_OK)
		return err;
	c = bwi_segments_control(&s->shared);
	err = bwi_sqlite_check_consumer(c, name, e);
	if (err == BW_OK)
		err = run_dead(c, name, seq, what, n, e);
	return bwi_sqlite_end(s, true, err, e);
}

enum bw_err
bwi_sqlite_revive(struct bw_store *base, const char *name, uint64_t seq,
    size_t *n, struct bw_error *e)
{
	return change_dead(base, name, seq, BWI_SQL_REVIVE, n, e);
}

enum bw_err
bwi_sqlite_drop_dead(struct bw_store *base, const char *name, uint64_t seq,
    size_t *n, struct bw_error *e)
{
	return change_dead(base, name, seq, BWI_SQL_DROP_DEAD, n, e);
}
