#include <config.h>

#include "data/subscribers_sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "base/phone_number.h"
#include "os/timed_lock.h"

/* Interval of polling for another process's lock on the file. */
#define LOCK_POLL_NS INT64_C(1000000)

/* SQLite virtual machine steps between two checks of the deadline. */
#define PROGRESS_STEPS 1000

/* Longest wait for a locked file when it is opened. */
#define OPEN_WAIT_NS INT64_C(2000000000)

struct bwi_subscribers_sql {
	char *file;
	char *query;
	unsigned require;
	struct bwi_timed_lock lock; /* protects the members below */
	sqlite3 *db;
	sqlite3_stmt *statement;
	int column[BWI_SUBSCRIBER__MAX]; /* -1 for none */
	dev_t dev;
	ino_t ino;
	int64_t deadline; /* of the request that has the lock */
};

static enum bw_err
code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return BW_ERR_BUSY;
	case SQLITE_INTERRUPT:
		return BW_ERR_DEADLINE;
	case SQLITE_NOMEM:
		return BW_ERR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return BW_ERR_CORRUPT;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return BW_ERR_IO;
	default:
		return BW_ERR_CONFIG;
	}
}

/* The message may name the query's tables and columns, but no values. */
static enum bw_err
sqlite_error(const struct bwi_subscribers_sql *r, int rc, struct bw_error *e)
{
	enum bw_err code = code_of(rc);

	return bw_error_set(e, code, 0, "%s: %s", r->file,
	    code == BW_ERR_CONFIG && r->db != NULL ? sqlite3_errmsg(r->db)
						   : sqlite3_errstr(rc));
}

static int
wait_for_lock(void *arg, int tries)
{
	const struct bwi_subscribers_sql *r = arg;
	const struct timespec pause = {.tv_nsec = LOCK_POLL_NS};

	(void)tries;
	if (bw_monotonic_ns() >= r->deadline)
		return 0;
	(void)nanosleep(&pause, NULL);
	return 1;
}

static int
deadline_passed(void *arg)
{
	const struct bwi_subscribers_sql *r = arg;

	return bw_monotonic_ns() >= r->deadline;
}

static void
close_file(struct bwi_subscribers_sql *r)
{
	(void)sqlite3_finalize(r->statement);
	(void)sqlite3_close_v2(r->db);
	r->statement = NULL;
	r->db = NULL;
}

static enum bw_err
find_columns(struct bwi_subscribers_sql *r, struct bw_error *e)
{
	int n = sqlite3_column_count(r->statement);

	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++)
		r->column[f] = -1;
	for (int i = 0; i < n; i++) {
		const char *name = sqlite3_column_name(r->statement, i);
		const char *meant;
		enum bwi_subscriber_field field;

		if (name == NULL)
			return sqlite_error(r, SQLITE_NOMEM, e);
		field = bwi_subscriber_column(
		    (struct bw_str){name, strlen(name)}, &meant);
		if (meant != NULL) {
			return bw_error_set(e, BW_ERR_CONFIG, 0,
			    "query: column \"%.60s\": did you mean \"%s\"?",
			    name, meant);
		}
		if (field < BWI_SUBSCRIBER__MAX)
			r->column[field] = i;
	}
	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		if ((r->require >> f & 1) != 0 && r->column[f] < 0) {
			return bw_error_set(e, BW_ERR_CONFIG, 0,
			    "query: no column \"%s\": name it so in the "
			    "SELECT: \"... AS %s\"",
			    bwi_subscriber_word((enum bwi_subscriber_field)f),
			    bwi_subscriber_word((enum bwi_subscriber_field)f));
		}
	}
	return BW_OK;
}

static enum bw_err
prepare(struct bwi_subscribers_sql *r, struct bw_error *e)
{
	const char *rest = "";
	int rc = sqlite3_prepare_v3(r->db, r->query, -1,
	    SQLITE_PREPARE_PERSISTENT, &r->statement, &rest);

	if (rc != SQLITE_OK)
		return sqlite_error(r, rc, e);
	if (r->statement == NULL || rest[strspn(rest, "; \t\r\n")] != '\0' ||
	    sqlite3_stmt_readonly(r->statement) == 0 ||
	    sqlite3_column_count(r->statement) == 0) {
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "query: not a single SELECT statement");
	}
	if (sqlite3_bind_parameter_count(r->statement) < 1 ||
	    sqlite3_bind_parameter_count(r->statement) > 2) {
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "query: no ?1: write ?1 where the ten-digit number goes "
		    "(?2: in E.164)");
	}
	return find_columns(r, e);
}

static enum bw_err
open_file(struct bwi_subscribers_sql *r, struct bw_error *e)
{
	struct stat st;
	enum bw_err err;
	int rc;

	if (stat(r->file, &st) != 0) {
		return bw_error_set(e, BW_ERR_NOFILE, errno, "%s: %s", r->file,
		    strerror(errno));
	}
	/* SQLite would wait for the other end of a FIFO. */
	if (!S_ISREG(st.st_mode)) {
		return bw_error_set(
		    e, BW_ERR_NOFILE, 0, "%s: not a regular file", r->file);
	}
	rc = sqlite3_open_v2(
	    r->file, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		err = sqlite_error(r, rc, e);
		close_file(r);
		return err;
	}
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	(void)sqlite3_busy_handler(r->db, wait_for_lock, r);
	sqlite3_progress_handler(r->db, PROGRESS_STEPS, deadline_passed, r);
	err = prepare(r, e);
	if (err != BW_OK)
		close_file(r);
	return err;
}

