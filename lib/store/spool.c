#include "store/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/counter.h"
#include "os/file.h"
#include "os/file_lock.h"
#include "os/fs.h"
#include "store/spool_record.h"

#define ONE_WAIT 50 /* longest single wait for the lock, in milliseconds */

/* A batch ends with the record that reaches this. */
#define BATCH_BYTES ((size_t)1 << 20)

#define MAX_DAMAGED 1000000 /* files that are kept beside each other */

struct bwi_spool {
	char *path;
	char *draining; /* the file that is being drained */
	char *damaged;	/* the last damaged file, or where it would be */
	size_t damaged_size;
	int64_t max;
};

enum bw_err
bwi_spool_open(const char *path, int64_t max, struct bwi_spool **out)
{
	struct bwi_spool *s = bwi_calloc(1, sizeof(*s));
	static const char suffix[] = ".draining";
	size_t n = strlen(path);

	if (s == NULL)
		return BW_ERR_NOMEM;
	s->max = max;
	s->path = bwi_strndup(path, n);
	s->draining = bwi_alloc(n + sizeof(suffix));
	s->damaged_size = n + sizeof(".damaged.1000000");
	s->damaged = bwi_alloc(s->damaged_size);
	if (s->path == NULL || s->draining == NULL || s->damaged == NULL) {
		bwi_spool_free(s);
		return BW_ERR_NOMEM;
	}
	memcpy(s->draining, path, n);
	memcpy(s->draining + n, suffix, sizeof(suffix));
	*out = s;
	return BW_OK;
}

void
bwi_spool_free(struct bwi_spool *s)
{
	if (s == NULL)
		return;
	bwi_free(s->path);
	bwi_free(s->draining);
	bwi_free(s->damaged);
	bwi_free(s);
}

const char *
bwi_spool_path(const struct bwi_spool *s)
{
	return s->path;
}

static int64_t
file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size
							   : 0;
}

int64_t
bwi_spool_size(struct bwi_spool *s)
{
	return file_size(s->path) + file_size(s->draining);
}

static bool
is_named(const char *path, const struct stat *st)
{
	struct stat named;

	return stat(path, &named) == 0 && named.st_ino == st->st_ino &&
	       named.st_dev == st->st_dev;
}

/* One attempt: -1 with errno, EWOULDBLOCK if another attempt may succeed. */
static int
open_once(const char *path, int flags, int64_t wait_ms, struct stat *st)
{
	int fd = bwi_file_open(path, flags | O_NOFOLLOW, 0640, NULL);
	int sys;

	if (fd < 0)
		return -1;
	if (bwi_file_lock(fd, wait_ms) && fstat(fd, st) == 0) {
		if (is_named(path, st))
			return fd;
		errno = EWOULDBLOCK; /* renamed before we had the lock */
	}
	sys = errno;
	close(fd);
	errno = sys;
	return -1;
}

/*
 * Open the file of this name and lock it. Draining renames the file, so the
 * name is checked again after each short wait for the lock. -1 with errno:
 * EWOULDBLOCK if the lock was not free for wait_ms milliseconds; 0: one attempt
 * without waiting.
 */
static int
open_locked(const char *path, int flags, int64_t wait_ms, struct stat *st)
{
	int fd;

	do {
		int64_t now = wait_ms < ONE_WAIT ? wait_ms : ONE_WAIT;

		fd = open_once(path, flags, now, st);
		wait_ms -= ONE_WAIT;
	} while (fd < 0 && errno == EWOULDBLOCK && wait_ms > 0);
	return fd;
}

static enum bw_err
open_error(const char *path, struct bw_error *e)
{
	if (errno != EWOULDBLOCK)
		return bwi_fs_error(e, errno, path, "spool");
	return bw_error_set(e, BW_ERR_BUSY, errno,
	    "%s: spool: locked by another process; try again", path);
}

static enum bw_err
append_locked(struct bwi_spool *s, int fd, int64_t size, const struct bw_buf *b,
    struct bw_error *e)
{
	if (size + (int64_t)b->n > s->max) {
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "%s: spool: full: at most %lld bytes", s->path,
		    (long long)s->max);
	}
	if (bwi_file_write(fd, (struct bw_str){b->p, b->n}) &&
	    fdatasync(fd) == 0 && (size > 0 || bwi_fs_sync_dir(s->path) == 0))
		return BW_OK;
	(void)bwi_fs_error(e, errno, s->path, "spool");
	/* Not acknowledged, so undo the append. */
	if (ftruncate(fd, (off_t)size) != 0)
		return e != NULL ? e->code : BW_ERR_IO;
	return e != NULL && e->code != BW_OK ? e->code : BW_ERR_IO;
}

