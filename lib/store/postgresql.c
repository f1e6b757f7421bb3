/*
 * "postgresql:": a database for responders on several hosts, which commits on
 * two disks before it says so.
 */
#include "store/postgresql.h"

#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"

#define SECOND INT64_C(1000000000)

/* Longest wait for the result of a statement that is not long. */
#define MAX_WAIT (10 * SECOND)

/* An idle connection may have been closed meanwhile. */
#define IDLE SECOND

static void
pg_free(struct bw_store *base)
{
	struct bwi_pg *s = bwi_pg_of(base);

	bwi_pg_writer_free(s->writer);
	bwi_pg_conn_free(&s->shared);
	bwi_timed_lock_destroy(&s->lock);
	bwi_store_done(base);
	bwi_pg_url_free(&s->url);
	bwi_free(s);
}

static enum bw_err
pg_attach(const char *where, struct bw_store **out, struct bw_error *e)
{
	struct bwi_pg *s = bwi_calloc(1, sizeof(*s));
	enum bw_err err;

	if (s == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	bwi_store_init(&s->base, &bwi_store_postgresql);
	bwi_timed_lock_init(&s->lock);
	err = bwi_pg_url_read(&s->url, where, e);
	bwi_pg_conn_init(&s->shared, &s->url);
	if (err == BW_OK) {
		s->writer = bwi_pg_writer_new(&s->base, &s->url, e);
		err = s->writer != NULL ? BW_OK : e->code;
	}
	if (err != BW_OK) {
		pg_free(&s->base);
		return err;
	}
	*out = &s->base;
	return BW_OK;
}

static enum bw_err
pg_open(const char *where, struct bw_store **out, struct bw_error *e)
{
	struct bw_store *base = NULL;
	enum bw_err err = pg_attach(where, &base, e);

	if (err == BW_OK)
		err = bwi_pg_conn_open(
		    &bwi_pg_of(base)->shared, bwi_pg_soon(), e);
	if (err != BW_OK) {
		if (base != NULL)
			pg_free(base);
		return err;
	}
	*out = base;
	return BW_OK;
}

static void
pg_start(struct bw_store *base)
{
	bwi_pg_writer_start(bwi_pg_of(base)->writer);
}

static void
pg_submit(struct bw_store *base, struct bw_store_write *j)
{
	bwi_pg_writer_submit(bwi_pg_of(base)->writer, j);
}

static int64_t
pg_busy(struct bw_store *base)
{
	return bwi_pg_writer_busy(bwi_pg_of(base)->writer);
}

static enum bw_err
pg_spool(const char *where, char **path, struct bw_error *e)
{
	struct bwi_pg_url url;
	enum bw_err err = bwi_pg_url_read(&url, where, e);

	*path = NULL;
	if (err != BW_OK)
		return err;
	*path = url.spool;
	url.spool = NULL;
	bwi_pg_url_free(&url);
	return BW_OK;
}

int64_t
bwi_pg_soon(void)
{
	return bw_monotonic_ns() + MAX_WAIT;
}

/* Connect, or see that the connection is still there. */
static enum bw_err
connect_shared(struct bwi_pg *s, int64_t deadline, struct bw_error *e)
{
	struct bwi_pg_conn *c = &s->shared;
	PGresult *r;

	if (c->pg != NULL && bw_monotonic_ns() - s->used >= IDLE) {
		struct bw_error lost = {0};

		if (bwi_pg_conn_run(c, BWI_PG_NOW, deadline, &r, &lost) !=
		    BW_OK)
			bwi_pg_conn_close(c);
		PQclear(r);
	}
	return bwi_pg_conn_open(c, deadline, e);
}

enum bw_err
bwi_pg_begin(struct bwi_pg *s, bool write, int64_t deadline, struct bw_error *e)
{
	int64_t soon = bw_earlier(deadline, bwi_pg_soon());
	PGresult *r;
	enum bw_err err;

	if (bw_monotonic_ns() >= deadline ||
	    !bwi_timed_lock_acquire(&s->lock, deadline))
		return bw_error_set(
		    e, BW_ERR_BUSY, 0, "store: not before the deadline");
	bwi_pg_params_reset(&s->shared.params);
	err = connect_shared(s, soon, e);
	if (err == BW_OK && write) {
		err = bwi_pg_conn_run(&s->shared, BWI_PG_BEGIN, soon, &r, e);
		PQclear(r);
	}
	if (err != BW_OK)
		bwi_timed_lock_release(&s->lock);
	return err;
}

enum bw_err
bwi_pg_end(struct bwi_pg *s, bool write, enum bw_err err, struct bw_error *e)
{
	struct bw_error unused = {0};

	if (write && err == BW_OK)
		err = bwi_pg_conn_commit(&s->shared, bwi_pg_soon(), e);
	else if (write && s->shared.pg != NULL &&
		 bwi_pg_conn_script(
		     &s->shared, "ROLLBACK", bwi_pg_soon(), &unused) != BW_OK)
		bwi_pg_conn_close(&s->shared);
	s->used = bw_monotonic_ns();
	bwi_timed_lock_release(&s->lock);
	return err;
}

enum bw_err
bwi_pg_run(struct bwi_pg *s, enum bwi_pg_statement which, PGresult **r,
    struct bw_error *e)
{
	enum bw_err err =
	    bwi_pg_conn_run(&s->shared, which, bwi_pg_soon(), r, e);

	bwi_pg_params_reset(&s->shared.params);
	return err;
}

size_t
bwi_pg_changed(PGresult *r)
{
	return (size_t)strtoul(PQcmdTuples(r), NULL, 10);
}

const struct bwi_store_ops bwi_store_postgresql = {
    .scheme = "postgresql",
    .create = bwi_pg_create,
    .check = bwi_pg_check,
    .sql = bwi_pg_sql,
    .tables = bwi_pg_tables,
    .open = pg_open,
    .attach = pg_attach,
    .spool = pg_spool,
    .free = pg_free,
    .start = pg_start,
    .submit = pg_submit,
    .busy = pg_busy,
    .read = bwi_pg_read,
    .last = bwi_pg_last,
    .count = bwi_pg_count,
    .stats = bwi_pg_stats,
    .consumer = bwi_pg_consumer,
    .consumer_remove = bwi_pg_consumer_remove,
    .consumers = bwi_pg_consumers,
    .lacks_standby = bwi_pg_lacks_standby,
    .lease = bwi_pg_lease,
    .settle = bwi_pg_settle,
    .dead = bwi_pg_dead,
    .revive = bwi_pg_revive,
    .drop_dead = bwi_pg_drop_dead,
    .prune = bwi_pg_prune,
    .backup = bwi_pg_backup,
    .move = &bwi_pg_move_ops,
};
