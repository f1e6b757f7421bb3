/*
 * The writer: commits all queued jobs in one transaction. A job that cannot be
 * done fails alone; if the transaction fails, all jobs fail.
 */
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/hash.h>

#include "base/alloc.h"
#include "store/spool.h"
#include "store/sqlite.h"

/*
 * How long one attempt to lock the database lasts, before deadlines are
 * checked.
 */
#define ATTEMPT (INT64_C(50) * 1000000)

static void
finish_all(struct bw_store_write *j, const struct bw_error *e)
{
	while (j != NULL) {
		struct bw_store_write *next = j->next;

		bwi_job_finish(j, e);
		j = next;
	}
}

/* Fail the jobs past their deadline; returns the others. */
static struct bw_store_write *
fail_late(struct bw_store_write *first, const struct bw_error *e)
{
	struct bw_store_write **at = &first;
	int64_t now = bw_monotonic_ns();

	while (*at != NULL) {
		struct bw_store_write *j = *at;

		if (j->deadline > now) {
			at = &j->next;
			continue;
		}
		*at = j->next;
		bwi_job_finish(j, e);
	}
	return first;
}

static void
bind_mark(sqlite3_stmt *st, int i, struct bw_str key)
{
	if (key.p != NULL)
		(void)sqlite3_bind_int64(
		    st, i, (sqlite3_int64)bw_hash_str(BW_HASH_START, key));
	else
		(void)sqlite3_bind_null(st, i);
}

static void
bind_event(
    sqlite3_stmt *st, uint64_t seq, const struct bw_store_event *e, int64_t now)
{
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	(void)sqlite3_bind_int64(st, 2, e->received);
	(void)sqlite3_bind_int(st, 3, e->batch);
	(void)sqlite3_bind_int(st, 4, e->index);
	(void)sqlite3_bind_int64(st, 5, e->received);
	(void)sqlite3_bind_int64(st, 6, now + e->claim);
	bwi_bind_text(st, 7, e->section);
	bwi_bind_text(st, 8, e->method);
	bwi_bind_text(st, 9, e->content_type);
	bwi_bind_text(st, 10, e->family);
	bwi_bind_text(st, 11, e->type);
	bwi_bind_text(st, 12, e->key);
	bwi_bind_text(st, 13, e->user);
	bwi_bind_text(st, 14, e->request);
	bwi_bind_blob(st, 15, e->body);
	bwi_bind_text(st, 16, e->call);
	bwi_bind_text(st, 17, e->message);
	bwi_bind_text(st, 18, e->from);
	bwi_bind_text(st, 19, e->to);
	bwi_bind_text(st, 20, e->thread);
	bind_mark(st, 21, e->key);
	bwi_bind_text(st, 22, e->query);
}

static enum bw_err
run(struct bwi_conn *c, enum bwi_statement s, uint64_t seq, int64_t value,
    bool with_value, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, s, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	if (with_value)
		(void)sqlite3_bind_int64(st, 2, value);
	return bwi_conn_run(c, st, "write", e);
}

static enum bw_err
insert(struct bwi_conn *c, uint64_t seq, const struct bw_store_event *e,
    int64_t now, struct bw_error *error)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_INSERT, error);

	if (st == NULL)
		return error->code;
	bind_event(st, seq, e, now);
	return bwi_conn_run(c, st, "write", error);
}

/* The first delivery of an event; seq 0: none. */
struct first {
	uint64_t seq;
	int64_t received;
	int64_t claim;
	unsigned deliveries;
};

