#ifndef BWI_STORE_SQLITE_H
#define BWI_STORE_SQLITE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "os/timed_lock.h"
#include "store/store.h"
#include "store/writer.h"

/* the application id, which file(1) can recognize */
#define BWI_SQLITE_ID 0x42576362

/* The version of the tables (PRAGMA user_version). */
#define BWI_SQLITE_VERSION 2

/* Longest wait for the lock in milliseconds, except for appending. */
#define BWI_SQLITE_MAX_WAIT 10000

enum bwi_statement {
#define X(name, sql) BWI_SQL_##name,
#include "store/statements.def"

#include <bwcallback/tools/store.h>
#undef X
	BWI_SQL__MAX
};

/* A connection; one thread at a time may use it. */
struct bwi_conn {
	sqlite3 *db; /* NULL: not open */
	sqlite3_stmt *statements[BWI_SQL__MAX];
	int64_t deadline; /* of a wait for a lock, CLOCK_MONOTONIC */
	int frames;	  /* pages in the write-ahead log */
	dev_t dev;	  /* identity of the open file */
	ino_t ino;
};

struct bwi_sqlite {
	struct bw_store base;
	char *path;
	struct bwi_writer *writer;
	struct bwi_conn append; /* the writer's */
	struct bwi_timed_lock lock;
	struct bwi_conn shared; /* for all other threads, under lock */
};

static inline struct bwi_sqlite *
bwi_sqlite_of(struct bw_store *s)
{
	return (struct bwi_sqlite *)(void *)s;
}

/* conn.c: connections, statements, errors. */

/* Open an existing file without checking its tables; never creates one. */
enum bw_err
bwi_conn_open(struct bwi_conn *, const char *path, struct bw_error *) BW_CHECK;
/* The same; waits for other processes until the deadline: BW_ERR_BUSY. */
enum bw_err bwi_conn_open_until(struct bwi_conn *, const char *path,
    int64_t deadline, struct bw_error *) BW_CHECK;
void bwi_conn_close(struct bwi_conn *);
/* Does the path still name the file that is open? */
bool bwi_conn_is_current(const struct bwi_conn *, const char *path);
/* Convert an SQLite result code; the message is "store: what: text". */
enum bw_err
bwi_conn_error(struct bwi_conn *, int rc, const char *what, struct bw_error *);
/* A prepared statement, ready to bind. NULL: *error is set. */
sqlite3_stmt *bwi_conn_statement(
    struct bwi_conn *, enum bwi_statement, struct bw_error *) BW_CHECK;
/* Run a bound statement to its end, ignore its rows, reset it. */
enum bw_err bwi_conn_run(struct bwi_conn *, sqlite3_stmt *, const char *what,
    struct bw_error *) BW_CHECK;
/* Run a statement that has no parameters. */
enum bw_err bwi_conn_do(struct bwi_conn *, enum bwi_statement, const char *what,
    struct bw_error *) BW_CHECK;
/* Run constant SQL that is not worth preparing. */
enum bw_err bwi_conn_exec(struct bwi_conn *, const char *sql, const char *what,
    struct bw_error *) BW_CHECK;
void bwi_conn_rollback(struct bwi_conn *);
/* Call after a commit: checkpoints a write-ahead log that has grown long. */
void bwi_conn_checkpoint(struct bwi_conn *);
void bwi_bind_text(sqlite3_stmt *, int i, struct bw_str);
void bwi_bind_blob(sqlite3_stmt *, int i, struct bw_str);
/* Column i; p is NULL for an SQL NULL. Valid until the next step. */
struct bw_str bwi_column(sqlite3_stmt *, int i);

/*
 * Lock and open the shared connection. write: begin a transaction, which
 * bwi_sqlite_end commits, or rolls back after an error.
 */
enum bw_err
bwi_sqlite_begin(struct bwi_sqlite *, bool write, struct bw_error *) BW_CHECK;
/* BW_ERR_BUSY: other threads or processes used it until the deadline. */
enum bw_err bwi_sqlite_begin_until(struct bwi_sqlite *, bool write,
    int64_t deadline, struct bw_error *) BW_CHECK;
enum bw_err bwi_sqlite_end(
    struct bwi_sqlite *, bool write, enum bw_err, struct bw_error *) BW_CHECK;

/* schema.c */

