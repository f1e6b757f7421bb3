/* "sqlite:PATH": an SQLite database, for processes of one machine. */
#include "store/sqlite.h"

#include <string.h>

#include "base/alloc.h"

static const struct bwi_writer_ops writer_ops = {
    .commit = bwi_sqlite_commit,
    .periodic = bwi_sqlite_drain_spool,
};

static void
sqlite_free(struct bw_store *base)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);

	bwi_writer_free(s->writer);
	/* A CGI process ends before the writer's periodic run. */
	bwi_sqlite_drain_spool(s);
	bwi_conn_close(&s->append);
	bwi_conn_close(&s->shared);
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
	struct bwi_conn *c;
	enum bw_err err = sqlite_attach(path, &base, e);

	if (err != BW_OK)
		return err;
	c = &bwi_sqlite_of(base)->append;
	err = bwi_conn_open(c, path, e);
	if (err == BW_OK)
		err = bwi_sqlite_check(c, e);
	if (err != BW_OK) {
		sqlite_free(base);
		return err;
	}
	*out = base;
	return BW_OK;
}

static void
sqlite_submit(struct bw_store *base, struct bw_store_write *j)
{
	bwi_writer_submit(bwi_sqlite_of(base)->writer, j);
}

const struct bwi_store_ops bwi_store_sqlite = {
    .scheme = "sqlite",
    .create = bwi_sqlite_create,
    .open = sqlite_open,
    .attach = sqlite_attach,
    .free = sqlite_free,
    .submit = sqlite_submit,
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
    .prune = bwi_sqlite_prune,
    .backup = bwi_sqlite_backup,
};
