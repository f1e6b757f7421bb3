/*
 * Pruning the SQLite store. Closed segments are dropped as a whole. The events
 * of the store's own file, and of the segment that takes events, are deleted
 * one by one.
 */
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "store/sqlite.h"
#include "store/sqlite_drop.h"

#include <bwcallback/tools/store.h>

/*
 * Events removed in one transaction, which holds the lock for some
 * milliseconds.
 */
#define STEP 200

/* The same when pruning by size; small, to remove few more than needed. */
#define SMALL_STEP 10

/* How long truncating the log waits for readers, in nanoseconds. */
#define LOG_WAIT INT64_C(100000000)

/* Bytes above the limit from which larger steps are made. */
#define FAR (UINT64_C(1) << 20)

/* An event that may go, and its block. */
struct prunable {
	uint64_t seq;
	uint64_t block;
};

/* The progress of pruning: events up to seq have been examined. */
struct pruning {
	uint64_t segment; /* its number */
	int64_t before;
	uint64_t seq;
	uint64_t removed;
};

enum bw_err
bwi_sqlite_get_lowest(
    struct bwi_conn *control, int64_t *lowest, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(control, BWI_SQL_LOWEST, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*lowest = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? BW_OK
				: bwi_conn_error(control, rc, "prune", e);
}

static enum bw_err
find_prunable(struct bwi_conn *c, const struct pruning *p, int64_t lowest,
    size_t max, struct prunable *found, size_t *n, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_PRUNABLE, e);
	int rc;

	*n = 0;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, p->before);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)p->seq);
	(void)sqlite3_bind_int64(st, 3, (sqlite3_int64)max);
	(void)sqlite3_bind_int64(st, 4, lowest);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && *n < max) {
		found[*n].seq = (uint64_t)sqlite3_column_int64(st, 0);
		found[(*n)++].block = (uint64_t)sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW
		   ? BW_OK
		   : bwi_conn_error(c, rc, "prune", e);
}

/* Keep only events that no consumer still needs. */
static enum bw_err
leave_held(struct bwi_conn *control, struct prunable *found, size_t *n,
    struct bw_error *e)
{
	size_t left = 0;
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < *n; i++) {
		bool held;

		err = bwi_sqlite_is_held(
		    control, found[i].seq, found[i].seq, &held, e);
		if (err == BW_OK && !held)
			found[left++] = found[i];
	}
	*n = left;
	return err;
}

static enum bw_err
run(struct bwi_conn *c, enum bwi_statement which, uint64_t seq,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	return bwi_conn_run(c, st, "prune", e);
}

static enum bw_err
delete_term(struct bwi_conn *c, int64_t h, uint64_t seq, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_DELETE_TERM, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, h);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)seq);
	return bwi_conn_run(c, st, "prune", e);
}

static enum bw_err
delete_terms(struct bwi_conn *c, uint64_t seq, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_GET_MATCH, e);
	struct bw_store_event event;
	struct bwi_terms terms = {.n = 0};
	enum bw_err err;
	int rc;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(st);
	err = rc == SQLITE_ROW ? bwi_sqlite_get_match(c, st, &event, e)
			       : bwi_conn_error(c, rc, "prune", e);
	if (err == BW_OK)
		bwi_terms_of(&event, &terms);
	(void)sqlite3_reset(st);
	for (size_t i = 0; err == BW_OK && i < terms.n; i++)
		err = delete_term(c, terms.h[i], seq, e);
	return err;
}

static enum bw_err
delete_event(struct bwi_conn *c, uint64_t seq, struct bw_error *e)
{
	enum bw_err err = delete_terms(c, seq, e);

	if (err == BW_OK)
		err = run(c, BWI_SQL_DELETE_ANSWER, seq, e);
	return err == BW_OK ? run(c, BWI_SQL_DELETE_ENTRY, seq, e) : err;
}

/* Update the description of a block, or remove it if its last event is gone. */
static enum bw_err
update_block(struct bwi_conn *c, uint64_t block, struct bw_error *e)
{
	enum bw_err err = run(c, BWI_SQL_COUNT_BLOCK, block, e);

	return err == BW_OK ? run(c, BWI_SQL_DROP_BLOCK, block, e) : err;
}

static enum bw_err
delete_events(struct bwi_conn *c, const struct prunable *found, size_t n,
    struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < n; i++) {
		err = delete_event(c, found[i].seq, e);
		if (err == BW_OK &&
		    (i + 1 == n || found[i + 1].block != found[i].block))
			err = update_block(c, found[i].block, e);
	}
	return err == BW_OK && n > 0
		   ? run(c, BWI_SQL_SET_REMOVED, found[n - 1].seq, e)
		   : err;
}

/* Where one step works: the segment is locked first, as by appending. */
struct target {
	struct bwi_conn *control;
	struct bwi_conn *c; /* NULL: the segment is gone */
};