static enum bw_err
find_first(struct bwi_conn *c, struct bw_store_write *j, size_t i,
    struct first *first, struct bw_error *e)
{
	const struct bw_store_event *event = &j->events[i];
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_FIND_KEY, e);
	struct bw_store_answer answer;
	enum bw_err err = BW_OK;
	int rc;

	if (st == NULL)
		return e->code;
	bwi_bind_text(st, 1, event->key);
	bwi_bind_text(st, 2, event->call);
	bwi_bind_text(st, 3, event->message);
	bind_mark(st, 4, event->key);
	(void)sqlite3_bind_int(
	    st, 5, event->call.p == NULL && event->message.p == NULL);
	rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		(void)sqlite3_reset(st);
		return rc == SQLITE_DONE ? BW_OK
					 : bwi_conn_error(c, rc, "look up", e);
	}
	first->seq = (uint64_t)sqlite3_column_int64(st, 0);
	first->received = sqlite3_column_int64(st, 1);
	first->deliveries = (unsigned)sqlite3_column_int64(st, 2);
	first->claim = sqlite3_column_int64(st, 3);
	bwi_sqlite_get_answer(st, 4, &answer);
	if (answer.status != 0)
		err = bwi_job_set_answer(j, i, &answer);
	(void)sqlite3_reset(st);
	return err == BW_OK ? BW_OK
			    : bw_error_set(e, err, 0, "store: out of memory");
}

static enum bw_err
repeat(struct bwi_conn *c, struct bw_store_write *j, size_t i,
    const struct first *first, int64_t now, struct bw_error *e)
{
	const struct bw_store_event *event = &j->events[i];
	struct bw_store_result *r = &j->results[i];
	enum bw_err err = BW_OK;

	r->seq = first->seq;
	r->deliveries = first->deliveries + !event->again;
	if (r->fate != BW_STORE_ANSWERED) {
		r->fate = bwi_store_claim_over(first->claim, now)
			      ? BW_STORE_TAKEN
			      : BW_STORE_RUNNING;
	}
	if (!event->again)
		err =
		    run(c, BWI_SQL_DELIVERED, r->seq, event->received, true, e);
	if (err == BW_OK && r->fate == BW_STORE_TAKEN)
		err =
		    run(c, BWI_SQL_CLAIM, r->seq, now + event->claim, true, e);
	return err;
}

static enum bw_err
append_event(struct bwi_conn *c, struct bw_store_write *j, size_t i,
    uint64_t *seq, struct bw_error *e)
{
	const struct bw_store_event *event = &j->events[i];
	int64_t now = bw_realtime_ms();
	struct first first = {0};
	enum bw_err err = BW_OK;

	if (event->key.p != NULL)
		err = find_first(c, j, i, &first, e);
	if (err == BW_OK && first.seq != 0) {
		/*
		 * Compare with the time of receipt, not now: the event may come
		 * from the spool.
		 */
		if (!bwi_store_window_over(
			first.received, event->window, event->received))
			return repeat(c, j, i, &first, now, e);
		err = run(c, BWI_SQL_RETIRE_KEY, first.seq, 0, false, e);
	}
	if (err == BW_OK)
		err = insert(c, *seq + 1, event, now, e);
	if (err != BW_OK)
		return err;
	++*seq;
	j->results[i] = (struct bw_store_result){
	    .seq = *seq, .fate = BW_STORE_NEW, .deliveries = 1};
	return BW_OK;
}

static enum bw_err
check_bound(
    struct bwi_conn *c, const struct bw_store_event *event, struct bw_error *e)
{
	sqlite3_stmt *st;
	int64_t n = 0, bytes = (int64_t)(event->body.n + event->query.n);

	if (!bw_str_is(event->family, BWI_STORE_UNPARSED))
		return BW_OK;
	st = bwi_conn_statement(c, BWI_SQL_COUNT_UNPARSED, e);
	if (st == NULL)
		return e->code;
	if (sqlite3_step(st) == SQLITE_ROW) {
		n = sqlite3_column_int64(st, 0);
		bytes += sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	if (n < BWI_STORE_MAX_UNPARSED && bytes <= BWI_STORE_MAX_UNPARSED_BYTES)
		return BW_OK;
	return bw_error_set(e, BW_ERR_LIMIT, 0,
	    "store: too many undecodable bodies: not stored");
}

/* Append all events of a job, or none. */
static enum bw_err
append_job(struct bwi_conn *c, struct bw_store_write *j, uint64_t *seq,
    struct bw_error *e)
{
	struct bw_error ignored = {0};
	uint64_t before = *seq;
	enum bw_err err = BW_OK;

