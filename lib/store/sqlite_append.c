/*
 * The writer: commits all queued jobs in one transaction. A job that cannot be
 * done fails alone; if the transaction fails, all jobs fail.
 */
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "base/counter.h"
#include "store/sqlite_late.h"

/*
 * How long one attempt to lock the database lasts, before deadlines are
 * checked.
 */
#define ATTEMPT (INT64_C(50) * 1000000)

/* The same for a worker, which has other requests to answer. */
#define SHORT_ATTEMPT (INT64_C(5) * 1000000)

/* How long opening a closed segment may wait for others. */
#define OPENING (INT64_C(1000) * 1000000)

static bool
is_overdue(const struct bw_store_write *j, int64_t now)
{
	return j->deadline <= now;
}

static bool
is_late(const struct bw_store_write *j, int64_t now)
{
	(void)now;
	return j->late;
}

/* Fail some of the jobs; returns the others. */
static struct bw_store_write *
fail_some(struct bw_store_write *first,
    bool (*which)(const struct bw_store_write *, int64_t now),
    const struct bw_error *e)
{
	struct bw_store_write **at = &first;
	int64_t now = bw_monotonic_ns();

	while (*at != NULL) {
		struct bw_store_write *j = *at;

		if (!which(j, now)) {
			at = &j->next;
			continue;
		}
		*at = j->next;
		bwi_job_finish(j, e);
	}
	return first;
}

static enum bw_err
run(struct bwi_conn *c, enum bwi_statement s, uint64_t seq, int64_t value,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, s, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	(void)sqlite3_bind_int64(st, 2, value);
	return bwi_conn_run(c, st, "write", e);
}

/* The first delivery of an event; seq 0: none. */
struct first {
	uint64_t seq;
	struct bwi_segment *of;
	int64_t received;
	int64_t claim;
	unsigned deliveries;
};

static enum bw_err
get_first(struct bwi_conn *c, struct bw_store_write *j, size_t i,
    struct first *first, struct bw_error *e)
{
	struct bw_store_answer answer = {0};
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_GET_FIRST, e);
	enum bw_err err = BW_OK;
	int rc;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)first->seq);
	rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		(void)sqlite3_reset(st);
		return bwi_conn_error(c, rc, "look up", e);
	}
	first->received = sqlite3_column_int64(st, 0);
	first->deliveries = (unsigned)sqlite3_column_int64(st, 1);
	first->claim = sqlite3_column_int64(st, 2);
	bwi_sqlite_get_answer(st, 3, &answer);
	if (answer.status != 0)
		err = bwi_job_set_answer(j, i, &answer);
	(void)sqlite3_reset(st);
	return err == BW_OK ? BW_OK
			    : bw_error_set(e, err, 0, "store: out of memory");
}

static enum bw_err
repeat(struct bw_store_write *j, size_t i, const struct first *first,
    int64_t now, struct bw_error *e)
{
	struct bwi_conn *c = &first->of->conn;
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
		err = run(c, BWI_SQL_DELIVERED, r->seq, event->received, e);
	if (err == BW_OK && r->fate == BW_STORE_TAKEN)
		err = run(c, BWI_SQL_CLAIM, r->seq, now + event->claim, e);
	return err;
}

/*
 * *repeated: whether it is a re-delivery. If its segment turns out to be
 * damaged, it is new.
 */
