/*
 * Backup of the SQLite store. The consumers are copied first, so that none is
 * ahead of the events, and their file gets its name last. A closed segment that
 * an earlier backup in the same folder has is linked instead of copied.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite.h"

#include <bwcallback/tools/store.h>

/* Pages copied between two reports of progress. */
#define PAGES 2048

/* How long the store may be locked by others. */
#define WAIT (INT64_C(10) * 1000000000)

struct backup {
	struct bwi_segments from;
	const char *path; /* of the copy */
	bw_store_progress_fn *fn;
	void *arg;
	int64_t done; /* bytes of the files before this one */
	int64_t all;
	uint64_t last; /* number of the last segment copied */
	bool closed;   /* so there is another after it */
};

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "backup: out of memory");
}

/* The pages that were copied of the file, as a part of its size. */
static int64_t
part_of(sqlite3_backup *copy, int64_t size)
{
	int64_t all = sqlite3_backup_pagecount(copy);

	return all > 0 ? size - size / all * sqlite3_backup_remaining(copy) : 0;
}

static enum bw_err
copy_pages(struct backup *b, struct bwi_conn *from, struct bwi_conn *to,
    int64_t size, struct bw_error *e)
{
	sqlite3_backup *copy =
	    sqlite3_backup_init(to->db, "main", from->db, "main");
	bool go_on = true;
	int rc = SQLITE_OK;
	int64_t done = 0;

	if (copy == NULL)
		return bwi_conn_error(to, sqlite3_errcode(to->db), "backup", e);
	while (go_on && rc == SQLITE_OK) {
		rc = sqlite3_backup_step(copy, PAGES);
		done = b->done + part_of(copy, size);
		if (b->all < done)
			b->all = done;
		go_on = b->fn == NULL || b->fn(b->arg, done, b->all);
	}
	(void)sqlite3_backup_finish(copy);
	b->done = done;
	if (rc != SQLITE_DONE && !go_on) {
		return bw_error_set(e, BW_ERR_DEADLINE, 0, "backup: canceled");
	}
	return rc == SQLITE_DONE ? BW_OK
				 : bwi_conn_error(from, rc, "backup", e);
}

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/*
 * Copy into a file that exists and is empty. The read transaction makes the
 * copy consistent while others write.
 */
static enum bw_err
copy(struct backup *b, const char *path, const char *part, struct bw_error *e)
{
	struct bwi_conn from = {0}, to = {0};
	struct bwi_state state = {0};
	enum bw_err err = bwi_conn_open(&from, path, e);
	int rc;

	if (err == BW_OK)
		err = bwi_conn_exec(&from, "BEGIN", "backup", e);
	if (err == BW_OK)
		err = bwi_sqlite_state(&from, &state, e);
	if (err != BW_OK)
		goto out;
	b->closed = state.closed != 0;
	rc = sqlite3_open_v2(
	    part, &to.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		err = bwi_conn_error(&to, rc, part, e);
		goto out;
	}
	err = copy_pages(b, &from, &to, size_of(path), e);
out:
	bwi_conn_close(&to);
	bwi_conn_close(&from);
	return err;
}

/* Copy a segment to a file beside the backup; *part belongs to the caller. */
static enum bw_err
copy_segment(struct backup *b, const struct bwi_segment *s, char **part,
    struct bw_error *e)
{
	char *name = bwi_segment_path(b->path, s->number, ".part");
	enum bw_err err = BW_OK;
	int fd = -1;

	*part = name;
	if (name == NULL)
		return no_memory(e);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		err = bwi_fs_error(e, errno, name, "backup");
	if (err == BW_OK)
		err = copy(b, s->path, name, e);
	if (err == BW_OK && fsync(fd) != 0)
		err = bwi_fs_error(e, errno, name, "backup");
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && err != BW_OK)
		(void)unlink(name);
	return err;
}

/* What tells whether a closed segment has changed. */
struct stamp {
	dev_t dev; /* of the original, which is no copy */
	ino_t ino;
	int64_t store;
	int64_t segment;
	int64_t closed;
	int64_t version;
};

