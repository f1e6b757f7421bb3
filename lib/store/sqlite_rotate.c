/*
 * Closing the active segment. The next one is made first, with no events. Then,
 * while appending is locked: the last terms are written, the next segment gets
 * its first number, and the active one is closed, which is the moment of the
 * change. A process that is killed before that leaves a segment that takes no
 * events; the next attempt uses it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite.h"

/* How long the locks of both segments are waited for. */
#define WAIT (INT64_C(2) * 1000000000)

/* How long emptying the log waits for readers, while others wait for it. */
#define LOG_WAIT INT64_C(20000000)

static enum bw_err
run_with(struct bwi_conn *c, enum bwi_statement which, uint64_t seq,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	return bwi_conn_run(c, st, "close", e);
}

/* All of the log is in the file. Closing would do it too, but hide errors. */
static enum bw_err
finish_log(struct bwi_conn *c, struct bw_error *e)
{
	int rc = sqlite3_wal_checkpoint_v2(
	    c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	return rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, "tables", e);
}

/* Write the tables; the log is gone afterwards. */
static enum bw_err
fill(const char *name, uint64_t number, int64_t id, struct bw_error *e)
{
	struct bwi_conn c = {.fixed = true};
	char sql[128];
	enum bw_err err = bwi_conn_open(&c, name, e);

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE meta SET store = %lld, segment = %llu, first = 0",
	    (long long)id, (unsigned long long)number);
	if (err == BW_OK)
		err = bwi_sqlite_create_segment(&c, e);
	if (err == BW_OK)
		err = bwi_conn_exec(&c, sql, "tables", e);
	if (err == BW_OK)
		err = finish_log(&c, e);
	bwi_conn_close(&c);
	return err;
}

/*
 * Give a complete file its name, and close it. Another process may have been
 * faster. It is closed before: with its name, SQLite may have it open in
 * another thread, whose locks close() would remove.
 */
static enum bw_err
name_file(int fd, const char *part, const char *path, struct bw_error *e)
{
	int sys = fsync(fd) != 0 ? errno : 0;

	(void)close(fd);
	if (sys != 0)
		return bwi_fs_error(e, sys, part, "store");
	if ((link(part, path) != 0 && errno != EEXIST) ||
	    bwi_fs_sync_dir(path) != 0)
		return bwi_fs_error(e, errno, path, "store");
	return BW_OK;
}

/* Make the segment that takes no events yet, unless it is there. */
static enum bw_err
make(const struct bwi_segments *g, uint64_t number, const char *path,
    struct bw_error *e)
{
	char *part;
	int fd;
	enum bw_err err;

	if (access(path, F_OK) == 0)
		return BW_OK;
	err = bwi_segment_temporary(g->path, &fd, &part, e);
	if (err != BW_OK)
		return err;
	err = fill(part, number, g->id, e);
	if (err == BW_OK)
		err = name_file(fd, part, path, e);
	else
		(void)close(fd);
	bwi_segment_remove_temporary(part);
	bwi_free(part);
	return err;
}

/* Give the next segment its first number. */
static enum bw_err
begin_next(
    struct bwi_conn *c, const char *path, uint64_t last, struct bw_error *e)
{
	enum bw_err err = run_with(c, BWI_SQL_BEGIN_SEGMENT, last, e);

	if (err == BW_OK && sqlite3_changes(c->db) != 1) {
		err = bw_error_set(e, BW_ERR_CORRUPT, 0,
		    "%s: store: it has events, but the segment before it is "
		    "not closed",
		    path);
	}
	return err;
}

/* An old filter, from before a backup was restored, would hide events. */
static enum bw_err
remove_filter(const struct bwi_segment *s, struct bw_error *e)
{
	char *name = bwi_segment_path(s->path, BWI_SEGMENT_OWN, ".filter");
	enum bw_err err = BW_OK;

	if (name == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (unlink(name) != 0 && errno != ENOENT)
		err = bwi_fs_error(e, errno, name, "store");
	bwi_free(name);
	return err;
}

/* While the active segment is locked. */
static enum bw_err
change(struct bwi_segments *g, struct bwi_conn *next, const char *path,
    struct bw_error *e)
{
	struct bwi_conn *c = &bwi_segments_active(g)->conn;
	struct bwi_state state;
	enum bw_err err = bwi_sqlite_sync_tail(c, &state, e);

	if (err != BW_OK || state.closed != 0)
		return err;
	err = remove_filter(bwi_segments_active(g), e);
	if (err == BW_OK)
		err = bwi_sqlite_index_tail(c, e);
	if (err == BW_OK)
		err = begin_next(next, path, state.seq, e);
	return err == BW_OK ? run_with(c, BWI_SQL_CLOSE, state.seq, e) : err;
}

/*
 * Mark in the next segment that the one before it is closed, so that it takes
 * events even if that one cannot be read. If it fails, that one is read.
 */
static void
mark_follower(struct bwi_conn *next)
{
	struct bw_error ignored = {0};
	enum bw_err err = bwi_conn_do(next, BWI_SQL_FOLLOWS, "close", &ignored);

	(void)err;
}

static enum bw_err
change_to(struct bwi_segments *g, const char *path, struct bw_error *e)
{
	struct bwi_conn *c = &bwi_segments_active(g)->conn;
	struct bwi_conn next = {.fixed = true};
	int64_t deadline = bw_monotonic_ns() + WAIT;
	enum bw_err err = bwi_conn_open_until(&next, path, deadline, e);

	if (err == BW_OK)
		err = bwi_sqlite_check(&next, e);
	c->deadline = deadline;
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK)
		err = change(g, &next, path, e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (err == BW_OK)
		mark_follower(&next);
	else
		bwi_conn_rollback(c);
	bwi_tail_free(&c->tail);
	bwi_conn_close(&next);
	return err;
}

/*
 * The segment has no more appends, so that its log can be emptied. Late answers
 * wait for the second step, and with them all appends: so the first step leaves
 * it nothing to copy.
 */
static void
empty_log(struct bwi_conn *c)
{
	if (c->db == NULL)
		return;
	c->deadline = bw_monotonic_ns() + LOG_WAIT;
	(void)sqlite3_wal_checkpoint_v2(
	    c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	(void)sqlite3_wal_checkpoint_v2(
	    c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

enum bw_err
bwi_segments_rotate(struct bwi_segments *g, struct bw_error *e)
{
	uint64_t number = bwi_segments_active(g)->number + 1;
	char *path = bwi_segment_path(g->path, number, "");
	enum bw_err err;

	if (path == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	err = make(g, number, path, e);
	if (err == BW_OK)
		err = change_to(g, path, e);
	if (err == BW_OK)
		empty_log(&bwi_segments_active(g)->conn);
	bwi_free(path);
	return err;
}