enum bw_err
bwi_spool_append(struct bwi_spool *s, const struct bw_store_event *events,
    size_t n, int64_t wait_ms, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	struct bw_buf b;
	struct stat st;
	int fd = -1;

	bw_buf_init(&b, (BWI_SPOOL_HEADER + BWI_SPOOL_MAX_RECORD) * 64);
	for (size_t i = 0; i < n; i++)
		bwi_spool_record_put(&b, &events[i]);
	if (b.err != BW_OK) {
		err =
		    bw_error_set(e, b.err, 0, "spool: %s", bw_strerror(b.err));
		goto out;
	}
	if (wait_ms < ONE_WAIT)
		wait_ms = ONE_WAIT;
	if (wait_ms > BWI_SPOOL_MAX_WAIT)
		wait_ms = BWI_SPOOL_MAX_WAIT;
	fd = open_locked(s->path, O_CREAT | O_WRONLY | O_APPEND, wait_ms, &st);
	if (fd < 0) {
		err = open_error(s->path, e);
		goto out;
	}
	err = append_locked(s, fd, (int64_t)st.st_size, &b, e);
	if (err == BW_OK)
		bwi_count(BWI_COUNT_SPOOLED_EVENTS_ALL, n);
out:
	if (fd >= 0)
		close(fd);
	bw_buf_free(&b);
	return err;
}

/* A file that is being drained, and the events that are stored next. */
struct drain {
	int fd;
	int64_t size;
	int64_t at; /* up to here records were read */
	bwi_spool_fn *fn;
	void *arg;
	size_t *stored;
	uint64_t *damaged;
	struct bw_buf contents;
	size_t n; /* of the following */
	struct bwi_spool_record records[BWI_SPOOL_BATCH];
	struct bw_store_event events[BWI_SPOOL_BATCH];
	char keys[BWI_SPOOL_BATCH][BWI_SPOOL_KEY];
};

/* Read the next records that are not stored. */
static enum bw_err
read_batch(struct drain *d)
{
	d->n = 0;
	bw_buf_reset(&d->contents);
	while (d->at < d->size && d->n < BWI_SPOOL_BATCH &&
	       d->contents.n < BATCH_BYTES) {
		struct bwi_spool_record *r = &d->records[d->n];

		r->at = d->at;
		if (!bwi_spool_record_read(d->fd, d->size, &d->contents, r)) {
			if (d->contents.err != BW_OK)
				return d->contents.err;
			/* Search for the next record. */
			d->at++;
			++*d->damaged;
			continue;
		}
		d->at += BWI_SPOOL_HEADER + (int64_t)r->length;
		if (r->stored)
			d->contents.n = r->from;
		else
			d->n++;
	}
	return BW_OK;
}

/* Records whose content is invalid although the checksum is right are damaged.
 */
static void
decode_batch(struct drain *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct bwi_spool_record *r = &d->records[i];
		struct bw_str content = {d->contents.p + r->from, r->n};

		if (bwi_spool_record_get(content, &d->events[n], d->keys[n]))
			d->records[n++] = *r;
		else
			*d->damaged += BWI_SPOOL_HEADER + r->length;
	}
	d->n = n;
}

/* Not synced: if a mark is lost, the key prevents a duplicate. */
static enum bw_err
mark_stored(struct drain *d, size_t first, size_t n, struct bw_error *e)
{
	for (size_t i = first; i < first + n; i++) {
		if (!bwi_spool_record_store(d->fd, &d->records[i]))
			return bw_error_set(
			    e, BW_ERR_IO, errno, "spool: %s", strerror(errno));
		++*d->stored;
	}
	return BW_OK;
}

/*
 * Of a batch that was refused one event may be the cause. Those before it must
 * be stored, and fn may know what to do about it.
 */
static enum bw_err
store_singly(struct drain *d, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < d->n; i++) {
		if (e != NULL)
			*e = (struct bw_error){.code = BW_OK};
		err = d->fn(d->arg, &d->events[i], 1, e);
		if (err == BW_OK)
			err = mark_stored(d, i, 1, e);
	}
	return err;
}