	if (j->n > 1)
		err = bwi_conn_do(c, BWI_SQL_SAVE, "write", e);
	for (size_t i = 0; i < j->n && err == BW_OK; i++) {
		err = check_bound(c, &j->events[i], e);
		if (err == BW_OK)
			err = append_event(c, j, i, seq, e);
	}
	if (err == BW_OK)
		return j->n > 1 ? bwi_conn_do(c, BWI_SQL_RELEASE, "write", e)
				: BW_OK;
	*seq = before;
	if (j->n > 1 &&
	    (bwi_conn_do(c, BWI_SQL_ROLLBACK_TO, "undo", &ignored) != BW_OK ||
		bwi_conn_do(c, BWI_SQL_RELEASE, "undo", &ignored) != BW_OK))
		bwi_conn_rollback(c);
	return err;
}

/* The answer to an event that has been pruned is discarded. */
static enum bw_err
has_event(struct bwi_conn *c, uint64_t seq, bool *has, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_HAS_EVENT, e);
	int rc;

	*has = false;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	*has = rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(c, rc, "look up", e);
}

static enum bw_err
record_answer(
    struct bwi_conn *c, const struct bw_store_write *j, struct bw_error *e)
{
	const struct bw_store_answer *a = &j->answer;
	sqlite3_stmt *st;
	bool has;
	enum bw_err err = has_event(c, j->seq, &has, e);

	if (err != BW_OK || !has)
		return err;
	st = bwi_conn_statement(c, BWI_SQL_ANSWER, e);
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)j->seq);
	(void)sqlite3_bind_int(st, 2, a->status);
	(void)sqlite3_bind_int(st, 3, a->fallback);
	(void)sqlite3_bind_int64(st, 4, a->answered);
	(void)sqlite3_bind_int64(st, 5, a->duration);
	bwi_bind_text(st, 6, a->content_type);
	bwi_bind_blob(st, 7, a->body);
	return bwi_conn_run(c, st, "write", e);
}

/*
 * Run each job. A job that fails is finished and removed from the list. If the
 * failure ended the transaction, its error is returned.
 */
static enum bw_err
run_jobs(
    struct bwi_conn *c, struct bw_store_write **first, struct bw_error *error)
{
	uint64_t seq, before;
	enum bw_err err = bwi_sqlite_seq(c, &seq, error);

	before = seq;
	for (struct bw_store_write **at = first; err == BW_OK && *at;) {
		struct bw_store_write *j = *at;
		struct bw_error e = {0};

		if ((j->n > 0 ? append_job(c, j, &seq, &e)
			      : record_answer(c, j, &e)) == BW_OK) {
			if (j->n > 0)
				bwi_job_decide(j);
			at = &j->next;
		} else if (c->db == NULL ||
			   sqlite3_get_autocommit(c->db) != 0 ||
			   (e.code != BW_ERR_LIMIT && e.code != BW_ERR_NOMEM)) {
			*error = e;
			err = e.code;
		} else {
			*at = j->next;
			bwi_job_finish(j, &e);
		}
	}
	if (err == BW_OK && seq != before)
		err = run(c, BWI_SQL_SET_SEQ, seq, 0, false, error);
	return err;
}

static enum bw_err
open_current(struct bwi_sqlite *s, struct bw_error *e)
{
	struct bwi_conn *c = &s->append;
	enum bw_err err = bwi_conn_open_until(c, s->path, c->deadline, e);

	return err == BW_OK ? bwi_sqlite_check(c, e) : err;
}

/* Warn of a limitation, such as a file system without a write-ahead log. */
static void
warn(void *arg, const struct bw_finding *f)
{
	struct bw_error e = {0};

	(void)bw_error_set(
	    &e, BW_ERR_UNSUPPORTED, 0, "%s: %s", f->file, f->text);
	bwi_store_warn(arg, &e);
}

