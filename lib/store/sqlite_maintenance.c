/* Maintenance of the SQLite store: pruning and backup. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite.h"

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

/* Pages copied between two reports of progress. */
#define PAGES 2048

static enum bw_err
find_prunable(struct bwi_conn *c, int64_t before, size_t max,
    sqlite3_int64 *seqs, size_t *n, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_PRUNABLE, e);
	int rc;

	*n = 0;
	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, before);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)max);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && *n < max)
		seqs[(*n)++] = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW
		   ? BW_OK
		   : bwi_conn_error(c, rc, "prune", e);
}

static enum bw_err
delete_row(struct bwi_conn *c, enum bwi_statement which, sqlite3_int64 seq,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, seq);
	return bwi_conn_run(c, st, "prune", e);
}

/*
 * Prune in one transaction; *n: number of removed events, less than max if no
 * more are left.
 */
static enum bw_err
prune_step(struct bwi_sqlite *s, int64_t before, size_t max, size_t *n,
    struct bw_error *e)
{
	sqlite3_int64 seqs[STEP];
	struct bwi_conn *c = &s->shared;
	enum bw_err err = bwi_sqlite_begin(s, true, e);

	*n = 0;
	if (err != BW_OK)
		return err;
	err = find_prunable(c, before, max, seqs, n, e);
	for (size_t i = 0; err == BW_OK && i < *n; i++) {
		err = delete_row(c, BWI_SQL_DELETE_ANSWER, seqs[i], e);
		if (err == BW_OK)
			err = delete_row(c, BWI_SQL_DELETE_EVENT, seqs[i], e);
	}
	return bwi_sqlite_end(s, true, err, e);
}

static enum bw_err
get_bytes(struct bwi_sqlite *s, uint64_t *bytes, struct bw_error *e)
{
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err == BW_OK)
		err = bwi_sqlite_end(
		    s, false, bwi_sqlite_bytes(&s->shared, bytes, e), e);
	return err;
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
	err = get_free(&s->shared, left, e);
	if (err == BW_OK && *left > 0)
		err = bwi_conn_exec(
		    &s->shared, "PRAGMA incremental_vacuum(500)", "prune", e);
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
	enum bw_err err = bwi_sqlite_begin(s, false, &ignored);

	if (err != BW_OK)
		return;
	s->shared.deadline = bw_monotonic_ns() + LOG_WAIT;
	(void)sqlite3_wal_checkpoint_v2(
	    s->shared.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	err = bwi_sqlite_end(s, false, BW_OK, &ignored);
	(void)err;
}

static enum bw_err
prune_size(
    struct bwi_sqlite *s, uint64_t bytes, uint64_t *n, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	size_t removed = SMALL_STEP;
	uint64_t used;

	while (err == BW_OK && removed == SMALL_STEP) {
		err = get_bytes(s, &used, e);
		if (err != BW_OK || used <= bytes)
			break;
		err = prune_step(s, INT64_MAX, SMALL_STEP, &removed, e);
		*n += err == BW_OK ? removed : 0;
	}
	return err;
}

static enum bw_err
prune(struct bwi_sqlite *s, int64_t before, uint64_t bytes, size_t step,
    uint64_t *n, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	size_t removed = step;

	while (err == BW_OK && removed == step) {
		err = prune_step(s, before, step, &removed, e);
		*n += err == BW_OK ? removed : 0;
	}
	if (err == BW_OK && bytes > 0)
		err = prune_size(s, bytes, n, e);
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
	enum bw_err err = prune(s, before, bytes, STEP, n, e);

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

static enum bw_err
copy_pages(struct bwi_conn *from, struct bwi_conn *to, bw_store_progress_fn *fn,
    void *arg, struct bw_error *e)
{
	sqlite3_backup *b =
	    sqlite3_backup_init(to->db, "main", from->db, "main");
	bool go_on = true;
	int rc = SQLITE_OK;

	if (b == NULL)
		return bwi_conn_error(to, sqlite3_errcode(to->db), "backup", e);
	while (go_on && rc == SQLITE_OK) {
		int all, left;

		rc = sqlite3_backup_step(b, PAGES);
		all = sqlite3_backup_pagecount(b);
		left = sqlite3_backup_remaining(b);
		go_on = fn == NULL || fn(arg, all - left, all);
	}
	(void)sqlite3_backup_finish(b);
	if (rc != SQLITE_DONE && !go_on) {
		return bw_error_set(e, BW_ERR_DEADLINE, 0, "backup: canceled");
	}
	return rc == SQLITE_DONE ? BW_OK
				 : bwi_conn_error(from, rc, "backup", e);
}

/*
 * Copy into a temporary file beside the target, so that the target is never
 * incomplete. The read transaction makes the copy consistent while others
 * write.
 */
static enum bw_err
copy(const char *path, const char *part, bw_store_progress_fn *fn, void *arg,
    struct bw_error *e)
{
	struct bwi_conn from = {0}, to = {0};
	enum bw_err err = bwi_conn_open(&from, path, e);
	int rc;

	if (err == BW_OK)
		err = bwi_conn_exec(
		    &from, "BEGIN; SELECT seq FROM counter", "backup", e);
	if (err != BW_OK)
		goto out;
	rc = sqlite3_open_v2(
	    part, &to.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		err = bwi_conn_error(&to, rc, part, e);
		goto out;
	}
	err = copy_pages(&from, &to, fn, arg, e);
out:
	bwi_conn_close(&to);
	bwi_conn_close(&from);
	return err;
}

static enum bw_err
name_copy(int fd, const char *part, const char *path, struct bw_error *e)
{
	if (fsync(fd) != 0)
		return bwi_fs_error(e, errno, part, "backup");
	/* link, not rename: never replaces an existing file. */
	if (link(part, path) != 0 || bwi_fs_sync_dir(path) != 0)
		return bwi_fs_error(e, errno, path, "backup");
	return BW_OK;
}

enum bw_err
bwi_sqlite_backup(struct bw_store *base, const char *path,
    bw_store_progress_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	size_t size = strlen(path) + sizeof(".part");
	char *part = bwi_alloc(size);
	enum bw_err err;
	int fd;

	if (part == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "backup: out of memory");
	(void)snprintf(part, size, "%s.part", path);
	fd = access(path, F_OK) == 0
		 ? -1
		 : open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0) {
		int sys = access(path, F_OK) == 0 ? EEXIST : errno;

		err = bwi_fs_error(e, sys, path, "backup");
		bwi_free(part);
		return err;
	}
	err = copy(s->path, part, fn, arg, e);
	if (err == BW_OK)
		err = name_copy(fd, part, path, e);
	close(fd);
	(void)unlink(part);
	bwi_free(part);
	return err;
}