static void
end_target(struct target *p, enum bw_err *err, struct bw_error *e)
{
	if (*err == BW_OK && p->c != NULL)
		*err = bwi_conn_do(p->c, BWI_SQL_COMMIT, "commit", e);
	if (*err != BW_OK && p->c != NULL)
		bwi_conn_rollback(p->c);
	if (p->c != p->control)
		bwi_conn_rollback(p->control);
}

static enum bw_err
begin_target(struct bwi_segments *g, uint64_t number, struct target *p,
    struct bw_error *e)
{
	enum bw_err err = BW_OK;
	size_t i = 0;

	*p = (struct target){.control = bwi_segments_control(g)};
	while (i < g->n && g->list[i]->number != number)
		i++;
	if (i < g->n)
		err = bwi_segments_get(g, i, &p->c, e);
	if (err != BW_OK || p->c == NULL)
		return err;
	err = bwi_conn_do(p->c, BWI_SQL_BEGIN, "lock", e);
	/* Consumers do not move meanwhile. */
	if (err == BW_OK && p->c != p->control)
		err = bwi_conn_do(p->control, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK)
		err = bwi_conn_do(p->c, BWI_SQL_CHANGED, "prune", e);
	return err;
}

/* Events of the tail have no block yet. */
static enum bw_err
index_all(struct bwi_sqlite *s, uint64_t number, struct bw_error *e)
{
	struct bwi_state state;
	struct target p;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = begin_target(&s->shared, number, &p, e);
	if (err == BW_OK && p.c != NULL)
		err = bwi_sqlite_sync_tail(p.c, &state, e);
	if (err == BW_OK && p.c != NULL)
		err = bwi_sqlite_index_tail(p.c, e);
	if (p.c != NULL)
		bwi_tail_free(&p.c->tail);
	end_target(&p, &err, e);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
delete_some(struct target *at, struct pruning *p, size_t max, size_t *seen,
    size_t *n, uint64_t *last, struct bw_error *e)
{
	struct prunable found[STEP];
	int64_t lowest = 0;
	enum bw_err err = bwi_sqlite_get_lowest(at->control, &lowest, e);

	if (err == BW_OK)
		err = find_prunable(at->c, p, lowest, max, found, seen, e);
	*n = *seen;
	if (err == BW_OK && *seen > 0)
		*last = found[*seen - 1].seq;
	if (err == BW_OK)
		err = leave_held(at->control, found, n, e);
	return err == BW_OK ? delete_events(at->c, found, *n, e) : err;
}

/*
 * Prune in one transaction; *seen: number of events that were examined, less
 * than max if no more are left.
 */
static enum bw_err
prune_step(struct bwi_sqlite *s, struct pruning *p, size_t max, size_t *seen,
    struct bw_error *e)
{
	uint64_t last = p->seq;
	struct target at;
	size_t n = 0;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	*seen = 0;
	if (err != BW_OK)
		return err;
	err = begin_target(&s->shared, p->segment, &at, e);
	if (err == BW_OK && at.c != NULL)
		err = delete_some(&at, p, max, seen, &n, &last, e);
	end_target(&at, &err, e);
	err = bwi_sqlite_end(s, false, err, e);
	if (err == BW_OK) {
		p->seq = last;
		p->removed += n;
	}
	return err;
}

/* Bytes in use; *active: number of the segment that takes events. */
static enum bw_err
get_bytes(
    struct bwi_sqlite *s, uint64_t *bytes, uint64_t *active, struct bw_error *e)
{
	struct bw_store_stats stats = {.bytes = 0};
	enum bw_err err = bwi_sqlite_stats(&s->base, &stats, e);

	*bytes = stats.bytes;
	if (err == BW_OK)
		err = bwi_sqlite_begin(s, false, e);
	if (err != BW_OK)
		return err;
	*active = bwi_segments_active(&s->shared)->number;
	return bwi_sqlite_end(s, false, BW_OK, e);
}

static enum bw_err
get_free(struct bwi_conn *c, int64_t *pages, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_FREE_PAGES, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*pages = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "prune", e);
}

/* Return some pages to the file system; *left: free pages before that. */
static enum bw_err
shrink_step(struct bwi_sqlite *s, int64_t *left, struct bw_error *e)
{
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	err = get_free(bwi_segments_control(&s->shared), left, e);
	if (err == BW_OK && *left > 0)
		err = bwi_conn_exec(bwi_segments_control(&s->shared),
		    "PRAGMA incremental_vacuum(500)", "prune", e);
	return bwi_sqlite_end(s, false, err, e);
}

/*
 * Return pages in steps, so that other writers can proceed and the log stays
 * short. Pages that cannot be returned on a full disk are reused for new
 * events.
 */
static enum bw_err
shrink(struct bwi_sqlite *s, struct bw_error *e)
{
	int64_t before = INT64_MAX, left = INT64_MAX - 1;
	enum bw_err err = BW_OK;

	while (err == BW_OK && left > 0 && left < before) {
		before = left;
		err = shrink_step(s, &left, e);
	}
	if (err != BW_ERR_FULL)
		return err;
	*e = (struct bw_error){0};
	return BW_OK;
}

