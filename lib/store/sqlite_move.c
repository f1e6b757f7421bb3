/*
 * The migration of a large store: the events of version 2 are moved to the new
 * tables in many short transactions, so a program that is killed goes on where
 * it was. First the old indices are removed: then moving a row to the new
 * tables needs about the room that it gives back.
 */
#include <string.h>

#include "store/sqlite.h"

/* Events moved in one transaction. */
#define STEP BWI_TAIL_MAX

static sqlite3_stmt *
prepare(struct bwi_conn *c, const char *sql, struct bw_error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		(void)bwi_conn_error(c, rc, "migration", e);
	return st;
}

/* What is left of the old table. */
enum left {
	LEFT_NOTHING,
	LEFT_INDEX, /* the command of the statement removes it */
	LEFT_ROWS
};

static enum bw_err
find_left(struct bwi_conn *c, struct bw_buf *drop, enum left *left,
    struct bw_error *e)
{
	static const char sql[] =
	    "SELECT 'DROP INDEX \"' || name || '\"', type = 'index' "
	    "FROM sqlite_schema WHERE tbl_name = '" BWI_SQLITE_OLD "' "
	    "ORDER BY 2 DESC LIMIT 1";
	sqlite3_stmt *st = prepare(c, sql, e);
	int rc;

	*left = LEFT_NOTHING;
	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*left = sqlite3_column_int(st, 1) != 0 ? LEFT_INDEX : LEFT_ROWS;
		bw_buf_str(drop, bwi_column(st, 0));
		bw_buf_putc(drop, '\0');
	}
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return bwi_conn_error(c, rc, "migration", e);
	return drop->err == BW_OK
		   ? BW_OK
		   : bw_error_set(e, drop->err, 0, "store: out of memory");
}

/* An expired key ended in a space and its number. */
static struct bw_str
get_key(sqlite3_stmt *st, int i)
{
	struct bw_str key = bwi_column(st, i);
	const char *space = key.n > 0 ? memchr(key.p, ' ', key.n) : NULL;

	if (space != NULL)
		key.n = (size_t)(space - key.p);
	return key;
}

static enum bw_err
move_row(struct bwi_conn *c, sqlite3_stmt *st, struct bw_error *e)
{
	struct bw_store_event event = {
	    .received = sqlite3_column_int64(st, 1),
	    .batch = sqlite3_column_int(st, 2),
	    .index = sqlite3_column_int(st, 3),
	    .section = bwi_column(st, 7),
	    .method = bwi_column(st, 8),
	    .content_type = bwi_column(st, 9),
	    .family = bwi_column(st, 10),
	    .type = bwi_column(st, 11),
	    .key = get_key(st, 12),
	    .user = bwi_column(st, 13),
	    .request = bwi_column(st, 14),
	    .body = bwi_column(st, 15),
	    .call = bwi_column(st, 16),
	    .message = bwi_column(st, 17),
	    .from = bwi_column(st, 18),
	    .to = bwi_column(st, 19),
	    .thread = bwi_column(st, 20),
	    .query = bwi_column(st, 21),
	};
	const struct bwi_entry entry = {
	    .seq = (uint64_t)sqlite3_column_int64(st, 0),
	    .event = &event,
	    .deliveries = sqlite3_column_int64(st, 4),
	    .last = sqlite3_column_int64(st, 5),
	    .claim = sqlite3_column_int64(st, 6),
	};

	return bwi_sqlite_insert(c, &entry, e);
}

/* Copy rows to the new table; *seq: the last one, 0: there are none. */
static enum bw_err
copy_rows(struct bwi_conn *c, uint64_t *seq, struct bw_error *e)
{
	static const char sql[] =
	    "SELECT seq, received, batch, idx, deliveries, last, claim, "
	    "section, method, content_type, family, type, key, user, request, "
	    "body, call_id, message_id, from_number, to_number, thread, query "
	    "FROM " BWI_SQLITE_OLD " ORDER BY seq LIMIT ?1";
	sqlite3_stmt *st = prepare(c, sql, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	*seq = 0;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int(st, 1, STEP);
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		*seq = (uint64_t)sqlite3_column_int64(st, 0);
		err = move_row(c, st, e);
	}
	(void)sqlite3_finalize(st);
	return err == BW_OK && rc != SQLITE_DONE
		   ? bwi_conn_error(c, rc, "migration", e)
		   : err;
}

static enum bw_err
remove_rows(struct bwi_conn *c, uint64_t seq, struct bw_error *e)
{
	sqlite3_stmt *st =
	    prepare(c, "DELETE FROM " BWI_SQLITE_OLD " WHERE seq <= ?1", e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	err = bwi_conn_run(c, st, "migration", e);
	(void)sqlite3_finalize(st);
	return err;
}

static enum bw_err
move_rows(struct bwi_conn *c, struct bw_error *e)
{
	struct bwi_state state;
	enum bw_err err = bwi_sqlite_state(c, &state, e);
	uint64_t seq;

	if (err != BW_OK)
		return err;
	/* Each step also writes the terms of its rows, so the tail is empty. */
	bwi_tail_reset(&c->tail, state.indexed);
	err = copy_rows(c, &seq, e);
	if (err == BW_OK && seq == 0)
		return bwi_conn_exec(
		    c, "DROP TABLE " BWI_SQLITE_OLD, "migration", e);
	if (err == BW_OK)
		err = bwi_sqlite_index_tail(c, e);
	return err == BW_OK ? remove_rows(c, seq, e) : err;
}

static enum bw_err
step(struct bwi_conn *c, bool *more, struct bw_error *e)
{
	struct bw_buf drop;
	enum left left;
	enum bw_err err;

	bw_buf_init(&drop, 4096);
	err = find_left(c, &drop, &left, e);
	if (err == BW_OK && left == LEFT_INDEX)
		err = bwi_conn_exec(c, drop.p, "migration", e);
	if (err == BW_OK && left == LEFT_ROWS)
		err = move_rows(c, e);
	bw_buf_free(&drop);
	*more = err == BW_OK && left != LEFT_NOTHING;
	return err;
}

enum bw_err
bwi_sqlite_move(struct bwi_conn *c, bool *more, struct bw_error *e)
{
	/* Removing an index must not overwrite its pages: that takes minutes */
	enum bw_err err =
	    bwi_conn_exec(c, "PRAGMA secure_delete = FAST", "migration", e);

	*more = false;
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	if (err != BW_OK)
		return err;
	err = step(c, more, e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (err != BW_OK)
		bwi_conn_rollback(c);
	else
		bwi_conn_checkpoint(c);
	return err;
}