/* Open the file; create it if missing, migrate it if old. */
static enum bw_err
open_file(struct bwi_sqlite *s, struct bw_error *e)
{
	const struct bw_reporter reporter = {warn, &s->base};
	enum bw_err err = open_current(s, e);

	if (err != BW_ERR_NOFILE && err != BW_ERR_CONFIG)
		return err;
	*e = (struct bw_error){0};
	err =
	    bwi_sqlite_create_until(s->path, s->append.deadline, &reporter, e);
	return err == BW_OK ? open_current(s, e) : err;
}

/*
 * Another program may have migrated the tables meanwhile; writing the old way
 * could corrupt them.
 */
static enum bw_err
check_version(struct bwi_conn *c, struct bw_error *e)
{
	int64_t version = 0;
	enum bw_err err = bwi_sqlite_version(c, &version, e);

	if (err != BW_OK || version == BWI_SQLITE_VERSION)
		return err;
	bwi_conn_close(c); /* reopening reports the cause */
	return bw_error_set(
	    e, BW_ERR_BUSY, 0, "store: another program changed the tables");
}

/* Open the file and begin a write transaction. */
static enum bw_err
begin(struct bwi_sqlite *s, struct bw_error *e)
{
	struct bwi_conn *c = &s->append;
	enum bw_err err = BW_OK;

	if (c->db != NULL && !bwi_conn_is_current(c, s->path)) {
		/* Removed or replaced: writes to the old file would be lost. */
		bwi_conn_close(c);
	}
	c->deadline = bw_monotonic_ns() + ATTEMPT;
	if (c->db == NULL)
		err = open_file(s, e);
	c->deadline = bw_monotonic_ns() + ATTEMPT;
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	return err == BW_OK ? check_version(c, e) : err;
}

void
bwi_sqlite_commit(void *store, struct bw_store_write *jobs, size_t n)
{
	struct bwi_sqlite *s = store;
	struct bwi_conn *c = &s->append;
	struct bw_error e = {0};
	enum bw_err err;

	(void)n;
	while ((err = begin(s, &e)) == BW_ERR_BUSY) {
		jobs = fail_late(jobs, &e);
		if (jobs == NULL)
			return;
		e = (struct bw_error){0};
	}
	if (err == BW_OK)
		err = run_jobs(c, &jobs, &e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", &e);
	if (err != BW_OK) {
		bwi_conn_rollback(c);
		/* Reopen after any error, to discard cached state. */
		bwi_conn_close(c);
	}
	finish_all(jobs, err != BW_OK ? &e : NULL);
	bwi_conn_checkpoint(c);
}

/* How long one run of draining the spool may delay other jobs. */
#define DRAIN_TIME (INT64_C(100) * 1000000)

struct slice {
	struct bwi_sqlite *store;
	int64_t until;
};

static enum bw_err
append_spooled(
    void *arg, const struct bw_store_event *event, struct bw_error *e)
{
	struct slice *slice = arg;
	const struct bw_store_result *unused;
	int64_t now = bw_monotonic_ns();
	struct bw_store_write *j;
	enum bw_err err;

	if (now >= slice->until)
		return BW_ERR_DEADLINE; /* continue at the next run */
	j = bwi_job_new(&slice->store->base, event, 1, now + DRAIN_TIME);
	if (j == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	bwi_sqlite_commit(slice->store, j, 1);
	err = bw_store_write_wait(j, BW_STORE_DURABLE, now, &unused, e);
	bw_store_write_free(j, false);
	return err;
}

void
bwi_sqlite_drain_spool(void *store)
{
	struct bwi_sqlite *s = store;
	struct slice slice = {s, bw_monotonic_ns() + DRAIN_TIME};
	struct bw_error e = {0};
	uint64_t damaged = 0;
	size_t n;

	if (s->base.spool == NULL || bwi_spool_size(s->base.spool) == 0)
		return;
	if (bwi_spool_drain(s->base.spool, append_spooled, &slice, &n, &damaged,
		&e) == BW_OK &&
	    damaged > 0) {
		(void)bwi_spool_damage(s->base.spool, damaged, &e);
		bwi_store_warn(&s->base, &e);
	}
}
