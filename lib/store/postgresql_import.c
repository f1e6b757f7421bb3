/* Events with their numbers, from another store: see store_move.h. */
#include <poll.h>
#include <string.h>

#include "base/alloc.h"
#include "store/postgresql.h"
#include "store/postgresql_batch.h"

#define DAY (INT64_C(24) * 3600 * 1000)

/*
 * How long one transaction may take, which includes the standby. Much is
 * written at a time.
 */
#define PATIENT (INT64_C(60) * 1000000000)

static int64_t
in_time(void)
{
	return bwi_pg_soon() + PATIENT;
}

static enum bw_err
run(struct bwi_pg *s, enum bwi_pg_statement which, int64_t *value,
    struct bw_error *e)
{
	PGresult *r;
	enum bw_err err = bwi_pg_run(s, which, &r, e);

	if (err == BW_OK && value != NULL)
		*value = PQgetlength(r, 0, 0) == 4 ? bwi_pg_int4(r, 0, 0)
						   : bwi_pg_int8(r, 0, 0);
	PQclear(r);
	return err;
}

static enum bw_err
pg_get_state(
    struct bw_store *base, enum bwi_move_state *state, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	int64_t n = 0;
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = run(s, BWI_PG_GET_STATE, &n, e);
	*state = (enum bwi_move_state)n;
	return bwi_pg_end(s, false, err, e);
}

static enum bw_err
pg_set_state(
    struct bw_store *base, enum bwi_move_state state, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = run(s, BWI_PG_LOCK, NULL, e);
	if (err == BW_OK)
		err = run(s, BWI_PG_LOCK_CONSUMERS, NULL, e);
	bwi_pg_put_int4(&s->shared.params, (int32_t)state);
	if (err == BW_OK)
		err = run(s, BWI_PG_SET_STATE, NULL, e);
	return bwi_pg_end(s, true, err, e);
}

/* Lock the counter. The store must be filled, and have no later event. */
static enum bw_err
lock(struct bwi_pg *s, struct bwi_pg_batch *b, uint64_t first,
    struct bw_error *e)
{
	PGresult *r;
	enum bw_err err = bwi_pg_run(s, BWI_PG_LOCK, &r, e);

	if (err == BW_OK)
		bwi_pg_batch_set_head(b, r);
	PQclear(r);
	if (err != BW_OK)
		return err;
	if (!b->head.safe && !s->url.single)
		return bwi_pg_conn_unsafe(&s->shared, e);
	if (b->head.state == BWI_MOVE_FILLING && b->head.seq < first)
		return BW_OK;
	return bw_error_set(e, BW_ERR_STALE, 0,
	    "store: another program has changed it; start the move again");
}

/* As retention drops whole segments, events of another day begin one. */
static enum bw_err
choose_segment(struct bwi_pg *s, struct bwi_pg_batch *b, int64_t received,
    struct bw_error *e)
{
	int64_t newest = 0, segment = b->head.segment;
	enum bw_err err;

	bwi_pg_put_int4(&s->shared.params, b->head.segment);
	err = run(s, BWI_PG_NEWEST, &newest, e);
	if (err == BW_OK && newest != 0 && received / DAY > newest / DAY)
		err = run(s, BWI_PG_FILL_SEGMENT, &segment, e);
	b->head.segment = (int32_t)segment;
	return err;
}

/* The first rows that are of one day, as far as segments are concerned. */
static size_t
count_same_day(const struct bw_store_row *rows, size_t n)
{
	int64_t day = rows[0].event.received / DAY;
	size_t i = 1;

	while (i < n && rows[i].event.received / DAY <= day)
		i++;
	return i;
}

