#ifndef BWI_STORE_SQLITE_H
#define BWI_STORE_SQLITE_H

#include "os/timed_lock.h"
#include "store/sqlite_maintenance.h"
#include "store/sqlite_segment.h"
#include "store/store.h"
#include "store/store_move.h"
#include "store/writer.h"

struct bwi_sqlite {
	struct bw_store base;
	char *path;
	struct bwi_writer *writer;
	struct bwi_segments append;	    /* the writer's */
	struct bwi_maintenance maintenance; /* started by the writer */
	bool appended;			    /* by this process */
	bool outside;	 /* a job failed in a closed segment */
	size_t imported; /* events since segments were looked at */
	struct bwi_timed_lock lock;
	struct bwi_segments shared; /* for all other threads, under lock */
};

static inline struct bwi_sqlite *
bwi_sqlite_of(struct bw_store *s)
{
	return (struct bwi_sqlite *)(void *)s;
}

/*
 * Lock and open the shared connection. write: begin a transaction, which
 * bwi_sqlite_end commits, or rolls back after an error.
 */
enum bw_err
bwi_sqlite_begin(struct bwi_sqlite *, bool write, struct bw_error *) BW_CHECK;
/* BW_ERR_BUSY: other threads or processes used it until the deadline. */
enum bw_err bwi_sqlite_begin_until(struct bwi_sqlite *, bool write,
    int64_t deadline, struct bw_error *) BW_CHECK;
/* To read events; the consumers' connection may not be open. */
enum bw_err bwi_sqlite_begin_reading(
    struct bwi_sqlite *, int64_t deadline, struct bw_error *) BW_CHECK;
enum bw_err bwi_sqlite_end(
    struct bwi_sqlite *, bool write, enum bw_err, struct bw_error *) BW_CHECK;

/* schema.c */

