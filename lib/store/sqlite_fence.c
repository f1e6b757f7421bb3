/*
 * The state of a store that is moved to another one, or filled from it, and
 * what its files refuse then. These are triggers, so that programs that know
 * nothing of it, and have the file open already, are refused too. In an open
 * store there are neither the table nor the triggers.
 *
 * The fence of the segment that takes events decides. The one of PATH, if that
 * is another file, stops the consumers.
 */
#include "store/sqlite.h"

#define REFUSE "BEGIN SELECT RAISE(ABORT, '" BWI_MOVE_REFUSAL "'); END;"

/*
 * A segment that takes no events must not be closed either: the next one would
 * take them.
 */
static const char raise_sql[] =
    "CREATE TABLE IF NOT EXISTS fence ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " state INTEGER NOT NULL) STRICT;"
    "INSERT OR IGNORE INTO fence VALUES (1, 0);"
    "CREATE TRIGGER IF NOT EXISTS fence_entry BEFORE INSERT ON entry"
    " WHEN (SELECT state FROM fence) <> 0 " REFUSE
    "CREATE TRIGGER IF NOT EXISTS fence_closed BEFORE UPDATE OF closed ON meta"
    " WHEN OLD.closed = 0 AND (SELECT state FROM fence) IN (1, 2) " REFUSE;

/* Leases can be settled, but none is granted. */
static const char raise_control_sql[] =
    "CREATE TRIGGER IF NOT EXISTS fence_consumer"
    " BEFORE UPDATE OF position, token ON consumer"
    " WHEN (SELECT state FROM fence) <> 0 " REFUSE;

static const char drop_sql[] = "DROP TRIGGER IF EXISTS fence_consumer;"
			       "DROP TRIGGER IF EXISTS fence_closed;"
			       "DROP TRIGGER IF EXISTS fence_entry;"
			       "DROP TABLE IF EXISTS fence;";

/* How often another segment is tried, after this one was closed. */
#define TRIES 5

static enum bw_err
get_number(
    struct bwi_conn *c, enum bwi_statement which, int *n, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	*n = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "state", e);
}

enum bw_err
bwi_sqlite_get_fence(
    struct bwi_conn *c, enum bwi_move_state *state, struct bw_error *e)
{
	int n = 0;
	enum bw_err err = get_number(c, BWI_SQL_HAS_FENCE, &n, e);

	if (err == BW_OK && n > 0)
		err = get_number(c, BWI_SQL_FENCE, &n, e);
	*state = (enum bwi_move_state)n;
	return err;
}

enum bw_err
bwi_sqlite_get_state(
    struct bw_store *base, enum bwi_move_state *state, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = bwi_sqlite_get_fence(
	    &bwi_segments_active(&s->shared)->conn, state, e);
	return bwi_sqlite_end(s, false, err, e);
}

enum bw_err
bwi_sqlite_set_fence(struct bwi_conn *c, enum bwi_move_state state,
    bool control, struct bw_error *e)
{
	sqlite3_stmt *st;
	enum bw_err err;

	if (state == BWI_MOVE_OPEN)
		return bwi_conn_exec(c, drop_sql, "state", e);
	err = bwi_conn_exec(c, raise_sql, "state", e);
	if (err == BW_OK && control)
		err = bwi_conn_exec(c, raise_control_sql, "state", e);
	if (err != BW_OK)
		return err;
	st = bwi_conn_statement(c, BWI_SQL_SET_FENCE, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int(st, 1, (int)state);
	return bwi_conn_run(c, st, "state", e);
}

/* BW_ERR_STALE: the segment has been closed meanwhile. */
static enum bw_err
check_active(struct bwi_conn *c, struct bw_error *e)
{
	struct bwi_state state = {0};
	enum bw_err err = bwi_sqlite_state(c, &state, e);

	if (err != BW_OK || state.closed == 0)
		return err;
	return bw_error_set(
	    e, BW_ERR_STALE, 0, "store: its segments change too often");
}

static enum bw_err
set_one(struct bwi_segments *g, bool control, bool active,
    enum bwi_move_state state, struct bw_error *e)
{
	struct bwi_conn *c =
	    control ? bwi_segments_control(g) : &bwi_segments_active(g)->conn;
	enum bw_err err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);

	if (err == BW_OK && active)
		err = check_active(c, e);
	if (err == BW_OK)
		err = bwi_sqlite_set_fence(c, state, control, e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (err != BW_OK)
		bwi_conn_rollback(c);
	return err;
}

/* Opening ends with the segment that takes events, closing too. */
static enum bw_err
set_both(struct bwi_sqlite *s, enum bwi_move_state state, struct bw_error *e)
{
	struct bwi_segments *g = &s->shared;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = set_one(g, true, g->n == 1, state, e);
	if (err == BW_OK && g->n > 1)
		err = set_one(g, false, true, state, e);
	return bwi_sqlite_end(s, false, err, e);
}

enum bw_err
bwi_sqlite_set_state(
    struct bw_store *base, enum bwi_move_state state, struct bw_error *e)
{
	enum bw_err err = BW_ERR_STALE;

	for (int i = 0; err == BW_ERR_STALE && i < TRIES; i++) {
		*e = (struct bw_error){0};
		err = set_both(bwi_sqlite_of(base), state, e);
	}
	return err;
}
