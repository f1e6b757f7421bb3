/* SQLite connections: opening, prepared statements, error codes. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "os/file.h"
#include "os/fs.h"
#include "store/sqlite.h"

/* Maximum size of the values of a row that are kept or shortened. */
#define MAX_TEXT (16 * (size_t)BW_MAX_URI)

/* Opening may wait while another process recovers the log. */
#define OPENING INT64_C(1000000000)

static const char *const texts[] = {
#define X(name, sql) [BWI_SQL_##name] = sql,
#include "store/statements.def"
#undef X
};

/*
 * SQLite's own busy handler sleeps up to 100 ms, which makes several writing
 * processes wait long. A transaction takes about one sync to disk, so retry
 * about that often, at random intervals. A busy process releases the lock only
 * briefly between two transactions, so retry more often after many failures, to
 * avoid starvation.
 */
#define RARE_TRIES 20

static int
wait_for_lock(void *arg, int tries)
{
	const struct bwi_conn *c = arg;
	int64_t now = bw_monotonic_ns();
	struct timespec pause = {
	    .tv_nsec = (long)(tries < RARE_TRIES ? 200000 + now % 800000
						 : 50000 + now % 150000)};

	if (now >= c->deadline)
		return 0;
	(void)nanosleep(&pause, NULL);
	return 1;
}

/*
 * A page has whole rows only: with pages of 4 kB, a sixth of each is empty
 * beside four events of the usual size, with these a twelfth. But for a single
 * event its whole page is written.
 */
#define PAGE "8192"

/*
 * Pages in the log before a checkpoint. With more, several versions of a page
 * are copied once; but recovery after a crash reads them all.
 */
#define LONG_LOG 2000

static int
set_frames(void *arg, sqlite3 *db, const char *name, int frames)
{
	struct bwi_conn *c = arg;

	(void)db;
	(void)name;
	c->frames = frames;
	return SQLITE_OK;
}

bool
bwi_conn_log_is_long(const struct bwi_conn *c)
{
	return c->db != NULL && c->frames >= LONG_LOG;
}

/* Pages that cannot be copied now stay in the log, where they are durable. */
void
bwi_conn_checkpoint(struct bwi_conn *c)
{
	if (!bwi_conn_log_is_long(c))
		return;
	c->frames = 0;
	(void)sqlite3_wal_checkpoint_v2(
	    c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static enum bw_err
code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
		return BW_ERR_BUSY;
	case SQLITE_FULL:
		return BW_ERR_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return BW_ERR_CORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return BW_ERR_READONLY;
	case SQLITE_NOMEM:
		return BW_ERR_NOMEM;
	case SQLITE_TOOBIG:
		return BW_ERR_LIMIT;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_PROTOCOL:
		return BW_ERR_IO;
	default:
		return BW_ERR_INTERNAL;
	}
}

/* A group of a compacted segment could not be read. */
static enum bw_err
group_error(struct bwi_conn *c, struct bw_error *e)
{
	int64_t seq = c->damaged;

	c->damaged = 0;
	return bw_error_set(e, BW_ERR_CORRUPT, 0,
	    "%s: store: the group with event %lld is damaged",
	    sqlite3_db_filename(c->db, "main"), (long long)seq);
}

enum bw_err
bwi_conn_error(struct bwi_conn *c, int rc, const char *what, struct bw_error *e)
{
	int sys = c->db != NULL ? sqlite3_system_errno(c->db) : 0;
	enum bw_err code = code_of(rc);

	if (code == BW_ERR_IO &&
	    (sys == ENOSPC || sys == EDQUOT || sys == EFBIG))
		code = BW_ERR_FULL;
	if (code == BW_ERR_IO && sys == EACCES)
		code = BW_ERR_READONLY;
	if (c->db != NULL && code == BW_ERR_CORRUPT && c->damaged != 0)
		return group_error(c, e);
	if (c->db != NULL && rc == SQLITE_CONSTRAINT_TRIGGER)
		return bw_error_set(
		    e, BW_ERR_READONLY, 0, "store: %s", sqlite3_errmsg(c->db));
	if (c->db != NULL && code == BW_ERR_INTERNAL) {
		return bw_error_set(
		    e, code, 0, "store: %s: %s", what, sqlite3_errmsg(c->db));
	}
	if (code != BW_ERR_IO && code != BW_ERR_FULL)
		sys = 0;
	return bw_error_set(e, code, sys, "store: %s: %s (%d)%s%s", what,
	    sqlite3_errstr(rc), rc, sys != 0 ? ": " : "",
	    sys != 0 ? strerror(sys) : "");
}

enum bw_err
bwi_conn_exec(
    struct bwi_conn *c, const char *sql, const char *what, struct bw_error *e)
{
	int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, what, e);
}

/*
 * What a new file keeps; the first page is not written yet. auto_vacuum lets
 * pruning return pages to the file system; whole segments are dropped.
 */
