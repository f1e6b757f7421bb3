/*
 * Compacting closed segments. The compacted file is made under a temporary name
 * and compared with the original. It gets its name while the original and the
 * consumers are locked, if the original has not changed since it was copied:
 * that is the moment at which it replaces the original. A process that is
 * killed before leaves a temporary file, one that is killed after leaves the
 * original, which is not read any more.
 */
#include "store/sqlite_compact.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/pack.h"
#include "store/sqlite.h"

/* How long the store may be locked by others. */
#define WAIT (INT64_C(10) * 1000000000)

/* How long the locks are waited for that replacing needs. */
#define LOCK_WAIT (INT64_C(2) * 1000000000)

/* How often a segment is copied that changes meanwhile. */
#define TRIES 3

/* Make the copy, which is complete and durable. */
static enum bw_err
make(struct bwi_compacting *c, int fd, struct bw_error *e)
{
	enum bw_err err = bwi_conn_exec(&c->from, "BEGIN", "compact", e);

	if (err == BW_OK)
		err = bwi_compact_copy(c, e);
	bwi_conn_rollback(&c->from);
	if (err == BW_OK && fsync(fd) != 0)
		err = bwi_fs_error(e, errno, c->part, "store");
	/* With its name, SQLite may have it open in another thread, whose locks
	 * close() would remove. */
	(void)close(fd);
	return err;
}

/* With both locks. BW_ERR_STALE: the original is not as it was copied. */
static enum bw_err
give_name(struct bwi_compacting *c, struct bw_error *e)
{
	const struct bwi_segment *s = c->segment;
	struct bwi_state state = {0};
	enum bw_err err = bwi_sqlite_state(&c->from, &state, e);

	if (err != BW_OK)
		return err;
	if ((int64_t)state.closed != c->closed ||
	    !bwi_conn_is_current(&c->from, s->plain)) {
		return bw_error_set(e, BW_ERR_STALE, 0,
		    "%s: store: it is not compacted, since it changes",
		    s->plain);
	}
	/* Another process may have been faster. */
	if ((link(c->part, s->packed_name) != 0 && errno != EEXIST) ||
	    bwi_fs_sync_dir(s->packed_name) != 0)
		return bwi_fs_error(e, errno, s->packed_name, "store");
	return BW_OK;
}

/* Dropping a segment needs the lock of the consumers, changing one its own. */
static enum bw_err
replace(struct bwi_conn *control, struct bwi_compacting *c, struct bw_error *e)
{
	enum bw_err err;

	control->deadline = c->from.deadline = bw_monotonic_ns() + LOCK_WAIT;
	err = bwi_conn_do(control, BWI_SQL_BEGIN, "lock", e);
	if (err != BW_OK)
		return err;
	err = bwi_conn_do(&c->from, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK)
		err = give_name(c, e);
	bwi_conn_rollback(&c->from);
	bwi_conn_rollback(control);
	return err;
}

/* Events need the room more than a copy that may be smaller. */
static enum bw_err
check_room(const struct bwi_segment *s, struct bw_error *e)
{
	struct statvfs fs;
	struct stat st;

	if (stat(s->plain, &st) != 0 || statvfs(s->plain, &fs) != 0 ||
	    (uint64_t)fs.f_bavail * fs.f_frsize > (uint64_t)st.st_size)
		return BW_OK;
	return bw_error_set(e, BW_ERR_FULL, 0,
	    "%s: store: compacting it needs as much room on the disk as it has "
	    "bytes",
	    s->plain);
}

/* Copy the segment, and replace it. */
static enum bw_err
try_once(const char *path, struct bwi_conn *control, struct bwi_compacting *c,
    struct bw_error *e)
{
	char *part;
	int fd;
	enum bw_err err = check_room(c->segment, e);

	if (err == BW_OK)
		err = bwi_segment_temporary(path, &fd, &part, e);
	if (err != BW_OK)
		return err;
	c->part = part;
	err = make(c, fd, e);
	if (err == BW_OK)
		err = replace(control, c, e);
	bwi_segment_remove_temporary(part);
	bwi_free(part);
	return err;
}

/* The original is not used any more: if it stays, a sweep removes it. */
static void
remove_plain(const char *path, uint64_t number)
{
	struct bw_error ignored = {0};
	enum bw_err err = bwi_segment_remove_plain(path, number, &ignored);

	(void)err;
}