enum bw_err
bwi_subscribers_sql_open(struct bwi_subscribers_sql **out, const char *file,
    const char *query, unsigned require, struct bw_error *e)
{
	struct bwi_subscribers_sql *r = bwi_calloc(1, sizeof(*r));
	enum bw_err err = BW_ERR_NOMEM;

	if (r != NULL) {
		bwi_timed_lock_init(&r->lock);
		r->require = require & ~(1u << BWI_SUBSCRIBER_NUMBER);
		r->deadline = bw_monotonic_ns() + OPEN_WAIT_NS;
		r->file = bwi_strndup(file, strlen(file));
		r->query = bwi_strndup(query, strlen(query));
	}
	if (r == NULL || r->file == NULL || r->query == NULL)
		err =
		    bw_error_set(e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	else
		err = open_file(r, e);
	if (err != BW_OK) {
		bwi_subscribers_sql_free(r);
		return err;
	}
	*out = r;
	return BW_OK;
}

void
bwi_subscribers_sql_free(struct bwi_subscribers_sql *r)
{
	if (r == NULL)
		return;
	close_file(r);
	bwi_timed_lock_destroy(&r->lock);
	bwi_free(r->file);
	bwi_free(r->query);
	bwi_free(r);
}

/*
 * Opens the file again when it was replaced. A deleted file is an error,
 * although the open descriptor still works.
 */
static enum bw_err
reopen_if_replaced(struct bwi_subscribers_sql *r, struct bw_error *e)
{
	struct stat st;

	if (r->db != NULL && stat(r->file, &st) == 0 && st.st_dev == r->dev &&
	    st.st_ino == r->ino)
		return BW_OK;
	close_file(r);
	return open_file(r, e);
}

static enum bw_err
bind(struct bwi_subscribers_sql *r, uint64_t number, struct bw_error *e)
{
	int count = sqlite3_bind_parameter_count(r->statement);
	struct bw_buf text[2];
	enum bw_err err = BW_OK;

	bw_buf_init(&text[0], 32);
	bw_buf_init(&text[1], 32);
	bwi_phone_number_write_short(number, &text[0]);
	bwi_phone_number_write(number, &text[1]);
	for (int i = 0; i < count && err == BW_OK; i++) {
		int rc = text[i].err == BW_OK
			     ? sqlite3_bind_text(r->statement, i + 1, text[i].p,
				   (int)text[i].n, SQLITE_TRANSIENT)
			     : SQLITE_NOMEM;

		if (rc != SQLITE_OK)
			err = sqlite_error(r, rc, e);
	}
	bw_buf_free(&text[0]);
	bw_buf_free(&text[1]);
	return err;
}

static enum bw_err
copy_row(struct bwi_subscribers_sql *r, struct bwi_arena *arena,
    struct bwi_subscriber *out, struct bw_error *e)
{
	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		const char *text;
		int i = r->column[f];

		if (i < 0)
			continue;
		text = (const char *)sqlite3_column_text(r->statement, i);
		if (text == NULL &&
		    sqlite3_column_type(r->statement, i) != SQLITE_NULL)
			return sqlite_error(r, SQLITE_NOMEM, e);
		out->field[f] = bwi_arena_copy(
		    arena, (struct bw_str){text != NULL ? text : "",
			       (size_t)sqlite3_column_bytes(r->statement, i)});
		if (out->field[f].p == NULL)
			return sqlite_error(r, SQLITE_NOMEM, e);
	}
	return BW_OK;
}

static enum bw_err
run_query(struct bwi_subscribers_sql *r, struct bwi_arena *arena, bool *found,
    struct bwi_subscriber *out, struct bw_error *e)
{
	int rc = sqlite3_step(r->statement);
	enum bw_err err = BW_OK;

	*found = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW) {
		err = copy_row(r, arena, out, e);
		rc = err == BW_OK ? sqlite3_step(r->statement) : SQLITE_DONE;
	}
	if (rc == SQLITE_ROW) {
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "query: more than one row for a number: select one");
	}
	return err == BW_OK && rc != SQLITE_DONE ? sqlite_error(r, rc, e) : err;
}

enum bw_err
bwi_subscribers_sql_find(struct bwi_subscribers_sql *r, uint64_t number,
    struct bwi_arena *arena, int64_t deadline, bool *found,
    struct bwi_subscriber *out, struct bw_error *e)
{
	enum bw_err err;

	*out = (struct bwi_subscriber){0};
	/*
	 * Another request's slow query must not delay this one beyond its
	 * deadline.
	 */
	if (!bwi_timed_lock_acquire(&r->lock, deadline)) {
		return bw_error_set(e, BW_ERR_DEADLINE, 0,
		    "%s: in use by another request until the deadline",
		    r->file);
	}
	r->deadline = deadline;
	err = reopen_if_replaced(r, e);
	if (err == BW_OK) {
		err = bind(r, number, e);
		if (err == BW_OK)
			err = run_query(r, arena, found, out, e);
		(void)sqlite3_reset(r->statement);
		(void)sqlite3_clear_bindings(r->statement);
	}
	bwi_timed_lock_release(&r->lock);
	return err;
}