/* Receive all results up to the sync. */
static enum bw_err
receive(struct bwi_pg_conn *c, int64_t deadline, bool *committed,
    struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (;;) {
		int flushed = PQflush(c->pg);

		if (flushed < 0 || PQconsumeInput(c->pg) == 0)
			return bwi_pg_conn_error(c, e);
		while (!PQisBusy(c->pg)) {
			PGresult *r = PQgetResult(c->pg);
			ExecStatusType status = PQresultStatus(r);

			if (r == NULL)
				continue;
			*committed = *committed || bwi_pg_is_committed(r);
			if (status == PGRES_FATAL_ERROR && err == BW_OK)
				err = bwi_pg_result_error(c, r, e);
			PQclear(r);
			if (status == PGRES_PIPELINE_SYNC)
				return err;
		}
		if (!bwi_pg_conn_wait(
			c, flushed > 0 ? POLLIN | POLLOUT : POLLIN, deadline))
			return bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: %s: no answer before the deadline",
			    c->url->name);
	}
}

static enum bw_err
prepare_all(struct bwi_pg_conn *c, struct bw_error *e)
{
	static const enum bwi_pg_statement statements[] = {BWI_PG_INSERT,
	    BWI_PG_KEYS, BWI_PG_ANSWERS, BWI_PG_SEGMENT, BWI_PG_HEAD,
	    BWI_PG_WRITER, BWI_PG_COMMIT};
	enum bw_err err = BW_OK;

	for (size_t i = 0;
	     err == BW_OK && i < sizeof(statements) / sizeof(statements[0]);
	     i++)
		err = bwi_pg_conn_prepare(c, statements[i], bwi_pg_soon(), e);
	return err;
}

/*
 * Write a batch and commit, with the statements of the writer. After an error
 * the connection is closed: it may be committed.
 */
static enum bw_err
write_batch(struct bwi_pg_conn *c, struct bwi_pg_batch *b, struct bw_error *e)
{
	static const unsigned char nobody[16];
	bool committed = false;
	size_t unused;
	enum bw_err err =
	    PQenterPipelineMode(c->pg) == 1 ? BW_OK : bwi_pg_conn_error(c, e);

	c->warned = false;
	if (err == BW_OK)
		err = bwi_pg_queue_commit(c, b, nobody, &unused, e);
	if (err == BW_OK && PQpipelineSync(c->pg) != 1)
		err = bwi_pg_conn_error(c, e);
	if (err == BW_OK)
		err = receive(c, in_time(), &committed, e);
	if (err == BW_OK && (!committed || c->warned))
		err = bw_error_set(e, BW_ERR_IO, 0,
		    "store: %s: not known whether it was committed",
		    c->url->name);
	if (err == BW_OK && PQexitPipelineMode(c->pg) != 1)
		err = bwi_pg_conn_error(c, e);
	if (err != BW_OK)
		bwi_pg_conn_close(c);
	bwi_pg_params_reset(&c->params);
	return err;
}

/* Begun; it ends the transaction. */
static enum bw_err
import_batch(struct bwi_pg *s, struct bwi_pg_batch *b,
    const struct bw_store_row *rows, struct bw_error *e)
{
	enum bw_err err = prepare_all(&s->shared, e);

	if (err == BW_OK)
		err = lock(s, b, rows[0].seq, e);
	if (err == BW_OK)
		err = choose_segment(s, b, rows[0].event.received, e);
	if (err == BW_OK && bwi_pg_batch_number(b, rows) != BW_OK)
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (err != BW_OK)
		return bwi_pg_end(s, true, err, e);
	/* The end has nothing to roll back then. */
	err = write_batch(&s->shared, b, e);
	return bwi_pg_end(s, false, err, e);
}

/* Rows of one segment, in one transaction. */
static enum bw_err
import(struct bwi_pg *s, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bw_store_event *events = bwi_calloc(n, sizeof(*events));
	struct bw_store_write *j = NULL;
	struct bwi_pg_batch *b = NULL;
	enum bw_err err;

	for (size_t i = 0; events != NULL && i < n; i++)
		events[i] = rows[i].event;
	if (events != NULL)
		j = bwi_job_new(&s->base, events, n, INT64_MAX);
	bwi_free(events);
	if (j == NULL || bwi_pg_batch_new(&s->base, j, &b) != BW_OK) {
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
		goto out;
	}
	err = bwi_pg_begin(s, true, INT64_MAX, e);
	if (err == BW_OK)
		err = import_batch(s, b, rows, e);
	b->jobs = NULL;
	bwi_pg_batch_free(b);
out:
	if (j != NULL) {
		bwi_job_finish(j, NULL);
		bw_store_write_free(j, false);
	}
	return err;
}