static enum bw_err
format(struct bwi_conn *c, const char *path, struct bw_error *e)
{
	return bwi_conn_exec(c,
	    c->fixed ? "PRAGMA page_size = " PAGE
		     : "PRAGMA page_size = " PAGE
		       "; PRAGMA auto_vacuum = INCREMENTAL",
	    path, e);
}

static enum bw_err
set_up(struct bwi_conn *c, const char *path, struct bw_error *e)
{
	/*
	 * FULL: a commit is durable before it returns, in both journal modes.
	 * cell_size_check: do not trust the sizes in a page. cache_size: more
	 * would fill with pages of events, which are never read again.
	 * temp_store: no statement journal in /tmp.
	 */
	static const char pragmas[] = "PRAGMA synchronous = FULL;"
				      "PRAGMA cell_size_check = ON;"
				      "PRAGMA trusted_schema = OFF;"
				      "PRAGMA cache_size = -4096;"
				      "PRAGMA temp_store = MEMORY;"
				      "PRAGMA journal_size_limit = 67108864;";
	const char *journal = bwi_fs_is_shared(path)
				  ? "PRAGMA journal_mode = TRUNCATE"
				  : "PRAGMA journal_mode = WAL";
	enum bw_err err = bwi_conn_exec(c, pragmas, path, e);

	if (err != BW_OK)
		return err;
	/*
	 * SQLite does not call the busy handler while another process changes
	 * the journal mode.
	 */
	for (int tries = 0;
	     (err = bwi_conn_exec(c, journal, path, e)) == BW_ERR_BUSY &&
	     wait_for_lock(c, tries) != 0;
	     tries++)
		*e = (struct bw_error){0};
	return err;
}

enum bw_err
bwi_conn_open_until(
    struct bwi_conn *c, const char *path, int64_t deadline, struct bw_error *e)
{
	enum bw_err err;
	struct stat st;
	int rc;

	if (stat(path, &st) != 0) {
		return errno == ENOENT ? bw_error_set(e, BW_ERR_NOFILE, errno,
					     "%s: store: does not exist; "
					     "bwcallback.fcgi creates it",
					     path)
				       : bwi_fs_error(e, errno, path, "store");
	}
	/* SQLite would wait for the other end of a FIFO. */
	if (!S_ISREG(st.st_mode))
		return bwi_fs_error(e, BWI_FILE_IRREGULAR, path, "store");
	c->dev = st.st_dev;
	c->ino = st.st_ino;
	c->deadline = deadline;
	bw_buf_init(&c->text, MAX_TEXT);
	rc = sqlite3_open_v2(
	    path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		err = bwi_conn_error(c, rc, path, e);
	} else {
		(void)sqlite3_extended_result_codes(c->db, 1);
		(void)sqlite3_busy_handler(c->db, wait_for_lock, c);
		/*
		 * Replaces SQLite's automatic checkpoint, which would delay the
		 * callers of a commit.
		 */
		(void)sqlite3_wal_hook(c->db, set_frames, c);
		rc = bwi_unpack_register(c);
		err = rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, path, e);
		if (err == BW_OK && st.st_size == 0)
			err = format(c, path, e);
		if (err == BW_OK)
			err = set_up(c, path, e);
	}
	if (err == BW_OK && sqlite3_db_readonly(c->db, "main") == 1) {
		err = bw_error_set(e, BW_ERR_READONLY, 0,
		    "%s: store: this user may not write to the file", path);
	}
	if (err != BW_OK)
		bwi_conn_close(c);
	return err;
}

enum bw_err
bwi_conn_open(struct bwi_conn *c, const char *path, struct bw_error *e)
{
	return bwi_conn_open_until(c, path, bw_monotonic_ns() + OPENING, e);
}

void
bwi_conn_close(struct bwi_conn *c)
{
	for (size_t i = 0; i < BWI_SQL__MAX; i++) {
		(void)sqlite3_finalize(c->statements[i]);
		c->statements[i] = NULL;
	}
	(void)sqlite3_close(c->db);
	c->db = NULL;
	c->frames = 0;
	c->damaged = 0;
	bwi_tail_free(&c->tail);
	bwi_sqlite_drop_forms(c);
	bwi_unpack_forget(c);
	bw_buf_free(&c->text);
}

bool
bwi_conn_is_current(const struct bwi_conn *c, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == c->dev &&
	       st.st_ino == c->ino;
}

/* What changes events is another statement in a compacted segment. */
static enum bwi_statement
choose(const struct bwi_conn *c, enum bwi_statement s)
{
	static const enum bwi_statement slim[][2] = {
	    {BWI_SQL_ANSWER, BWI_SQL_ANSWER_SLIM},
	    {BWI_SQL_DELIVERED, BWI_SQL_DELIVERED_SLIM},
	    {BWI_SQL_CLAIM, BWI_SQL_CLAIM_SLIM},
	    {BWI_SQL_AMEND, BWI_SQL_AMEND_SLIM},
	};

	for (size_t i = 0; c->packed && i < sizeof(slim) / sizeof(*slim); i++) {
		if (slim[i][0] == s)
			return slim[i][1];
	}
	return s;
}

