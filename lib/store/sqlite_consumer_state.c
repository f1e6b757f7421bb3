/*
 * The state of each consumer of the SQLite store: position, lag, dead letters.
 */
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "store/sqlite.h"

/*
 * The inputs for the state of a consumer. The strings belong to the statement
 * that lists the consumers.
 */
struct listed {
	struct bw_store_consumer_state state;
	struct bw_store_filter filter;
};

static void
get_listed(sqlite3_stmt *st, struct listed *l)
{
	*l = (struct listed){
	    .state = {.name = bwi_column(st, 0),
		.position = (uint64_t)sqlite3_column_int64(st, 1),
		.created = sqlite3_column_int64(st, 2),
		.seen = sqlite3_column_int64(st, 3)},
	    .filter = {.family = bwi_column(st, 4),
		.type = bwi_column(st, 5),
		.call = bwi_column(st, 6),
		.message = bwi_column(st, 7),
		.number = bwi_column(st, 8),
		.since = sqlite3_column_int64(st, 9),
		.until = sqlite3_column_int64(st, 10)},
	};
}

/* Keep the earlier of both times; 0 is unknown. */
static void
take_oldest(struct bw_store_consumer_state *s, int64_t received)
{
	if (s->oldest == 0 || (received != 0 && received < s->oldest))
		s->oldest = received;
}

static enum bw_err
step_once(struct bwi_conn *c, sqlite3_stmt *st, struct bw_error *e)
{
	int rc = sqlite3_step(st);

	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "consumers", e);
}

/* When an event was received; 0: there is no such event. */
static enum bw_err
get_received(
    struct bwi_segments *g, uint64_t seq, int64_t *received, struct bw_error *e)
{
	struct bwi_conn *c = NULL;
	sqlite3_stmt *st;
	size_t i;
	enum bw_err err = bwi_segments_find(g, seq, &i, e);
	int rc;

	*received = 0;
	if (err == BW_OK && i < g->n)
		err = bwi_segments_get(g, i, &c, e);
	if (err != BW_OK || c == NULL)
		return err;
	st = bwi_conn_statement(c, BWI_SQL_RECEIVED, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*received = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(c, rc, "consumers", e);
}

static void
add_pending(
    struct bw_store_consumer_state *s, sqlite3_stmt *work, int64_t received)
{
	bool leased = sqlite3_column_int(work, 2) != 0;

	s->pending++;
	s->leased += leased;
	s->retrying += !leased && sqlite3_column_int64(work, 3) > 0;
	take_oldest(s, received);
}

static enum bw_err
add_work(struct bwi_segments *g, sqlite3_stmt *work,
    struct bw_store_consumer_state *s, int64_t before, struct bw_error *e)
{
	uint64_t seq = (uint64_t)sqlite3_column_int64(work, 0);
	bool dead = sqlite3_column_int(work, 1) != 0;
	int64_t received;
	enum bw_err err = get_received(g, seq, &received, e);

	if (err != BW_OK || received == 0)
		return err;
	if (dead)
		s->dead++;
	else
		add_pending(s, work, received);
	s->held += received < before;
	return BW_OK;
}

/* The events that are assigned to it. */
static enum bw_err
add_assigned(struct bwi_segments *g, struct bw_store_consumer_state *s,
    int64_t before, struct bw_error *e)
{
	struct bwi_conn *c = bwi_segments_control(g);
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_WORK_OF, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	bwi_bind_text(st, 1, s->name);
	(void)sqlite3_bind_int64(st, 2, bw_realtime_ms());
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		err = add_work(g, st, s, before, e);
	(void)sqlite3_reset(st);
	return err == BW_OK && rc != SQLITE_DONE
		   ? bwi_conn_error(c, rc, "consumers", e)
		   : err;
}

/*
 * Count the events of a segment after the consumer's position that were
 * received before a time.
 */
static enum bw_err
count_after(struct bwi_conn *c, const struct bw_store_consumer_state *s,
    int64_t before, uint64_t *n, int64_t *oldest, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_STATE_AFTER, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)s->position);
	(void)sqlite3_bind_int64(st, 2, before);
	err = step_once(c, st, e);
	if (err == BW_OK) {
		*n += (uint64_t)sqlite3_column_int64(st, 0);
		*oldest = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return err;
}

static bool
selects_all(const struct bw_store_filter *f)
{
	return f->family.p == NULL && f->type.p == NULL && f->call.p == NULL &&
	       f->message.p == NULL && f->number.p == NULL && f->since == 0 &&
	       f->until == 0;
}

/* The events of a segment after its position that it selects. */
static enum bw_err
add_selected(struct bwi_conn *c, struct listed *l, struct bw_error *e)
{
	struct bw_buf sql;
	sqlite3_stmt *st;
	enum bw_err err;

	bw_buf_init(&sql, 4096);
	bw_buf_puts(&sql, "SELECT count(*), min(e.received) FROM entry e");
	bwi_sqlite_put_filter(&sql, c, &l->filter);
	st = bwi_sqlite_prepare(c, &sql, e);
	bw_buf_free(&sql);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)l->state.position);
	bwi_sqlite_bind_filter(st, &l->filter);
	err = step_once(c, st, e);
	if (err == BW_OK) {
		l->state.ahead += (uint64_t)sqlite3_column_int64(st, 0);
		take_oldest(&l->state, sqlite3_column_int64(st, 1));
	}
	(void)sqlite3_finalize(st);
	return err;
}

static enum bw_err
add_after(
    struct bwi_conn *c, struct listed *l, int64_t before, struct bw_error *e)
{
	struct bw_store_consumer_state *s = &l->state;
	int64_t oldest = 0;
	enum bw_err err = count_after(c, s, before, &s->held, &oldest, e);

	if (err != BW_OK || !selects_all(&l->filter))
		return err == BW_OK ? add_selected(c, l, e) : err;
	err = count_after(c, s, INT64_MAX, &s->ahead, &oldest, e);
	take_oldest(s, oldest);
	return err;
}

static enum bw_err
describe(struct bwi_segments *g, struct listed *l, int64_t before,
    struct bw_error *e)
{
	const struct bw_store_filter all = {.since = 0};
	enum bw_err err = add_assigned(g, &l->state, before, e);

	for (size_t i = 0; err == BW_OK && i < g->n; i++) {
		struct bwi_conn *c;

		err = bwi_segments_may_match(
		    g, i, &all, l->state.position + 1, UINT64_MAX, &c, e);
		if (err == BW_OK && c != NULL)
			err = add_after(c, l, before, e);
	}
	return err;
}

static enum bw_err
list(struct bwi_segments *g, int64_t before, bw_store_consumer_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_conn *c = bwi_segments_control(g);
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_CONSUMERS, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct listed l;

		get_listed(st, &l);
		err = describe(g, &l, before, e);
		if (err == BW_OK && !fn(arg, &l.state))
			break;
	}
	(void)sqlite3_reset(st);
	if (err == BW_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		err = bwi_conn_error(c, rc, "consumers", e);
	return err;
}

enum bw_err
bwi_sqlite_consumers(struct bw_store *base, int64_t before, int64_t deadline,
    bw_store_consumer_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err = bwi_sqlite_begin_until(s, false, deadline, e);

	if (err != BW_OK)
		return err;
	bwi_segments_limit(&s->shared, deadline != INT64_MAX);
	err = list(&s->shared, before, fn, arg, e);
	bwi_segments_limit(&s->shared, false);
	return bwi_sqlite_end(s, false, err, e);
}
