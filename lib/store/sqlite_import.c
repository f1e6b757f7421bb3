/* Events with their numbers, from another store: see store_move.h. */
#include <bwcallback/tools/clock.h>

#include "store/sqlite.h"

/* Events after which segments are looked at. */
#define LOOK_AFTER 10000

static enum bw_err
set_fence(struct bwi_conn *c, enum bwi_move_state state, struct bw_error *e)
{
	return bwi_sqlite_set_fence(c, state, false, e);
}

/* The active segment must be filled, and have no later event. */
static enum bw_err
check_filling(struct bwi_segment *active, uint64_t first, struct bw_error *e)
{
	enum bwi_move_state state = BWI_MOVE_OPEN;
	struct bwi_state tail = {0};
	enum bw_err err = bwi_sqlite_get_fence(&active->conn, &state, e);

	if (err == BW_OK)
		err = bwi_sqlite_sync_tail(&active->conn, &tail, e);
	if (err != BW_OK)
		return err;
	/* A new segment has no fence yet. */
	if (state == BWI_MOVE_OPEN && active->number != BWI_SEGMENT_OWN &&
	    tail.seq < tail.first)
		state = BWI_MOVE_FILLING;
	if (state == BWI_MOVE_FILLING && tail.closed == 0 && tail.seq < first)
		return BW_OK;
	return bw_error_set(e, BW_ERR_STALE, 0,
	    "store: another program has changed it; start the move again");
}

enum bw_err
bwi_sqlite_put_row(
    struct bwi_conn *c, const struct bw_store_row *r, struct bw_error *e)
{
	const struct bwi_entry entry = {.seq = r->seq,
	    .event = &r->event,
	    .claim = r->event.received + r->event.claim,
	    .deliveries = r->deliveries,
	    .last = r->last};
	enum bw_err err = bwi_sqlite_insert(c, &entry, e);

	return err == BW_OK && r->answer.status != 0
		   ? bwi_sqlite_add_answer(c, r->seq, &r->answer, e)
		   : err;
}

static enum bw_err
add_row(struct bwi_conn *c, const struct bw_store_row *r, struct bw_error *e)
{
	enum bw_err err = bwi_sqlite_put_row(c, r, e);

	return err == BW_OK && c->tail.known - c->tail.indexed >= BWI_TAIL_MAX
		   ? bwi_sqlite_index_tail(c, e)
		   : err;
}

static enum bw_err
add_rows(struct bwi_segment *active, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_conn *c = &active->conn;
	enum bw_err err = check_filling(active, rows[0].seq, e);

	/* The fence is down only in this transaction. */
	if (err == BW_OK)
		err = set_fence(c, BWI_MOVE_FILLING, e);
	if (err == BW_OK)
		err =
		    bwi_conn_exec(c, "UPDATE fence SET state = 0", "state", e);
	for (size_t i = 0; err == BW_OK && i < n; i++)
		err = add_row(c, &rows[i], e);
	return err == BW_OK ? set_fence(c, BWI_MOVE_FILLING, e) : err;
}

static enum bw_err
import(struct bwi_sqlite *s, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_segment *active;
	struct bwi_conn *c;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	active = bwi_segments_active(&s->shared);
	c = &active->conn;
	err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK)
		err = add_rows(active, rows, n, e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (err == BW_OK) {
		bwi_conn_checkpoint(c);
	} else {
		/* Reopened, to discard what is cached of the events. */
		bwi_conn_rollback(c);
		bwi_segments_close(&s->shared);
		bwi_timed_lock_release(&s->lock);
		return err;
	}
	return bwi_sqlite_end(s, false, BW_OK, e);
}

/* A store that is filled has no responder that closes its segments. */
static enum bw_err
look_at_segments(struct bwi_sqlite *s, struct bw_error *e)
{
	enum bw_err err = bwi_maintain(
	    s->path, &s->maintenance.limit, &s->maintenance.stop, e);

	s->imported = 0;
	return err;
}

static enum bw_err
sqlite_import(struct bw_store *base, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = n > 0 ? import(s, rows, n, e) : BW_OK;

	s->imported += n;
	return err == BW_OK && (s->imported >= LOOK_AFTER ||
				   s->imported >= s->maintenance.limit.events)
		   ? look_at_segments(s, e)
		   : err;
}

static enum bw_err
amend_row(struct bwi_conn *c, const struct bw_store_row *r, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_AMEND, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)r->seq);
	(void)sqlite3_bind_int64(st, 2, r->deliveries);
	(void)sqlite3_bind_int64(st, 3, r->last);
	(void)sqlite3_bind_int64(st, 4, r->event.claim);
	err = bwi_conn_run(c, st, "write", e);
	st = bwi_conn_statement(c, BWI_SQL_DELETE_ANSWER, e);
	if (err != BW_OK || st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)r->seq);
	err = bwi_conn_run(c, st, "write", e);
	return err == BW_OK && r->answer.status != 0
		   ? bwi_sqlite_add_answer(c, r->seq, &r->answer, e)
		   : err;
}

/* In a transaction of the event's segment. */
static enum bw_err
amend(struct bwi_segments *g, const struct bw_store_row *r, struct bw_error *e)
{
	struct bwi_conn *c = NULL;
	size_t i;
	enum bw_err err = bwi_segments_find(g, r->seq, &i, e);

	if (err == BW_OK && i < g->n)
		err = bwi_segments_get(g, i, &c, e);
	if (err != BW_OK || c == NULL)
		return err;
	err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK && i + 1 < g->n)
		err = bwi_conn_do(c, BWI_SQL_CHANGED, "write", e);
	if (err == BW_OK)
		err = amend_row(c, r, e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (err != BW_OK)
		bwi_conn_rollback(c);
	return err;
}

static enum bw_err
sqlite_amend(struct bw_store *base, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	for (size_t i = 0; err == BW_OK && i < n; i++)
		err = amend(&s->shared, &rows[i], e);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
sqlite_set_last(struct bw_store *base, uint64_t last, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	sqlite3_stmt *st;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	st = bwi_conn_statement(
	    &bwi_segments_active(&s->shared)->conn, BWI_SQL_SET_REMOVED, e);
	if (st != NULL) {
		(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)last);
		err = bwi_conn_run(
		    &bwi_segments_active(&s->shared)->conn, st, "write", e);
	} else {
		err = e->code;
	}
	return bwi_sqlite_end(s, false, err, e);
}

const struct bwi_move_ops bwi_sqlite_move_ops = {
    .get_state = bwi_sqlite_get_state,
    .set_state = bwi_sqlite_set_state,
    .import = sqlite_import,
    .amend = sqlite_amend,
    .set_last = sqlite_set_last,
    .get_consumers = bwi_sqlite_get_consumers,
    .set_consumers = bwi_sqlite_set_consumers,
};