static enum bw_err
pg_import(struct bw_store *base, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	enum bw_err err = BW_OK;

	while (err == BW_OK && n > 0) {
		size_t k = count_same_day(rows, n);

		err = import(bwi_pg_of(base), rows, k, e);
		rows += k;
		n -= k;
	}
	return err;
}

/* A column of the rows; of all, or only of those with an answer. */
#define COLUMN(p, rows, n, all, type, element, value) \
	do { \
		size_t k_ = (all) ? (n) : count_answers((rows), (n)); \
\
		bwi_pg_array_begin((p), (type), k_); \
		for (size_t i_ = 0; i_ < (n); i_++) { \
			const struct bw_store_row *r = &(rows)[i_]; \
\
			if ((all) || r->answer.status != 0) \
				element((p), (value)); \
		} \
		bwi_pg_array_end(p); \
	} while (0)

static size_t
count_answers(const struct bw_store_row *rows, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += rows[i].answer.status != 0;
	return k;
}

static enum bw_err
amend_answers(struct bwi_pg *s, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;

	if (count_answers(rows, n) == 0)
		return BW_OK;
#define X(type, element, value) \
	COLUMN(p, rows, n, false, type, element, r->answer.value);
	COLUMN(p, rows, n, false, BWI_PG_INT8, bwi_pg_element_int8,
	    (int64_t)r->seq);
	X(BWI_PG_INT4, bwi_pg_element_int4, status)
	X(BWI_PG_BOOL, bwi_pg_element_bool, fallback)
	X(BWI_PG_BOOL, bwi_pg_element_bool, failed)
	X(BWI_PG_INT8, bwi_pg_element_int8, answered)
	X(BWI_PG_INT8, bwi_pg_element_int8, duration)
	X(BWI_PG_BYTEA, bwi_pg_element_bytes, content_type)
	X(BWI_PG_BYTEA, bwi_pg_element_bytes, body)
	X(BWI_PG_BYTEA, bwi_pg_element_bytes, trace)
#undef X
	return run(s, BWI_PG_ANSWERS, NULL, e);
}

static enum bw_err
amend(struct bwi_pg *s, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	enum bw_err err;

	COLUMN(p, rows, n, true, BWI_PG_INT8, bwi_pg_element_int8,
	    (int64_t)r->seq);
	COLUMN(p, rows, n, true, BWI_PG_INT4, bwi_pg_element_int4,
	    (int32_t)r->deliveries);
	COLUMN(p, rows, n, true, BWI_PG_INT8, bwi_pg_element_int8, r->last);
	COLUMN(p, rows, n, true, BWI_PG_INT8, bwi_pg_element_int8,
	    r->event.received + r->event.claim);
	err = run(s, BWI_PG_AMEND, NULL, e);
	COLUMN(p, rows, n, true, BWI_PG_INT8, bwi_pg_element_int8,
	    (int64_t)r->seq);
	if (err == BW_OK)
		err = run(s, BWI_PG_AMEND_ANSWERS, NULL, e);
	return err == BW_OK ? amend_answers(s, rows, n, e) : err;
}

static enum bw_err
pg_amend(struct bw_store *base, const struct bw_store_row *rows, size_t n,
    struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	return bwi_pg_end(s, true, amend(s, rows, n, e), e);
}

static enum bw_err
pg_set_last(struct bw_store *base, uint64_t last, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	bwi_pg_put_int8(&s->shared.params, (int64_t)last);
	return bwi_pg_end(s, true, run(s, BWI_PG_SET_LAST, NULL, e), e);
}

const struct bwi_move_ops bwi_pg_move_ops = {
    .get_state = pg_get_state,
    .set_state = pg_set_state,
    .import = pg_import,
    .amend = pg_amend,
    .set_last = pg_set_last,
    .get_consumers = bwi_pg_get_consumers,
    .set_consumers = bwi_pg_set_consumers,
};