static bool
get_stamp(struct bwi_conn *c, struct stamp *to)
{
	static const char sql[] = "SELECT store, segment, closed, "
				  "user_version FROM meta, pragma_user_version";
	sqlite3_stmt *st = NULL;
	bool good =
	    sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW;

	if (good) {
		*to = (struct stamp){c->dev, c->ino,
		    sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		    sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3)};
	}
	(void)sqlite3_finalize(st);
	return good && to->closed != 0;
}

static bool
get_stamp_of(const char *path, struct stamp *to)
{
	struct bw_error ignored = {0};
	struct bwi_conn c = {0};
	bool good =
	    bwi_conn_open(&c, path, &ignored) == BW_OK && get_stamp(&c, to);

	bwi_conn_close(&c);
	return good;
}

/* Link the file if it is an earlier copy of the same, unchanged segment. */
static bool
link_same(const char *old, const struct stamp *want, const char *name)
{
	struct stamp got;

	return get_stamp_of(old, &got) &&
	       (got.dev != want->dev || got.ino != want->ino) &&
	       got.store == want->store && got.segment == want->segment &&
	       got.closed == want->closed && got.version == want->version &&
	       link(old, name) == 0;
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

/* Look through the folder of the backup. */
static bool
link_earlier(const char *path, const struct bwi_segment *s,
    const struct stamp *want, const char *name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *folder =
	    length > 0 ? bwi_strndup(path, length) : bwi_strndup("./", 2);
	DIR *d = folder != NULL ? opendir(folder) : NULL;
	struct dirent *f;
	char end[48];
	bool linked = false;

	(void)snprintf(end, sizeof(end), ".%06llu%s",
	    (unsigned long long)s->number, s->packed ? BWI_SEGMENT_PACKED : "");
	while (d != NULL && !linked && (f = readdir(d)) != NULL) {
		size_t size = strlen(folder) + strlen(f->d_name) + 1;
		char *old = ends_with(f->d_name, end) ? bwi_alloc(size) : NULL;

		if (old == NULL)
			continue;
		(void)snprintf(old, size, "%s%s", folder, f->d_name);
		linked = link_same(old, want, name);
		bwi_free(old);
	}
	if (d != NULL)
		(void)closedir(d);
	bwi_free(folder);
	return linked;
}

static enum bw_err
add_copy(struct backup *b, const struct bwi_segment *s, const char *name,
    struct bw_error *e)
{
	char *part = NULL;
	enum bw_err err = copy_segment(b, s, &part, e);

	if (err == BW_OK && rename(part, name) != 0)
		err = bwi_fs_error(e, errno, name, "backup");
	bwi_free(part);
	return err;
}

static enum bw_err
add_file(struct backup *b, size_t i, struct bw_error *e)
{
	struct bwi_segment *s = b->from.list[i];
	bool last = i + 1 == b->from.n, linked = false;
	struct bwi_conn *c = NULL;
	struct stamp stamp;
	char *name;
	enum bw_err err = bwi_segments_get(&b->from, i, &c, e);

	if (err != BW_OK || c == NULL)
		return err;
	name = bwi_segment_path(
	    b->path, s->number, s->packed ? BWI_SEGMENT_PACKED : "");
	if (name == NULL)
		return no_memory(e);
	if (!last && get_stamp(c, &stamp)) {
		(void)unlink(name);
		linked = link_earlier(b->path, s, &stamp, name);
	}
	if (!linked)
		err = add_copy(b, s, name, e);
	bwi_free(name);
	return err;
}

/* Its file may be replaced by a compacted one meanwhile. */
static enum bw_err
add_segment(struct backup *b, size_t i, struct bw_error *e)
{
	struct bwi_segment *s = b->from.list[i];
	bool last = i + 1 == b->from.n;
	enum bw_err err = add_file(b, i, e);

	if (err != BW_OK && bwi_segment_is_replaced(s)) {
		*e = (struct bw_error){0};
		err = add_file(b, i, e);
	}
	b->last = s->number;
	b->closed = b->closed || !last;
	return err;
}

/* Copy the segments after the last one copied. */
static enum bw_err
add_next(struct backup *b, struct bw_error *e)
{
	enum bw_err err =
	    bwi_segments_update(&b->from, bw_monotonic_ns() + WAIT, e);

	for (size_t i = 0; err == BW_OK && i < b->from.n; i++) {
		if (b->from.list[i]->number > b->last)
			err = add_segment(b, i, e);
	}
	return err;
}

static void
remove_copy(const char *path, uint64_t number, const char *end)
{
	char *name = bwi_segment_path(path, number, end);

	if (name != NULL)
		(void)unlink(name);
	bwi_free(name);
}

static void
remove_all(struct backup *b)
{
	uint64_t *numbers;
	struct bw_error ignored = {0};
	size_t n;

	if (bwi_segment_list(b->path, &numbers, &n, &ignored) != BW_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		remove_copy(b->path, numbers[i], "");
		remove_copy(b->path, numbers[i], BWI_SEGMENT_PACKED);
	}
	bwi_free(numbers);
}

static int64_t
size_of_all(const struct bwi_segments *g)
{
	int64_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n += size_of(g->list[i]->path);
	return n;
}

/* The segment with the consumers, then the later segments. */
static enum bw_err
add_all(struct backup *b, char **part, struct bw_error *e)
{
	enum bw_err err =
	    bwi_segments_update(&b->from, bw_monotonic_ns() + WAIT, e);

	if (err != BW_OK)
		return err;
	b->all = size_of_all(&b->from);
	err = copy_segment(b, b->from.list[0], part, e);
	if (err == BW_OK)
		b->last = BWI_SEGMENT_OWN;
	while (err == BW_OK && b->closed) {
		b->closed = false;
		err = add_next(b, e);
	}
	return err;
}

static enum bw_err
back_up(struct backup *b, struct bw_error *e)
{
	char *part = NULL;
	enum bw_err err = add_all(b, &part, e);

	/* link, not rename: never replaces an existing file. */
	if (err == BW_OK &&
	    (bwi_fs_sync_dir(b->path) != 0 || link(part, b->path) != 0 ||
		bwi_fs_sync_dir(b->path) != 0))
		err = bwi_fs_error(e, errno, b->path, "backup");
	if (part != NULL && b->last != 0)
		(void)unlink(part);
	if (err != BW_OK && b->last != 0 && access(b->path, F_OK) != 0)
		remove_all(b);
	bwi_free(part);
	return err;
}

static enum bw_err
check_file(
    const char *path, uint64_t number, const char *end, struct bw_error *e)
{
	char *name = bwi_segment_path(path, number, end);
	enum bw_err err = name != NULL ? BW_OK : no_memory(e);

	if (name != NULL && access(name, F_OK) == 0) {
		err = bw_error_set(e, BW_ERR_IO, EEXIST,
		    "%s: backup: left by a backup that was interrupted; remove "
		    "it, or choose another name",
		    name);
	}
	bwi_free(name);
	return err;
}

/*
 * An interrupted backup may have left files. They are refused, not replaced:
 * they may also be all that is left of a store.
 */
static enum bw_err
check_free(const char *path, struct bw_error *e)
{
	uint64_t *numbers;
	size_t n;
	enum bw_err err;

	if (access(path, F_OK) == 0)
		return bwi_fs_error(e, EEXIST, path, "backup");
	err = bwi_segment_list(path, &numbers, &n, e);
	if (err == BW_OK && n > 0)
		err = check_file(path, numbers[0], "", e);
	if (err == BW_OK && n > 0)
		err = check_file(path, numbers[0], BWI_SEGMENT_PACKED, e);
	bwi_free(numbers);
	return err == BW_OK ? check_file(path, BWI_SEGMENT_OWN, ".part", e)
			    : err;
}

enum bw_err
bwi_sqlite_backup(struct bw_store *base, const char *path,
    bw_store_progress_fn *fn, void *arg, struct bw_error *e)
{
	struct backup b = {.from = {.path = bwi_sqlite_of(base)->path},
	    .path = path,
	    .fn = fn,
	    .arg = arg};
	enum bw_err err = check_free(path, e);

	if (err == BW_OK)
		err = back_up(&b, e);
	bwi_segments_close(&b.from);
	return err;
}