static enum bw_err
store_batch(struct drain *d, struct bw_error *e)
{
	enum bw_err err;

	if (d->n == 0)
		return BW_OK;
	err = d->fn(d->arg, d->events, d->n, e);
	if (err == BW_OK)
		return mark_stored(d, 0, d->n, e);
	if (d->n == 1 || err == BW_ERR_BUSY || err == BW_ERR_DEADLINE)
		return err;
	return store_singly(d, e);
}

static enum bw_err
drain_file(struct drain *d, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	while (err == BW_OK && d->at < d->size) {
		err = read_batch(d);
		if (err != BW_OK)
			return bw_error_set(
			    e, err, 0, "spool: %s", bw_strerror(err));
		decode_batch(d);
		err = store_batch(d, e);
	}
	return err;
}

/*
 * Rename the file for draining, so that appends go to a new file. False with
 * errno: ENOENT if there is no file.
 */
static bool
rename_for_draining(struct bwi_spool *s)
{
	struct stat st;
	int fd, sys;
	bool done;

	if (access(s->draining, F_OK) == 0)
		return true; /* from an unfinished drain */
	fd = open_locked(s->path, O_WRONLY, BWI_SPOOL_MAX_WAIT, &st);
	if (fd < 0)
		return false;
	done =
	    access(s->draining, F_OK) == 0 || rename(s->path, s->draining) == 0;
	sys = errno;
	close(fd);
	errno = sys;
	return done;
}

/* Nothing to drain, or another process is draining or appending. */
static bool
is_nothing_to_do(int sys)
{
	return sys == ENOENT || sys == EWOULDBLOCK;
}

/*
 * Rename a damaged file to PATH.damaged, PATH.damaged.2 and so on, since its
 * events have been acknowledged. The caller's lock prevents that two processes
 * choose the same name. Returns false with errno.
 */
static bool
set_aside(struct bwi_spool *s)
{
	struct stat st;

	for (int i = 1; i <= MAX_DAMAGED; i++) {
		(void)snprintf(s->damaged, s->damaged_size,
		    i == 1 ? "%s.damaged" : "%s.damaged.%d", s->path, i);
		if (lstat(s->damaged, &st) != 0)
			return errno == ENOENT &&
			       rename(s->draining, s->damaged) == 0 &&
			       bwi_fs_sync_dir(s->path) == 0;
	}
	errno = EEXIST;
	return false;
}

enum bw_err
bwi_spool_damage(
    const struct bwi_spool *s, uint64_t damaged, struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_CORRUPT, 0,
	    "spool: damaged: %llu bytes were skipped; the file is kept as %s",
	    (unsigned long long)damaged, s->damaged);
}

/* The caller has the lock of the file. */
static enum bw_err
drain_locked(struct bwi_spool *s, struct drain *d, struct bw_error *e)
{
	enum bw_err err = drain_file(d, e);

	if (err == BW_OK &&
	    (*d->damaged > 0 ? !set_aside(s) : unlink(s->draining) != 0))
		err = bwi_fs_error(e, errno, s->draining, "spool");
	return err;
}

enum bw_err
bwi_spool_drain(struct bwi_spool *s, bwi_spool_fn *fn, void *arg, size_t *n,
    uint64_t *damaged, struct bw_error *e)
{
	struct drain *d;
	struct stat st;
	enum bw_err err;
	int fd;

	*n = 0;
	*damaged = 0;
	if (!rename_for_draining(s))
		return is_nothing_to_do(errno) ? BW_OK : open_error(s->path, e);
	fd = open_locked(s->draining, O_RDWR, 0, &st);
	if (fd < 0)
		return is_nothing_to_do(errno) ? BW_OK
					       : open_error(s->draining, e);
	d = bwi_calloc(1, sizeof(*d));
	if (d == NULL) {
		close(fd);
		return bw_error_set(e, BW_ERR_NOMEM, 0, "spool: out of memory");
	}
	d->fd = fd;
	d->size = (int64_t)st.st_size;
	d->fn = fn;
	d->arg = arg;
	d->stored = n;
	d->damaged = damaged;
	bw_buf_init(&d->contents, BATCH_BYTES + BWI_SPOOL_MAX_RECORD + 1);
	err = drain_locked(s, d, e);
	bw_buf_free(&d->contents);
	bwi_free(d);
	close(fd);
	return err;
}
