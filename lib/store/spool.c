#include "store/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "base/counter.h"
#include "base/hex.h"
#include "os/file.h"
#include "os/file_lock.h"
#include "os/fs.h"
#include "store/event_strings.h"

#define HEADER 40     /* "BWSR", length, checksum */
#define MARK   '\377' /* after "BWS" in the content */
#define SUM    SHA256_DIGEST_SIZE
#define FIXED  32 /* four numbers, before the strings */
#define ANSWER 24 /* four numbers, before the strings of an answer */

#define ONE_WAIT 50 /* longest single wait for the lock, in milliseconds */

/*
 * Maximum size of a record: a body, an answer and the strings, each of at
 * most the length of a URI.
 */
#define MAX_RECORD (2 * (size_t)BW_MAX_BODY + 17 * (size_t)BW_MAX_URI)

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

static void
put_number(struct bw_buf *b, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		bw_buf_putc(b, (char)(unsigned char)(v >> (8 * i)));
}

static uint64_t
get_number(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void
checksum(const void *p, size_t n, uint8_t sum[SUM])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, p);
	sha256_digest(&ctx, SUM, sum);
}

static void
put_string(struct bw_buf *b, struct bw_str s)
{
	put_number(b, s.p != NULL ? s.n : UINT32_MAX, 4);
	if (s.p != NULL)
		bw_buf_str(b, s);
}

/*
 * Append the content of a record, with a byte after each "BWS", so that it
 * never contains the magic of another record.
 */
static void
put_marked(struct bw_buf *b, const struct bw_buf *content)
{
	size_t from = 0;

	for (size_t i = 3; i <= content->n; i++) {
		if (memcmp(content->p + i - 3, "BWS", 3) == 0) {
			bw_buf_add(b, content->p + from, i - from);
			bw_buf_putc(b, MARK);
			from = i;
		}
	}
	if (content->n > from)
		bw_buf_add(b, content->p + from, content->n - from);
}

/* Remove these bytes again, in place. Returns the new length. */
static size_t
remove_marks(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		p[to++] = p[i];
		if (to >= 3 && i + 1 < n && p[i + 1] == MARK &&
		    memcmp(p + to - 3, "BWS", 3) == 0)
			i++;
	}
	return to;
}

/* An answer that is known beforehand ends the record. */
static void
put_answer(struct bw_buf *b, const struct bw_store_answer *a)
{
	put_number(b, (uint64_t)a->status, 4);
	put_number(b, a->fallback, 4);
	put_number(b, (uint64_t)a->answered, 8);
	put_number(b, (uint64_t)a->duration, 8);
	put_string(b, a->content_type);
	put_string(b, a->body);
	put_string(b, a->trace);
}

static void
put_content(struct bw_buf *b, const struct bw_store_event *e)
{
	put_number(b, (uint64_t)e->received, 8);
	put_number(b, (uint64_t)e->window, 8);
	put_number(b, (uint64_t)e->batch, 8);
	put_number(b, (uint64_t)e->index, 8);
#define X(name) put_string(b, e->name);
	BWI_STORE_EVENT_STRINGS(X)
#undef X
	if (e->answer.status != 0)
		put_answer(b, &e->answer);
}