static enum bw_err
repeat_first(struct bwi_sqlite *s, struct bw_store_write *j, size_t i,
    int64_t now, bool *repeated, struct bw_error *e)
{
	struct first first = {.seq = 0};
	enum bw_err err =
	    bwi_sqlite_find_same(s, &j->events[i], &first.of, &first.seq, e);

	if (err != BW_OK || first.seq == 0)
		return err;
	/* Lock it first: another process may answer or take over. */
	err = bwi_sqlite_begin_late(s, j, first.of, e);
	if (err == BW_OK)
		err = get_first(&first.of->conn, j, i, &first, e);
	*repeated = err == BW_OK && !bwi_store_key_over(j->store,
					first.received, &j->events[i]);
	if (*repeated)
		err = repeat(j, i, &first, now, e);
	err = bwi_sqlite_pass_over(s, first.of, err, e);
	*repeated = *repeated && !first.of->damaged;
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

enum bw_err
bwi_sqlite_add_answer(struct bwi_conn *c, uint64_t seq,
    const struct bw_store_answer *a, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_ANSWER, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	(void)sqlite3_bind_int(st, 2, a->status);
	(void)sqlite3_bind_int(st, 3, a->fallback);
	(void)sqlite3_bind_int64(st, 4, a->answered);
	(void)sqlite3_bind_int64(st, 5, a->duration);
	bwi_bind_text(st, 6, a->content_type);
	bwi_bind_blob(st, 7, a->body);
	(void)sqlite3_bind_int(st, 8, a->failed);
	bwi_bind_text(st, 9, a->trace);
	return bwi_conn_run(c, st, "write", e);
}

/* The event or its segment was pruned: discard the answer. */
static enum bw_err
record_answer(
    struct bwi_sqlite *s, struct bw_store_write *j, struct bw_error *e)
{
	struct bwi_segments *g = &s->append;
	struct bwi_conn *c = NULL;
	bool has = false;
	size_t i;
	enum bw_err err = bwi_segments_find(g, j->seq, &i, e);

	/* It fails for closed segments only. */
	s->outside = err != BW_OK;
	if (err != BW_OK || i == g->n)
		return err;
	if (!g->list[i]->damaged)
		err = bwi_segments_get(g, i, &c, e);
	if (err == BW_OK && c != NULL)
		err = has_event(c, j->seq, &has, e);
	if (err == BW_OK && has)
		err = bwi_sqlite_begin_late(s, j, g->list[i], e);
	if (err == BW_OK && has)
		err = bwi_sqlite_add_answer(c, j->seq, &j->answer, e);
	return bwi_sqlite_pass_over(s, g->list[i], err, e);
}

static enum bw_err
append_event(struct bwi_sqlite *s, struct bw_store_write *j, size_t i,
    uint64_t *seq, struct bw_error *e)
{
	struct bwi_conn *c = &bwi_segments_active(&s->append)->conn;
	const struct bw_store_event *event = &j->events[i];
	int64_t now = bw_realtime_ms();
	const struct bwi_entry entry = {.seq = *seq + 1,
	    .event = event,
	    .claim = now + event->claim,
	    .deliveries = 1,
	    .last = event->received};
	enum bw_err err = BW_OK;
	bool repeated = false;

	if (event->key.p != NULL)
		err = repeat_first(s, j, i, now, &repeated, e);
	if (repeated)
		return err;
	if (err == BW_OK)
		err = bwi_sqlite_insert(c, &entry, e);
	if (err == BW_OK && event->answer.status != 0)
		err = bwi_sqlite_add_answer(c, entry.seq, &event->answer, e);
	if (err != BW_OK)
		return err;
	++*seq;
	j->results[i] = (struct bw_store_result){
	    .seq = *seq, .fate = BW_STORE_NEW, .deliveries = 1};
	return BW_OK;
}

/* Append all events of a job, or none. */
static enum bw_err
append_job(struct bwi_sqlite *s, struct bw_store_write *j, uint64_t *seq,
    struct bw_error *e)
{
	struct bwi_conn *c = &bwi_segments_active(&s->append)->conn;
	struct bw_error ignored = {0};
	uint64_t before = *seq;
	enum bw_err err = BW_OK;

	if (j->n > 1)
		err = bwi_conn_do(c, BWI_SQL_SAVE, "write", e);
	for (size_t i = 0; i < j->n && err == BW_OK; i++) {
		err = bwi_sqlite_check_bound(s, &j->events[i], e);
		if (err == BW_OK)
			err = append_event(s, j, i, seq, e);
	}
	bwi_sqlite_end_late(s, err != BW_OK);
	if (err == BW_OK)
		return j->n > 1 ? bwi_conn_do(c, BWI_SQL_RELEASE, "write", e)
				: BW_OK;
	/*
	 * The event was inserted, but not its answer: undo all of the batch. A
	 * savepoint for each event would cost more.
	 */
	if (j->n == 1 && c->tail.known > before)
		bwi_conn_rollback(c);
	*seq = before;
	bwi_tail_cut(&c->tail, before);
	bwi_sqlite_drop_forms(c);
	if (j->n > 1 && c->db != NULL && sqlite3_get_autocommit(c->db) == 0 &&
	    (bwi_conn_do(c, BWI_SQL_ROLLBACK_TO, "undo", &ignored) != BW_OK ||
		bwi_conn_do(c, BWI_SQL_RELEASE, "undo", &ignored) != BW_OK))
		bwi_conn_rollback(c);
	return err;
}

/*
 * Does the failure of a job leave the others as they are? BW_ERR_READONLY: a
 * store that is moved takes answers, but no new event.
 */
static bool
fails_alone(const struct bwi_sqlite *s, enum bw_err err)
{
	const struct bwi_conn *c = &bwi_segments_active(&s->append)->conn;

	return c->db != NULL && sqlite3_get_autocommit(c->db) == 0 &&
	       (err == BW_ERR_LIMIT || err == BW_ERR_NOMEM ||
		   err == BW_ERR_READONLY || s->outside);
}

/*
 * Run each job. A job that fails alone is finished and removed from the list.
 * Otherwise its error is returned.
 */
static enum bw_err
run_jobs(struct bwi_sqlite *s, struct bw_store_write **first,
    struct bwi_state *state, struct bw_error *error)
{
	struct bwi_conn *c = &bwi_segments_active(&s->append)->conn;
	enum bw_err err = BW_OK;

	for (struct bw_store_write **at = first; err == BW_OK && *at;) {
		struct bw_store_write *j = *at;
		struct bw_error e = {0};

		s->outside = false;
		if ((j->n > 0 ? append_job(s, j, &state->seq, &e)
			      : record_answer(s, j, &e)) == BW_OK) {
			if (j->n > 0)
				bwi_job_decide(j);
			at = &j->next;
		} else if (fails_alone(s, e.code)) {
			*at = j->next;
			bwi_job_finish(j, &e);
		} else {
			*error = e;
			err = e.code;
		}
	}
	if (err == BW_OK && c->tail.known - c->tail.indexed >= BWI_TAIL_MAX)
		err = bwi_sqlite_index_tail(c, error);
	return err;
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

/* Open the files; create the first if missing, migrate it if old. */
static enum bw_err
open_files(struct bwi_sqlite *s, int64_t deadline, struct bw_error *e)
{
	const struct bw_reporter reporter = {warn, &s->base};
	enum bw_err err = bwi_segments_look(&s->append, deadline, e);

	if (err != BW_ERR_NOFILE && err != BW_ERR_CONFIG)
		return err;
	*e = (struct bw_error){0};
	err = bwi_sqlite_create_until(s->path, deadline, &reporter, e);
	return err == BW_OK ? bwi_segments_look(&s->append, deadline, e) : err;
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

/*
 * Begin a write transaction. *closed: another process has closed the segment
 * meanwhile.
 */
static enum bw_err
begin_active(struct bwi_sqlite *s, int64_t deadline, struct bwi_state *state,
    bool *closed, struct bw_error *e)
{
	struct bwi_segment *active = bwi_segments_active(&s->append);
	struct bwi_conn *c = &active->conn;
	enum bw_err err;

	c->deadline = deadline;
	err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK)
		err = check_version(c, e);
	if (err == BW_OK)
		err = bwi_sqlite_sync_tail(c, state, e);
	active->extent.first = state->first;
	*closed = err == BW_OK && state->closed != 0;
	if (*closed || err != BW_OK) {
		bwi_conn_rollback(c);
		bwi_tail_free(&c->tail);
	}
	return err;
}

/* Open the files, and begin a write transaction in the active segment. */
static enum bw_err
begin(struct bwi_sqlite *s, int64_t time, struct bwi_state *state,
    struct bw_error *e)
{
	int64_t deadline = bw_monotonic_ns() + time;
	enum bw_err err = BW_OK;
	bool closed = true;

	/* Removed or replaced: writes to the old file would be lost. */
	if (!bwi_segments_are_current(&s->append))
		err = open_files(s, deadline, e);
	while (err == BW_OK && closed) {
		err = begin_active(
		    s, bw_monotonic_ns() + time, state, &closed, e);
		if (err == BW_OK && closed)
			err = bwi_segments_update(&s->append, deadline, e);
	}
	return err;
}

/*
 * Closed segments first. If that fails, so do the jobs that changed one. Their
 * new events, if they have any, are stored nevertheless: the next delivery
 * finds them.
 */
static enum bw_err
commit(struct bwi_sqlite *s, struct bw_store_write **jobs, struct bw_error *e)
{
	struct bw_error late = {0};

	if (bwi_sqlite_commit_late(s, &late) != BW_OK) {
		bwi_sqlite_rollback_late(s);
		*jobs = fail_some(*jobs, is_late, &late);
	}
	return bwi_conn_do(&bwi_segments_active(&s->append)->conn,
	    BWI_SQL_COMMIT, "commit", e);
}

/* Reopen after any error, to discard cached state. */
static void
undo(struct bwi_sqlite *s)
{
	if (s->append.n == 0)
		return;
	bwi_sqlite_rollback_late(s);
	bwi_conn_rollback(&bwi_segments_active(&s->append)->conn);
	bwi_conn_close(&bwi_segments_active(&s->append)->conn);
}

bool
bwi_sqlite_commit(
    void *store, struct bw_store_write *jobs, size_t n, bool patient)
{
	struct bwi_sqlite *s = store;
	struct bwi_state state = {0};
	struct bw_error e = {0};
	enum bw_err err;

	(void)n;
	while ((err = begin(s, patient ? ATTEMPT : SHORT_ATTEMPT, &state,
		    &e)) == BW_ERR_BUSY) {
		if (!patient)
			return false;
		jobs = fail_some(jobs, is_overdue, &e);
		if (jobs == NULL) {
			bwi_count(BWI_COUNT_STORE_COMMITS_ERROR, 1);
			return true;
		}
		e = (struct bw_error){0};
	}
	s->append.deadline = bw_monotonic_ns() + OPENING;
	if (err == BW_OK)
		err = run_jobs(s, &jobs, &state, &e);
	if (err == BW_OK)
		err = commit(s, &jobs, &e);
	if (err != BW_OK)
		undo(s);
	bwi_count(err == BW_OK ? BWI_COUNT_STORE_COMMITS_OK
			       : BWI_COUNT_STORE_COMMITS_ERROR,
	    1);
	if (err == BW_OK)
		bwi_job_count_batch(jobs);
	bwi_job_finish_all(jobs, err != BW_OK ? &e : NULL);
	s->appended = s->appended || err == BW_OK;
	/* A worker has requests to answer now: leave it to the thread. */
	if (err == BW_OK &&
	    bwi_conn_log_is_long(&bwi_segments_active(&s->append)->conn))
		bwi_writer_periodic(s->writer);
	return true;
}
