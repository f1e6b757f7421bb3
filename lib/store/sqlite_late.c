/* Transactions in closed segments, while events are appended to the active. */
#include "store/sqlite_late.h"

#include <bwcallback/tools/clock.h>

/*
 * How long the lock of a closed segment is waited for, while all other requests
 * wait; others hold it for some milliseconds. After one that is held for
 * longer, none is waited for until this time is over.
 */
#define WAIT  INT64_C(1000000000)
#define AGAIN INT64_C(10000000000)

/*
 * Lock the segment. If it was compacted meanwhile, its new file is opened; that
 * is not replaced again.
 */
static enum bw_err
lock(struct bwi_segments *g, struct bwi_segment *of, int64_t deadline,
    struct bw_error *e)
{
	enum bw_err err;

	of->conn.deadline = deadline;
	err = bwi_conn_do(&of->conn, BWI_SQL_BEGIN, "lock", e);
	if (err != BW_OK || !bwi_segment_is_replaced(of))
		return err;
	bwi_conn_rollback(&of->conn);
	bwi_conn_close(&of->conn);
	err = bwi_segment_open(g, of, e);
	if (err != BW_OK)
		return err;
	of->conn.deadline = deadline;
	return bwi_conn_do(&of->conn, BWI_SQL_BEGIN, "lock", e);
}

static enum bw_err
begin(struct bwi_segments *g, struct bwi_segment *of, struct bw_error *e)
{
	int64_t now = bw_monotonic_ns();
	bool busy = of->locked != 0 && now - of->locked < AGAIN;
	enum bw_err err = lock(g, of, busy ? now : now + WAIT, e);

	if (err == BW_ERR_BUSY && !busy)
		of->locked = now;
	if (err != BW_OK)
		return err;
	of->locked = 0;
	err = bwi_conn_do(&of->conn, BWI_SQL_CHANGED, "write", e);
	of->writing = err == BW_OK;
	if (err != BW_OK)
		bwi_conn_rollback(&of->conn);
	return err;
}

enum bw_err
bwi_sqlite_begin_late(struct bwi_sqlite *s, struct bw_store_write *j,
    struct bwi_segment *of, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	if (of == bwi_segments_active(&s->append))
		return BW_OK;
	if (!of->writing)
		err = begin(&s->append, of, e);
	else if (of->conn.db == NULL ||
		 sqlite3_get_autocommit(of->conn.db) != 0)
		err = bw_error_set(
		    e, BW_ERR_IO, 0, "%s: store: writing failed", of->path);
	j->late = j->late || err == BW_OK;
	if (err == BW_OK && j->n > 1 && !of->saved) {
		err = bwi_conn_do(&of->conn, BWI_SQL_SAVE, "write", e);
		of->saved = err == BW_OK;
	}
	return err;
}

void
bwi_sqlite_end_late(struct bwi_sqlite *s, bool undo)
{
	struct bw_error ignored = {0};

	for (size_t i = 0; i + 1 < s->append.n; i++) {
		struct bwi_segment *of = s->append.list[i];
		struct bwi_conn *c = &of->conn;

		if (!of->saved)
			continue;
		of->saved = false;
		/* Then its commit fails. */
		if ((undo && bwi_conn_do(c, BWI_SQL_ROLLBACK_TO, "undo",
				 &ignored) != BW_OK) ||
		    bwi_conn_do(c, BWI_SQL_RELEASE, "undo", &ignored) != BW_OK)
			bwi_conn_rollback(c);
	}
}

enum bw_err
bwi_sqlite_commit_late(struct bwi_sqlite *s, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i + 1 < s->append.n; i++) {
		struct bwi_segment *of = s->append.list[i];

		if (!of->writing)
			continue;
		err = of->conn.db != NULL
			  ? bwi_conn_do(&of->conn, BWI_SQL_COMMIT, "commit", e)
			  : bw_error_set(e, BW_ERR_IO, 0,
				"%s: store: writing failed", of->path);
		of->writing = err != BW_OK;
	}
	return err;
}

void
bwi_sqlite_rollback_late(struct bwi_sqlite *s)
{
	for (size_t i = 0; i < s->append.n; i++) {
		struct bwi_segment *of = s->append.list[i];

		if (!of->writing)
			continue;
		bwi_conn_rollback(&of->conn);
		bwi_conn_close(&of->conn);
		of->writing = of->saved = false;
	}
}