/*
 * Checkpoint the log and truncate it. Other writers wait during this, so give
 * up soon if a reader still needs the log.
 */
static void
empty_log(struct bwi_sqlite *s)
{
	struct bw_error ignored = {0};
	struct bwi_conn *c;
	enum bw_err err = bwi_sqlite_begin(s, false, &ignored);

	if (err != BW_OK)
		return;
	c = bwi_segments_control(&s->shared);
	c->deadline = bw_monotonic_ns() + LOG_WAIT;
	(void)sqlite3_wal_checkpoint_v2(
	    c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	err = bwi_sqlite_end(s, false, BW_OK, &ignored);
	(void)err;
}

/* Delete the oldest events of a segment while the store is too large. */
static enum bw_err
prune_size(struct bwi_sqlite *s, uint64_t number, uint64_t bytes, size_t most,
    uint64_t *n, struct bw_error *e)
{
	struct pruning p = {.segment = number, .before = INT64_MAX};
	size_t seen = SMALL_STEP, step = SMALL_STEP;
	uint64_t used, active;
	enum bw_err err = BW_OK;

	while (err == BW_OK && seen == step) {
		err = get_bytes(s, &used, &active, e);
		if (err != BW_OK || used <= bytes)
			break;
		step = used - bytes > FAR ? most : SMALL_STEP;
		err = prune_step(s, &p, step, &seen, e);
	}
	*n += p.removed;
	return err;
}

static enum bw_err
prune_time(struct bwi_sqlite *s, uint64_t number, int64_t before, size_t step,
    uint64_t *n, struct bw_error *e)
{
	struct pruning p = {.segment = number, .before = before};
	enum bw_err err = index_all(s, number, e);
	size_t seen = step;

	while (err == BW_OK && seen == step)
		err = prune_step(s, &p, step, &seen, e);
	*n += p.removed;
	return err;
}

static enum bw_err
prune(struct bwi_sqlite *s, int64_t before, uint64_t bytes, size_t step,
    uint64_t *n, struct bw_error *e)
{
	uint64_t used, active = BWI_SEGMENT_OWN;
	enum bw_err err = bwi_sqlite_rotate_for(s, before, bytes, e);

	if (err == BW_OK)
		err = bwi_sqlite_drop_older(s, before, n, e);
	if (err == BW_OK)
		err = get_bytes(s, &used, &active, e);
	if (err == BW_OK)
		err = prune_time(s, BWI_SEGMENT_OWN, before, step, n, e);
	if (err == BW_OK && active != BWI_SEGMENT_OWN)
		err = prune_time(s, active, before, step, n, e);
	if (err != BW_OK || bytes == 0)
		return err;
	err = prune_size(s, BWI_SEGMENT_OWN, bytes, step, n, e);
	if (err == BW_OK)
		err = bwi_sqlite_drop_larger(s, bytes, n, e);
	if (err == BW_OK && active != BWI_SEGMENT_OWN)
		err = prune_size(s, active, bytes, step, n, e);
	return err;
}

/* Repeat in small steps, after deleting the reserve. */
static enum bw_err
prune_full(struct bwi_sqlite *s, int64_t before, uint64_t bytes, uint64_t *n,
    struct bw_error *e)
{
	bool given = bwi_sqlite_give_reserve(s->path);
	enum bw_err err;
	uint64_t had;

	do {
		had = *n;
		empty_log(s);
		*e = (struct bw_error){0};
		err = index_all(s, BWI_SEGMENT_OWN, e);
		/*
		 * Move what was written from the log to the store, before
		 * pruning makes the log fill the disk.
		 */
		empty_log(s);
		if (err == BW_OK)
			err = prune(s, before, bytes, SMALL_STEP, n, e);
	} while (err == BW_ERR_FULL && *n > had);
	if (err == BW_OK)
		empty_log(s);
	if (err != BW_ERR_FULL)
		return err;
	*e = (struct bw_error){0};
	return bw_error_set(e, BW_ERR_FULL, 0,
	    "store: prune: the disk is full, and removing events needs room; "
	    "%s "
	    "delete other files first, such as old backups and logs",
	    given ? "the reserve did not suffice:" : "there is no reserve:");
}

enum bw_err
bwi_sqlite_prune(struct bw_store *base, int64_t before, uint64_t bytes,
    uint64_t *n, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	enum bw_err err;

	bwi_segment_sweep(s->path);
	err = prune(s, before, bytes, STEP, n, e);
	if (err == BW_ERR_FULL)
		err = prune_full(s, before, bytes, n, e);
	if (err == BW_OK && *n > 0)
		err = shrink(s, e);
	if (err != BW_OK)
		return err;
	if (*n > 0)
		empty_log(s);
	bwi_sqlite_make_reserve(s->path);
	return BW_OK;
}
