/* "sqlite:PATH": an SQLite database, for processes of one machine. */
#include "store/sqlite.h"

#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"

/* Opening may wait while another process recovers the log. */
#define OPENING INT64_C(1000000000)

static const struct bwi_writer_ops writer_ops = {
    .commit = bwi_sqlite_commit,
    .periodic = bwi_sqlite_periodic,
};

static void
sqlite_free(struct bw_store *base)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);

	bwi_writer_free(s->writer);
	bwi_maintenance_stop(&s->maintenance);
	bwi_sqlite_finish(s);
	bwi_maintenance_stop(&s->maintenance);
	bwi_segments_close(&s->append);
	bwi_segments_close(&s->shared);
	bwi_timed_lock_destroy(&s->lock);
	bwi_store_done(base);
	bwi_free(s->path);
	bwi_free(s);
}

static enum bw_err
sqlite_attach(const char *path, struct bw_store **out, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	bwi_store_init(&s->base, &bwi_store_sqlite);
	bwi_timed_lock_init(&s->lock);
	s->path = bwi_strndup(path, strlen(path));
	s->append.path = s->shared.path = s->path;
	bwi_maintenance_init(&s->maintenance, &s->base, s->path);
	s->writer = bwi_writer_new(&writer_ops, s);
	if (s->path == NULL || s->writer == NULL) {
		sqlite_free(&s->base);
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	}
	*out = &s->base;
	return BW_OK;
}

static enum bw_err
sqlite_open(const char *path, struct bw_store **out, struct bw_error *e)
{
	struct bw_store *base = NULL;
	enum bw_err err = sqlite_attach(path, &base, e);

	if (err != BW_OK)
		return err;
	/* Most programs only read. The writer has connections of its own. */
	err = bwi_segments_look(
	    &bwi_sqlite_of(base)->shared, bw_monotonic_ns() + OPENING, e);
	if (err != BW_OK) {
		sqlite_free(base);
		return err;
	}
	*out = base;
	return BW_OK;
}

/* "/var/lib/x.db" has its spool in "/var/lib/x.db.spool". */
static enum bw_err
sqlite_spool(const char *where, char **path, struct bw_error *e)
{
	static const char end[] = ".spool";
	size_t n = strlen(where);

	*path = bwi_alloc(n + sizeof(end));
	if (*path == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	memcpy(*path, where, n);
	memcpy(*path + n, end, sizeof(end));
	return BW_OK;
}

static void
sqlite_submit(struct bw_store *base, struct bw_store_write *j)
{
	bwi_writer_submit(bwi_sqlite_of(base)->writer, j);
}

static void
sqlite_hurry(struct bw_store *base)
{
	bwi_writer_hurry(bwi_sqlite_of(base)->writer);
}

static int64_t
sqlite_busy(struct bw_store *base)
{
	return bwi_writer_busy(bwi_sqlite_of(base)->writer);
}

const struct bwi_store_ops bwi_store_sqlite = {
    .scheme = "sqlite",
    .create = bwi_sqlite_create,
    .tables = bwi_sqlite_tables,
    .open = sqlite_open,
    .attach = sqlite_attach,
    .spool = sqlite_spool,
    .free = sqlite_free,
    .submit = sqlite_submit,
    .hurry = sqlite_hurry,
    .busy = sqlite_busy,
    .read = bwi_sqlite_read,
    .last = bwi_sqlite_last,
    .count = bwi_sqlite_count,
    .stats = bwi_sqlite_stats,
    .consumer = bwi_sqlite_consumer,
    .consumer_remove = bwi_sqlite_consumer_remove,
    .consumers = bwi_sqlite_consumers,
    .lease = bwi_sqlite_lease,
    .settle = bwi_sqlite_settle,
    .dead = bwi_sqlite_dead,
    .revive = bwi_sqlite_revive,
    .drop_dead = bwi_sqlite_drop_dead,
    .prune = bwi_sqlite_prune,
    .backup = bwi_sqlite_backup,
    .verify = bwi_sqlite_verify,
    .compact = bwi_sqlite_compact,
    .move = &bwi_sqlite_move_ops,
};
