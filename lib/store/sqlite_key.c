/* Finding the first delivery of an event by its key, in all segments. */
#include "store/sqlite_late.h"

/* Compare the keys and the ids, not only their hashes. */
static bool
is_same(const struct bw_store_event *a, const struct bw_store_event *b)
{
	if (a->key.p == NULL || !bw_str_eq(a->key, b->key))
		return false;
	if (a->call.p == NULL && a->message.p == NULL)
		return b->call.p == NULL && b->message.p == NULL;
	return (a->call.p != NULL && b->call.p != NULL &&
		   bw_str_eq(a->call, b->call)) ||
	       (a->message.p != NULL && b->message.p != NULL &&
		   bw_str_eq(a->message, b->message));
}

/* *same: whether the event seq is the same event. */
static enum bw_err
check_same(struct bwi_conn *c, uint64_t seq, const struct bw_store_event *event,
    bool *same, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_GET_MATCH, e);
	struct bw_store_event stored;
	enum bw_err err = BW_OK;
	int rc;

	*same = false;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		err = bwi_sqlite_get_match(c, st, &stored, e);
		*same = err == BW_OK && is_same(&stored, event);
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? err
		   : bwi_conn_error(c, rc, "look up", e);
}

/* *seq: the newest event before it that has the term, or 0. */
static enum bw_err
find_term(struct bwi_conn *c, int64_t h, uint64_t *seq, struct bw_error *e)
{
	uint64_t in_tail = bwi_tail_find(&c->tail, h, *seq);
	sqlite3_stmt *st;
	int rc;

	if (in_tail != 0) {
		*seq = in_tail;
		return BW_OK;
	}
	st = bwi_conn_statement(c, BWI_SQL_FIND_TERM, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, h);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)*seq);
	rc = sqlite3_step(st);
	*seq = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(c, rc, "look up", e);
}

/*
 * *seq: the newest event with the same key and ids, or 0. An older one has
 * expired. An event with both a call and a message has two terms.
 */
static enum bw_err
find_in(struct bwi_conn *c, const struct bw_store_event *event, uint64_t *seq,
    struct bw_error *e)
{
	struct bwi_terms terms;
	enum bw_err err = BW_OK;

	*seq = 0;
	bwi_terms_of(event, &terms);
	for (size_t k = 0; k < terms.keys; k++) {
		uint64_t at = INT64_MAX;
		bool same = false;

		do {
			err = find_term(c, terms.h[k], &at, e);
			if (err == BW_OK && at != 0)
				err = check_same(c, at, event, &same, e);
			if (err != BW_OK)
				return err;
		} while (at != 0 && !same);
		if (at > *seq)
			*seq = at;
	}
	return BW_OK;
}

/*
 * May this event be a re-delivery of an event in the segment? The times of the
 * segment's oldest and newest event are compared.
 */
static bool
may_have(const struct bwi_sqlite *s, struct bwi_segment *of,
    const struct bw_store_event *event)
{
	const struct bwi_extent *x = &of->extent;
	int64_t now = event->received;
	struct bwi_terms terms;
	bool any = false;

	if ((x->newest <= now &&
		bwi_store_key_over(&s->base, x->newest, event)) ||
	    (x->oldest >= now &&
		bwi_store_key_over(&s->base, x->oldest, event)))
		return false;
	bwi_terms_of(event, &terms);
	for (size_t k = 0; k < terms.keys; k++)
		any = any || bwi_filter_may_have(&of->filter, terms.h[k]);
	return any;
}

enum bw_err
bwi_sqlite_pass_over(struct bwi_sqlite *s, struct bwi_segment *of,
    enum bw_err err, struct bw_error *e)
{
	if (err == BW_OK || of == bwi_segments_active(&s->append))
		return err;
	if (err != BW_ERR_CORRUPT) {
		s->outside = true;
		return err;
	}
	of->damaged = true;
	/* What other jobs of the batch changed there is lost with it. */
	of->writing = of->saved = false;
	bwi_conn_rollback(&of->conn);
	bwi_conn_close(&of->conn);
	bwi_store_warn(&s->base, e);
	*e = (struct bw_error){0};
	return BW_OK;
}

static enum bw_err
find_in_closed(struct bwi_sqlite *s, size_t i,
    const struct bw_store_event *event, uint64_t *seq, struct bw_error *e)
{
	struct bwi_segments *g = &s->append;
	struct bwi_segment *of = g->list[i];
	struct bwi_conn *c = NULL;
	bool there = false;
	enum bw_err err = BW_OK;

	if (of->damaged)
		return BW_OK;
	err = bwi_segments_describe(g, i, &there, e);
	if (err == BW_OK && there && may_have(s, of, event))
		err = bwi_segments_get(g, i, &c, e);
	if (err == BW_OK && c != NULL)
		err = find_in(c, event, seq, e);
	return bwi_sqlite_pass_over(s, of, err, e);
}

enum bw_err
bwi_sqlite_find_same(struct bwi_sqlite *s, const struct bw_store_event *event,
    struct bwi_segment **of, uint64_t *seq, struct bw_error *e)
{
	struct bwi_segments *g = &s->append;
	size_t i = g->n - 1;
	enum bw_err err = find_in(&g->list[i]->conn, event, seq, e);

	*of = g->list[i];
	while (err == BW_OK && *seq == 0 && i > 0) {
		err = find_in_closed(s, --i, event, seq, e);
		*of = g->list[i];
	}
	return err;
}