static void
put_record(struct bw_buf *b, const struct bw_store_event *e)
{
	size_t start = b->n, n;
	uint8_t head[HEADER] = "BWSR";
	struct bw_buf content;

	bw_buf_init(&content, MAX_RECORD);
	put_content(&content, e);
	bw_buf_add(b, (const char *)head, sizeof(head));
	put_marked(b, &content);
	if (content.err != BW_OK && b->err == BW_OK)
		b->err = content.err;
	bw_buf_free(&content);
	if (b->err != BW_OK)
		return;
	n = b->n - start - HEADER;
	if (n > MAX_RECORD) {
		b->err = BW_ERR_LIMIT;
		return;
	}
	for (int i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(n >> (8 * i));
	checksum(b->p + start + HEADER, n, head + 8);
	memcpy(b->p + start, head, HEADER);
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

	bw_buf_init(&b, (HEADER + MAX_RECORD) * 64);
	for (size_t i = 0; i < n; i++)
		put_record(&b, &events[i]);
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

/* Read position in a record. */
struct cursor {
	const unsigned char *p;
	size_t n;
};

static bool
get_string(struct cursor *c, struct bw_str *out)
{
	uint64_t n;

	if (c->n < 4)
		return false;
	n = get_number(c->p, 4);
	c->p += 4;
	c->n -= 4;
	if (n == UINT32_MAX)
		return true;
	if (n > c->n)
		return false;
	*out = (struct bw_str){(const char *)c->p, (size_t)n};
	c->p += n;
	c->n -= (size_t)n;
	return true;
}

static bool
get_answer(struct cursor *c, struct bw_store_answer *a)
{
	if (c->n < ANSWER)
		return false;
	*a = (struct bw_store_answer){
	    .status = (int)get_number(c->p, 4),
	    .fallback = get_number(c->p + 4, 4) != 0,
	    .answered = (int64_t)get_number(c->p + 8, 8),
	    .duration = (int64_t)get_number(c->p + 16, 8),
	};
	c->p += ANSWER;
	c->n -= ANSWER;
	return get_string(c, &a->content_type) && get_string(c, &a->body) &&
	       (c->n == 0 || get_string(c, &a->trace)); /* an older version */
}

static bool
get_record(const unsigned char *p, size_t n, struct bw_store_event *e)
{
	struct cursor c;

	if (n < FIXED)
		return false;
	c = (struct cursor){p + FIXED, n - FIXED};
	*e = (struct bw_store_event){
	    .received = (int64_t)get_number(p, 8),
	    .window = (int64_t)get_number(p + 8, 8),
	    .batch = (int)get_number(p + 16, 4),
	    .index = (int)get_number(p + 24, 4),
	};
#define X(name) \
	if (c.n == 0 && &e->name == &e->query) \
		return true; \
	if (!get_string(&c, &e->name)) \
		return false;
	BWI_STORE_EVENT_STRINGS(X)
#undef X
	return c.n == 0 || (get_answer(&c, &e->answer) && c.n == 0);
}

/*
 * Read the record at an offset into b. False: there is no intact record, after
 * a crash or a disk error.
 */
static bool
read_record(int fd, int64_t at, int64_t size, struct bw_buf *b, size_t *length,
    bool *stored, bool *marked)
{
	unsigned char head[HEADER];
	uint8_t sum[SUM];
	size_t n;

	if (pread(fd, head, HEADER, (off_t)at) != HEADER ||
	    memcmp(head, "BWS", 3) != 0)
		return false;
	n = (size_t)get_number(head + 4, 4);
	if (n > MAX_RECORD || at + HEADER + (int64_t)n > size)
		return false;
	*stored = head[3] == '0' || head[3] == 'm';
	*marked = head[3] == 'R' || head[3] == 'm';
	if (!*stored && !*marked && head[3] != '1')
		return false;
	bw_buf_reset(b);
	bw_buf_reserve(b, n);
	if (b->err != BW_OK ||
	    pread(fd, b->p, n, (off_t)at + HEADER) != (ssize_t)n)
		return false;
	checksum(b->p, n, sum);
	*length = n;
	return memcmp(sum, head + 8, SUM) == 0;
}

/*
 * Make a key of the record's hash for an event without a key. Otherwise a crash
 * between storing the event and removing the spool would store it twice.
 */
static void
make_key(struct bw_store_event *e, const char *record, size_t n, char key[80])
{
	static const char prefix[] = "spooled:#";
	const size_t at = sizeof(prefix) - 1;
	uint8_t sum[SUM];

	if (e->key.p != NULL)
		return;
	checksum(record, n, sum);
	memcpy(key, prefix, at);
	bwi_hex_encode(sum, SUM, key + at);
	e->key = (struct bw_str){key, at + 2 * SUM};
}

/*
 * Pass a record to fn, and mark it as stored. *good becomes false if its
 * content is invalid although the checksum is right.
 */
static enum bw_err
drain_record(int fd, int64_t at, struct bw_str record, bool marked,
    bwi_spool_fn *fn, void *arg, bool *good, struct bw_error *e)
{
	struct bw_store_event event;
	char key[80];
	enum bw_err err;

	*good = get_record((const unsigned char *)record.p, record.n, &event);
	if (!*good)
		return BW_OK;
	make_key(&event, record.p, record.n, key);
	err = fn(arg, &event, e);
	if (err != BW_OK)
		return err;
	/* Not synced: if the mark is lost, the key prevents a duplicate. */
	if (pwrite(fd, marked ? "BWSm" : "BWS0", 4, (off_t)at) != 4)
		return bw_error_set(
		    e, BW_ERR_IO, errno, "spool: %s", strerror(errno));
	return BW_OK;
}

static enum bw_err
drain_file(int fd, int64_t size, bwi_spool_fn *fn, void *arg, size_t *n,
    uint64_t *damaged, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	struct bw_buf b;
	int64_t at = 0;

	bw_buf_init(&b, MAX_RECORD + 1);
	while (at < size && err == BW_OK) {
		struct bw_str record;
		size_t length;
		bool stored, marked, good = true;

		if (!read_record(fd, at, size, &b, &length, &stored, &marked)) {
			if (b.err != BW_OK)
				break;
			/* Search for the next record. */
			at++;
			++*damaged;
			continue;
		}
		record = (struct bw_str){
		    b.p, marked ? remove_marks(b.p, length) : length};
		if (!stored)
			err = drain_record(
			    fd, at, record, marked, fn, arg, &good, e);
		if (!good)
			*damaged += HEADER + length;
		else if (!stored && err == BW_OK)
			++*n;
		at += HEADER + (int64_t)length;
	}
	if (b.err != BW_OK)
		err =
		    bw_error_set(e, b.err, 0, "spool: %s", bw_strerror(b.err));
	bw_buf_free(&b);
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

enum bw_err
bwi_spool_drain(struct bwi_spool *s, bwi_spool_fn *fn, void *arg, size_t *n,
    uint64_t *damaged, struct bw_error *e)
{
	enum bw_err err;
	struct stat st;
	int fd;

	*n = 0;
	*damaged = 0;
	if (!rename_for_draining(s))
		return is_nothing_to_do(errno) ? BW_OK : open_error(s->path, e);
	fd = open_locked(s->draining, O_RDWR, 0, &st);
	if (fd < 0)
		return is_nothing_to_do(errno) ? BW_OK
					       : open_error(s->draining, e);
	err = drain_file(fd, (int64_t)st.st_size, fn, arg, n, damaged, e);
	if (err == BW_OK &&
	    (*damaged > 0 ? !set_aside(s) : unlink(s->draining) != 0))
		err = bwi_fs_error(e, errno, s->draining, "spool");
	close(fd);
	return err;
}