sqlite3_stmt *
bwi_conn_statement(struct bwi_conn *c, enum bwi_statement s, struct bw_error *e)
{
	s = choose(c, s);
	if (c->statements[s] == NULL) {
		int rc = sqlite3_prepare_v3(c->db, texts[s], -1,
		    SQLITE_PREPARE_PERSISTENT, &c->statements[s], NULL);

		if (rc != SQLITE_OK) {
			(void)bwi_conn_error(c, rc, "prepare", e);
			return NULL;
		}
	}
	return c->statements[s];
}

enum bw_err
bwi_conn_run(
    struct bwi_conn *c, sqlite3_stmt *st, const char *what, struct bw_error *e)
{
	int rc;

	do {
		rc = sqlite3_step(st);
	} while (rc == SQLITE_ROW);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? BW_OK : bwi_conn_error(c, rc, what, e);
}

enum bw_err
bwi_conn_do(struct bwi_conn *c, enum bwi_statement s, const char *what,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, s, e);

	return st != NULL ? bwi_conn_run(c, st, what, e) : e->code;
}

void
bwi_conn_rollback(struct bwi_conn *c)
{
	struct bw_error ignored = {0};

	/* SQLite rolls back by itself after some errors. */
	if (c->db != NULL && sqlite3_get_autocommit(c->db) == 0 &&
	    bwi_conn_do(c, BWI_SQL_ROLLBACK, "rollback", &ignored) != BW_OK)
		bwi_conn_close(c);
}

void
bwi_bind_text(sqlite3_stmt *st, int i, struct bw_str s)
{
	if (s.p != NULL)
		(void)sqlite3_bind_text64(
		    st, i, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		(void)sqlite3_bind_null(st, i);
}

void
bwi_bind_blob(sqlite3_stmt *st, int i, struct bw_str s)
{
	if (s.p != NULL)
		(void)sqlite3_bind_blob64(st, i, s.p, s.n, SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(st, i);
}

struct bw_str
bwi_column(sqlite3_stmt *st, int i)
{
	struct bw_str s = {NULL, 0};

	if (sqlite3_column_type(st, i) == SQLITE_NULL)
		return s;
	s.p = sqlite3_column_blob(st, i);
	s.n = (size_t)sqlite3_column_bytes(st, i);
	if (s.p == NULL)
		s.p = ""; /* empty, not absent */
	return s;
}

/* SQLite virtual machine steps between two checks of the clock. */
#define STEPS 1000

static int
is_late(void *arg)
{
	const struct bwi_conn *c = arg;

	return bw_monotonic_ns() >= c->deadline;
}

void
bwi_conn_limit(struct bwi_conn *c, bool limited)
{
	sqlite3_progress_handler(
	    c->db, limited ? STEPS : 0, limited ? is_late : NULL, c);
}

typedef enum bw_err
update_fn(struct bwi_segments *, int64_t deadline, struct bw_error *);

/* Lock the connections, and open those that are needed. */
static enum bw_err
acquire(struct bwi_sqlite *s, update_fn *update, int64_t deadline,
    struct bw_error *e)
{
	int64_t until;
	enum bw_err err;

	if (!bwi_timed_lock_acquire(&s->lock, deadline)) {
		return bw_error_set(e, BW_ERR_BUSY, 0,
		    "store: another thread is still reading");
	}
	until = bw_monotonic_ns() + BWI_SQLITE_MAX_WAIT * INT64_C(1000000);
	err = update(&s->shared, bw_earlier(until, deadline), e);
	if (err != BW_OK)
		bwi_timed_lock_release(&s->lock);
	return err;
}

enum bw_err
bwi_sqlite_begin_reading(
    struct bwi_sqlite *s, int64_t deadline, struct bw_error *e)
{
	return acquire(s, bwi_segments_look, deadline, e);
}

enum bw_err
bwi_sqlite_begin_until(
    struct bwi_sqlite *s, bool write, int64_t deadline, struct bw_error *e)
{
	enum bw_err err = acquire(s, bwi_segments_update, deadline, e);

	if (err != BW_OK || !write)
		return err;
	err = bwi_conn_do(
	    bwi_segments_control(&s->shared), BWI_SQL_BEGIN, "lock", e);
	if (err != BW_OK)
		bwi_timed_lock_release(&s->lock);
	return err;
}

enum bw_err
bwi_sqlite_begin(struct bwi_sqlite *s, bool write, struct bw_error *e)
{
	return bwi_sqlite_begin_until(s, write, INT64_MAX, e);
}

enum bw_err
bwi_sqlite_end(
    struct bwi_sqlite *s, bool write, enum bw_err err, struct bw_error *e)
{
	struct bwi_segments *g = &s->shared;
	struct bwi_conn *c = bwi_segments_control(g);

	if (write && err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (write && err != BW_OK)
		bwi_conn_rollback(c);
	if (err == BW_ERR_IO || err == BW_ERR_CORRUPT)
		bwi_segments_recover(g);
	else
		bwi_conn_checkpoint(c);
	bwi_timed_lock_release(&s->lock);
	return err;
}