static enum bw_err
compact(struct bwi_segments *g, struct bwi_segment *s, atomic_bool *stop,
    struct bw_error *e)
{
	struct bwi_compacting c = {.segment = s, .stop = stop};
	enum bw_err err = BW_ERR_STALE;

	c.from.fixed = true;
	for (int i = 0; err == BW_ERR_STALE && i < TRIES; i++) {
		*e = (struct bw_error){0};
		err = bwi_conn_open(&c.from, s->plain, e);
		if (err == BW_ERR_NOFILE) { /* dropped meanwhile */
			*e = (struct bw_error){0};
			return BW_OK;
		}
		if (err == BW_OK)
			err = bwi_sqlite_check(&c.from, e);
		if (err == BW_OK)
			err = try_once(g->path, bwi_segments_control(g), &c, e);
		bwi_conn_close(&c.from);
	}
	if (err == BW_OK)
		remove_plain(g->path, s->number);
	return err;
}

static enum bw_err
get_bytes(struct bwi_segments *g, size_t i, uint64_t *bytes, struct bw_error *e)
{
	struct bwi_conn *c;
	enum bw_err err = bwi_segments_get(g, i, &c, e);

	*bytes = 0;
	return err == BW_OK && c != NULL ? bwi_sqlite_bytes(c, bytes, e) : err;
}

/* Compact segment i, if it is to be. */
static enum bw_err
look_at(struct bwi_segments *g, size_t i, int64_t before, atomic_bool *stop,
    struct bw_store_compaction *out, struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	uint64_t bytes = 0, left = 0;
	bool there = false;
	enum bw_err err;

	if (s->packed || s->packed_name == NULL)
		return BW_OK;
	g->deadline = bw_monotonic_ns() + WAIT;
	err = bwi_segments_describe(g, i, &there, e);
	if (err != BW_OK || !there || s->extent.newest >= before)
		return err;
	err = get_bytes(g, i, &bytes, e);
	if (err == BW_OK && !s->packed && s->conn.db != NULL) {
		bwi_conn_close(&s->conn);
		err = compact(g, s, stop, e);
		if (err == BW_OK)
			err = get_bytes(g, i, &left, e);
		if (err == BW_OK && s->packed) {
			out->segments++;
			out->before += bytes;
			out->after += left;
		}
	}
	return err;
}

static bool
is_stopped(atomic_bool *stop)
{
	return stop != NULL && atomic_load(stop);
}

/* Does the failure leave the other segments as they are? */
static bool
fails_alone(enum bw_err err)
{
	return err == BW_ERR_CORRUPT || err == BW_ERR_STALE ||
	       err == BW_ERR_LIMIT || err == BW_ERR_UNSUPPORTED;
}

static enum bw_err
compact_all(struct bwi_segments *g, int64_t before, atomic_bool *stop,
    struct bw_store_compaction *out, struct bw_error *e)
{
	enum bw_err first = bwi_segments_update(g, bw_monotonic_ns() + WAIT, e);

	for (size_t i = 1; i + 1 < g->n; i++) {
		struct bw_error one = {0};
		enum bw_err err;

		if (first != BW_OK && !fails_alone(first))
			break;
		if (is_stopped(stop))
			return bw_error_set(
			    e, BW_ERR_DEADLINE, 0, "store: stopped");
		err = look_at(g, i, before, stop, out, &one);
		if (err != BW_OK && (first == BW_OK || !fails_alone(err))) {
			first = err;
			*e = one;
		}
	}
	return first;
}

enum bw_err
bwi_compact(const char *path, int64_t before, atomic_bool *stop,
    struct bw_store_compaction *out, struct bw_error *e)
{
	struct bwi_segments g = {.path = path};
	enum bw_err err;

	*out = (struct bw_store_compaction){.segments = 0};
	if (!bwi_pack_available())
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "%s: store: compacting needs libzstd, and this program was "
		    "built without it",
		    path);
	bwi_segment_sweep(path);
	err = compact_all(&g, before, stop, out, e);
	bwi_segments_close(&g);
	return err;
}

enum bw_err
bwi_sqlite_compact(struct bw_store *base, int64_t before,
    struct bw_store_compaction *out, struct bw_error *e)
{
	return bwi_compact(bwi_sqlite_of(base)->path, before, NULL, out, e);
}