enum bw_err bwi_sqlite_create(
    const char *path, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/* The same; waits for other processes until the deadline: BW_ERR_BUSY. */
enum bw_err bwi_sqlite_create_until(const char *path, int64_t deadline,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
/* Is the version of the tables ours? Closes the connection if not. */
enum bw_err bwi_sqlite_check(struct bwi_conn *, struct bw_error *) BW_CHECK;
/*
 * Migrate the tables to version n, in one transaction: steps[i] leads from
 * version i to i + 1. Waits for the lock until the connection's deadline.
 */
enum bw_err bwi_sqlite_migrate(struct bwi_conn *, const char *const *steps,
    int n, struct bw_error *) BW_CHECK;

/* append.c: the writer's callbacks. */

void bwi_sqlite_commit(void *store, struct bw_store_write *, size_t n);
void bwi_sqlite_drain_spool(void *store);

/* read.c */

/* The columns of a row of BWI_SQL_FROM. */
#define BWI_SQL_COLUMNS \
	"e.seq, e.received, e.batch, e.idx, e.deliveries, e.last, " \
	"e.section, e.method, e.content_type, e.family, e.type, e.key, " \
	"e.user, e.request, e.body, e.call_id, e.message_id, " \
	"e.from_number, e.to_number, e.thread, e.query, " \
	"a.status, a.fallback, a.answered, a.duration, a.content_type, a.body"
#define BWI_SQL_ANSWER_COLUMN  21
#define BWI_SQL_ANSWER_COLUMNS 6
#define BWI_SQL_FROM	       " FROM event e LEFT JOIN answer a ON a.seq = e.seq "

void bwi_sqlite_get_row(sqlite3_stmt *, struct bw_store_row *);
/* The six columns of an answer, from i on. */
void bwi_sqlite_get_answer(sqlite3_stmt *, int i, struct bw_store_answer *);

/* query.c */

/* Events after a cursor, at most a given number of them. */
struct bwi_query {
	const char *what; /* "SELECT ... FROM event e ..." */
	const struct bw_store_filter *filter;
	bool newest_first;
	bool bounded; /* first find the range of seq of the times */
};

void bwi_sqlite_put_query(struct bw_buf *, const struct bwi_query *);
void bwi_sqlite_bind_query(
    sqlite3_stmt *, const struct bwi_query *, uint64_t cursor, size_t max);
/* The filter's conditions alone, " AND ...", and their values. */
void bwi_sqlite_put_filter(struct bw_buf *, const struct bw_store_filter *);
void bwi_sqlite_bind_filter(sqlite3_stmt *, const struct bw_store_filter *);
/* Prepare the text of a buffer. NULL: *error is set. */
sqlite3_stmt *bwi_sqlite_prepare(
    struct bwi_conn *, struct bw_buf *, struct bw_error *) BW_CHECK;

/* The last sequence number that was assigned. */
enum bw_err
bwi_sqlite_seq(struct bwi_conn *, uint64_t *, struct bw_error *) BW_CHECK;
/* The version of the tables. */
enum bw_err
bwi_sqlite_version(struct bwi_conn *, int64_t *, struct bw_error *) BW_CHECK;
/* Bytes of storage in use. */
enum bw_err
bwi_sqlite_bytes(struct bwi_conn *, uint64_t *, struct bw_error *) BW_CHECK;

/* reserve.c: a file that is deleted when the disk is full. */

/* Make it, if there is none and the disk has room. */
void bwi_sqlite_make_reserve(const char *path);
/* Delete it. False: there is none. */
bool bwi_sqlite_give_reserve(const char *path);

/* As in struct bwi_store_ops. */
enum bw_err bwi_sqlite_read(struct bw_store *, const struct bw_store_filter *,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_last(struct bw_store *, uint64_t *, struct bw_error *);
enum bw_err bwi_sqlite_count(struct bw_store *, const struct bw_store_filter *,
    bw_store_count_fn *, void *arg, struct bw_error *);
enum bw_err
bwi_sqlite_stats(struct bw_store *, struct bw_store_stats *, struct bw_error *);
enum bw_err bwi_sqlite_consumer(struct bw_store *, const char *name,
    const struct bw_store_filter *, uint64_t after_seq, struct bw_error *);
enum bw_err bwi_sqlite_consumer_remove(
    struct bw_store *, const char *name, struct bw_error *);
enum bw_err bwi_sqlite_consumers(struct bw_store *, int64_t before,
    bw_store_consumer_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_lease(struct bw_store *, const char *name, size_t max,
    int64_t ms, bw_store_lease_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_settle(struct bw_store *, const char *name,
    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
    struct bw_str why, struct bw_error *);
enum bw_err bwi_sqlite_dead(struct bw_store *, const char *name,
    bw_store_dead_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_revive(struct bw_store *, const char *name, uint64_t seq,
    size_t *n, struct bw_error *);
enum bw_err bwi_sqlite_prune(struct bw_store *, int64_t before, uint64_t bytes,
    uint64_t *n, struct bw_error *);
enum bw_err bwi_sqlite_backup(struct bw_store *, const char *path,
    bw_store_progress_fn *, void *arg, struct bw_error *);

#endif
