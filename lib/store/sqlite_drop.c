/*
 * Dropping segments: their files are removed, which gives their room back at
 * once. The consumers are locked meanwhile, so that none of them needs what is
 * dropped. The first segment stays, since it has the consumers, and so does the
 * one that takes events.
 */
#include "store/sqlite_drop.h"

#include <bwcallback/tools/clock.h>

/* A smaller segment is not closed before it is full. */
#define LEAST_EVENTS 10000

/* So many segments share the time, or the bytes, that are kept. */
#define PARTS 16

enum bw_err
bwi_sqlite_is_held(struct bwi_conn *control, uint64_t first, uint64_t last,
    bool *held, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(control, BWI_SQL_HELD, e);
	int rc;

	*held = true;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)first);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)last);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	*held = rc != SQLITE_DONE;
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(control, rc, "prune", e);
}

/* Is there a consumer that has not passed this event? */
static enum bw_err
is_awaited(
    struct bwi_conn *control, uint64_t last, bool *awaited, struct bw_error *e)
{
	int64_t lowest = 0;
	enum bw_err err = bwi_sqlite_get_lowest(control, &lowest, e);

	*awaited = err != BW_OK || (uint64_t)lowest < last;
	return err;
}

static enum bw_err
may_drop(struct bwi_segments *g, size_t i, bool *may, struct bw_error *e)
{
	struct bwi_conn *control = bwi_segments_control(g);
	const struct bwi_extent *x = &g->list[i]->extent;
	bool held = true;
	enum bw_err err = is_awaited(control, x->last, &held, e);

	if (err == BW_OK && !held)
		err = bwi_sqlite_is_held(control, x->first, x->last, &held, e);
	*may = err == BW_OK && !held;
	return err;
}

/* Drop segment i in the consumers' transaction. */
static enum bw_err
drop(struct bwi_segments *g, size_t i, struct bw_store_stats *gone,
    struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	struct bwi_conn *c;
	enum bw_err err = bwi_segments_get(g, i, &c, e);

	if (err == BW_OK && c != NULL)
		err = bwi_sqlite_stats_of(c, gone, e);
	bwi_conn_close(&s->conn);
	if (err == BW_OK)
		err = bwi_conn_do(
		    bwi_segments_control(g), BWI_SQL_DROPPED, "prune", e);
	return err == BW_OK ? bwi_segment_remove(g->path, s->number, e) : err;
}

/* What is dropped: segments older than a time, or any (INT64_MAX). */
struct dropping {
	int64_t before;
	struct bw_store_stats gone; /* of the last one dropped */
	bool dropped;
};

static enum bw_err
drop_first(struct bwi_segments *g, struct dropping *d, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 1; err == BW_OK && i + 1 < g->n; i++) {
		bool there = false, may = false;

		err = bwi_segments_describe(g, i, &there, e);
		if (err == BW_OK && there &&
		    g->list[i]->extent.newest < d->before)
			err = may_drop(g, i, &may, e);
		if (err == BW_OK && may) {
			d->dropped = true;
			return drop(g, i, &d->gone, e);
		}
	}
	return err;
}

/* Drop the oldest segment that may be, in one transaction. */
static enum bw_err
drop_one(struct bwi_sqlite *s, struct dropping *d, struct bw_error *e)
{
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	d->dropped = false;
	d->gone = (struct bw_store_stats){.events = 0};
	if (err != BW_OK)
		return err;
	err = drop_first(&s->shared, d, e);
	return bwi_sqlite_end(s, true, err, e);
}

enum bw_err
bwi_sqlite_drop_older(
    struct bwi_sqlite *s, int64_t before, uint64_t *n, struct bw_error *e)
{
	struct dropping d = {.before = before, .dropped = true};
	enum bw_err err = BW_OK;

	while (err == BW_OK && d.dropped) {
		err = drop_one(s, &d, e);
		*n += d.gone.events;
	}
	return err;
}

enum bw_err
bwi_sqlite_drop_larger(
    struct bwi_sqlite *s, uint64_t bytes, uint64_t *n, struct bw_error *e)
{
	struct dropping d = {.before = INT64_MAX, .dropped = true};
	struct bw_store_stats stats = {.bytes = 0};
	enum bw_err err = bwi_sqlite_stats(&s->base, &stats, e);

	while (err == BW_OK && d.dropped && stats.bytes > bytes) {
		err = drop_one(s, &d, e);
		*n += d.gone.events;
		stats.bytes -= d.gone.bytes;
	}
	return err;
}

static bool
is_much(const struct bw_store_stats *active, int64_t before, uint64_t bytes)
{
	int64_t now = bw_realtime_ms();

	return active->events >= LEAST_EVENTS &&
	       ((before > 0 && before < now &&
		    active->oldest < now - (now - before) / PARTS) ||
		   (bytes > 0 && active->bytes > bytes / PARTS));
}

enum bw_err
bwi_sqlite_rotate_for(
    struct bwi_sqlite *s, int64_t before, uint64_t bytes, struct bw_error *e)
{
	struct bw_store_stats active;
	struct bwi_segments *g = &s->shared;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = bwi_sqlite_stats_of(&bwi_segments_active(g)->conn, &active, e);
	if (err == BW_OK && is_much(&active, before, bytes))
		err = bwi_segments_rotate(g, e);
	return bwi_sqlite_end(s, false, err, e);
}