enum bw_err bwi_sqlite_create(
    const char *path, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * The same, until the deadline: BW_ERR_BUSY, also if events of an older version
 * are left. A further call goes on with them.
 */
enum bw_err bwi_sqlite_create_until(const char *path, int64_t deadline,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
/* Describe the tables of an existing file, and leave them as they are. */
enum bw_err bwi_sqlite_tables(
    const char *path, struct bw_store_tables *, struct bw_error *) BW_CHECK;
/* Are all events in tables of our version? Closes the connection if not. */
enum bw_err bwi_sqlite_check(struct bwi_conn *, struct bw_error *) BW_CHECK;
/*
 * Migrate the tables to version n, in one transaction: steps[i] leads from
 * version i to i + 1. Waits for the lock until the connection's deadline.
 */
enum bw_err bwi_sqlite_migrate(struct bwi_conn *, const char *const *steps,
    int n, struct bw_error *) BW_CHECK;

/* Make the tables of a store. */
enum bw_err
bwi_sqlite_create_tables(struct bwi_conn *, struct bw_error *) BW_CHECK;
/* Make the tables of a new segment. */
enum bw_err
bwi_sqlite_create_segment(struct bwi_conn *, struct bw_error *) BW_CHECK;

/* Make the tables of a compacted segment; "meta" has no row. */
enum bw_err
bwi_sqlite_create_packed(struct bwi_conn *, struct bw_error *) BW_CHECK;

/* unpack.c: the columns of a compacted segment that are in groups. */

#define BWI_SQL_UNPACK "bwcallback_unpack"
/* Add the function to a connection. Returns an SQLite result code. */
int bwi_unpack_register(struct bwi_conn *) BW_CHECK;
/* Free the last group. */
void bwi_unpack_forget(struct bwi_conn *);
/* Read all groups; *rows: of all of them. BW_ERR_CORRUPT: one is damaged. */
enum bw_err
bwi_unpack_check(struct bwi_conn *, uint64_t *rows, struct bw_error *) BW_CHECK;

/* move.c: the events of version 2. */

/*
 * Move some events to the new tables, in one transaction. *more: call it again.
 * Other processes may do the same.
 */
enum bw_err
bwi_sqlite_move(struct bwi_conn *, bool *more, struct bw_error *) BW_CHECK;

/* form.c */

/* The id of an event's form; it is added if it is new. */
enum bw_err bwi_sqlite_form(struct bwi_conn *, const struct bw_store_event *,
    int64_t *id, struct bw_error *) BW_CHECK;
/* Forget the cached ids, because a savepoint with new forms was undone. */
void bwi_sqlite_drop_forms(struct bwi_conn *);

/* entry.c: all in a write transaction. */

struct bwi_entry {
	uint64_t seq;
	const struct bw_store_event *event;
	int64_t claim; /* when it ends */
	int64_t deliveries;
	int64_t last; /* delivery */
};

/* Insert a row, and add its terms to the tail. After an error neither was
 * done. */
enum bw_err bwi_sqlite_insert(
    struct bwi_conn *, const struct bwi_entry *, struct bw_error *) BW_CHECK;
/*
 * Put back what is shortened in the key and the thread of an event with all its
 * other members; these are columns of a statement. The texts are valid until
 * the next call for the connection.
 */
enum bw_err bwi_sqlite_lengthen(struct bwi_conn *, sqlite3_stmt *, int key,
    int thread, struct bw_store_event *, struct bw_error *) BW_CHECK;
/* Read what other connections added to the tail, and the state. */
enum bw_err bwi_sqlite_sync_tail(
    struct bwi_conn *, struct bwi_state *, struct bw_error *) BW_CHECK;
/* Move the terms of the tail to the table: all of them, or it fails. */
enum bw_err
bwi_sqlite_index_tail(struct bwi_conn *, struct bw_error *) BW_CHECK;

/* import.c */

/* Insert a row of another store with its number, and its answer. */
enum bw_err bwi_sqlite_put_row(
    struct bwi_conn *, const struct bw_store_row *, struct bw_error *) BW_CHECK;

/* append.c: the writer's callbacks. */

/* Record an answer in the event's segment; one that is there stays. */
enum bw_err bwi_sqlite_add_answer(struct bwi_conn *, uint64_t seq,
    const struct bw_store_answer *, struct bw_error *) BW_CHECK;

bool
bwi_sqlite_commit(void *store, struct bw_store_write *, size_t n, bool patient);
/* Empty the spool, and shorten the log. */
void bwi_sqlite_periodic(void *store);
/* The same when the store is closed: a CGI process lives for less than a
 * second. */
void bwi_sqlite_finish(struct bwi_sqlite *);

/* fence.c: what a store refuses while it is moved, see store_move.h. */

enum bw_err bwi_sqlite_get_state(
    struct bw_store *, enum bwi_move_state *, struct bw_error *);
enum bw_err
bwi_sqlite_set_state(struct bw_store *, enum bwi_move_state, struct bw_error *);
/* The state of a segment; also that of one without the table. */
enum bw_err bwi_sqlite_get_fence(
    struct bwi_conn *, enum bwi_move_state *, struct bw_error *) BW_CHECK;
/* In a write transaction. */
enum bw_err bwi_sqlite_set_fence(struct bwi_conn *, enum bwi_move_state,
    bool control, struct bw_error *) BW_CHECK;

/* consumer_copy.c */

enum bw_err bwi_sqlite_get_consumers(
    struct bw_store *, struct bwi_consumers *, struct bw_error *);
enum bw_err bwi_sqlite_set_consumers(
    struct bw_store *, const struct bwi_consumers *, struct bw_error *);

/* read.c */

/* The columns of an answer. */
#define BWI_SQL_OF_ANSWER \
	"a.status, a.fallback, a.answered, a.duration, a.content_type, " \
	"a.body, a.failed, a.trace"
/*
 * Answers that an operator looks for. They have an index, which a query uses
 * if it has this condition literally.
 */
#define BWI_SQL_WRONG \
	"(failed = 1 OR fallback = 1 OR status >= 400 OR duration >= 2000000)"
/* The columns of a row of BWI_SQL_FROM. */
#define BWI_SQL_COLUMNS \
	"e.seq, e.received, e.batch, e.idx, e.deliveries, " \
	"coalesce(e.last, e.received), f.section, f.method, f.content_type, " \
	"f.family, f.type, e.key, " \
	"f.user, e.request, e.body, e.call_id, e.message_id, " \
	"e.from_number, e.to_number, e.thread, e.query, " BWI_SQL_OF_ANSWER \
	", e.claim"
#define BWI_SQL_ANSWER_COLUMN 21
#define BWI_SQL_CLAIM_COLUMN  29
/* Not the view, which puts back shortened texts much more slowly. */
#define BWI_SQL_ENTRIES " FROM entry e CROSS JOIN form f ON f.id = e.form "
#define BWI_SQL_FROM	BWI_SQL_ENTRIES "LEFT JOIN answer a ON a.seq = e.seq "
/* The columns that an event is compared by. */
#define BWI_SQL_MATCH \
	"e.seq, e.received, f.section, f.family, f.type, e.key, e.call_id, " \
	"e.message_id, e.from_number, e.to_number, e.thread"

/* The texts are valid until the next call for the connection. */
enum bw_err bwi_sqlite_get_row(struct bwi_conn *, sqlite3_stmt *,
    struct bw_store_row *, struct bw_error *) BW_CHECK;
/*
 * Read an event by its number. *st NULL: there is none; else the row is valid
 * until the caller resets it.
 */
enum bw_err bwi_sqlite_get(struct bwi_segments *, uint64_t seq,
    sqlite3_stmt **st, struct bw_store_row *, struct bw_error *) BW_CHECK;
/* The members of an event that are in BWI_SQL_MATCH; otherwise the same. */
enum bw_err bwi_sqlite_get_match(struct bwi_conn *, sqlite3_stmt *,
    struct bw_store_event *, struct bw_error *) BW_CHECK;
/* The columns of BWI_SQL_OF_ANSWER, from i on. */
void bwi_sqlite_get_answer(sqlite3_stmt *, int i, struct bw_store_answer *);

/* find.c */

/* The numbers of events in order, from a statement. */
struct bwi_stream {
	sqlite3_stmt *st;
	uint64_t seq; /* the next */
};

/*
 * Events after a cursor that a filter may select: compare each with the filter.
 */
struct bwi_find {
	struct bwi_conn *c;
	bool newest_first;
	struct bwi_stream *streams;
	size_t n;
	size_t cap;
};

/* After an error it is closed. */
enum bw_err bwi_find_open(struct bwi_find *, struct bwi_conn *,
    const struct bw_store_filter *, bool newest_first, uint64_t cursor,
    struct bw_error *) BW_CHECK;
/* *seq: the next event; 0: there are no more. */
enum bw_err
bwi_find_next(struct bwi_find *, uint64_t *seq, struct bw_error *) BW_CHECK;
void bwi_find_close(struct bwi_find *);
/* The terms of the filter's most selective member; false: it has no id. */
bool bwi_sqlite_range(const struct bw_store_filter *, struct bwi_term_range *);

/* query.c */

/* A query of the events from ?1 to ?2 that the filter selects, in order. */
void bwi_sqlite_put_scan(
    struct bw_buf *, const struct bw_store_filter *, bool newest_first);
/*
 * The same of those whose answer it selects, for one that selects only wrong
 * ones: see bwi_store_selects_wrong(). The connection tells the tables.
 */
void bwi_sqlite_put_wrong(struct bw_buf *, const struct bwi_conn *,
    const struct bw_store_filter *, bool newest_first);
/* A condition for the events after ?1 that the filter selects, unordered. */
void bwi_sqlite_put_filter(
    struct bw_buf *, const struct bwi_conn *, const struct bw_store_filter *);
/* Bind the values of the filter in either. */
void bwi_sqlite_bind_filter(sqlite3_stmt *, const struct bw_store_filter *);
/* Prepare the text of a buffer. NULL: *error is set. */
sqlite3_stmt *bwi_sqlite_prepare(
    struct bwi_conn *, struct bw_buf *, struct bw_error *) BW_CHECK;

enum bw_err bwi_sqlite_state(
    struct bwi_conn *, struct bwi_state *, struct bw_error *) BW_CHECK;
/* The times between which the events of a closed segment were received. */
enum bw_err bwi_sqlite_times(struct bwi_conn *, int64_t *oldest,
    int64_t *newest, struct bw_error *) BW_CHECK;
/* The version of the tables. */
enum bw_err
bwi_sqlite_version(struct bwi_conn *, int64_t *, struct bw_error *) BW_CHECK;
/* The numbers of one segment. */
enum bw_err bwi_sqlite_stats_of(
    struct bwi_conn *, struct bw_store_stats *, struct bw_error *) BW_CHECK;
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
    int64_t deadline, bw_store_consumer_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_lease(struct bw_store *, const char *name, size_t max,
    int64_t ms, bw_store_lease_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_settle(struct bw_store *, const char *name,
    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
    struct bw_str why, struct bw_error *);
/* BW_ERR_NOTFOUND if there is no such consumer. */
enum bw_err bwi_sqlite_check_consumer(
    struct bwi_conn *, const char *name, struct bw_error *);
/* Prepare a statement and bind the consumer's name as its first parameter. */
sqlite3_stmt *bwi_sqlite_consumer_statement(
    struct bwi_conn *, enum bwi_statement, const char *name, struct bw_error *);
enum bw_err bwi_sqlite_dead(struct bw_store *, const char *name,
    bw_store_dead_fn *, void *arg, struct bw_error *);
enum bw_err bwi_sqlite_revive(struct bw_store *, const char *name, uint64_t seq,
    size_t *n, struct bw_error *);
enum bw_err bwi_sqlite_drop_dead(struct bw_store *, const char *name,
    uint64_t seq, size_t *n, struct bw_error *) BW_CHECK;
enum bw_err bwi_sqlite_prune(struct bw_store *, int64_t before, uint64_t bytes,
    uint64_t *n, struct bw_error *);
enum bw_err bwi_sqlite_verify(struct bw_store *, unsigned how,
    const struct bw_reporter *, struct bw_store_soundness *, struct bw_error *);
enum bw_err bwi_sqlite_compact(struct bw_store *, int64_t before,
    struct bw_store_compaction *, struct bw_error *);
enum bw_err bwi_sqlite_backup(struct bw_store *, const char *path,
    bw_store_progress_fn *, void *arg, struct bw_error *);

#endif
