#ifndef BWI_STORE_SQLITE_CONN_H
#define BWI_STORE_SQLITE_CONN_H

#include <sqlite3.h>
#include <sys/types.h>

#include <bwcallback/buf.h>

#include "store/sqlite_term.h"

/* the application id, which file(1) can recognize */
#define BWI_SQLITE_ID 0x42576362

/* The version of the tables (PRAGMA user_version). */
#define BWI_SQLITE_VERSION 5

/* The first version with terms; the events of older ones are moved. */
#define BWI_SQLITE_TERMS 3

/* The events of version 2 that are not moved to the new tables yet. */
#define BWI_SQLITE_OLD "event_2"

/* Longest wait for the lock in milliseconds, except for appending. */
#define BWI_SQLITE_MAX_WAIT 10000

enum bwi_statement {
#define X(name, sql) BWI_SQL_##name,
#include "store/statements.def"
#undef X
	BWI_SQL__MAX
};

/* Size of the cache of forms. Each form has one possible slot in it. */
#define BWI_CONN_FORMS 128

struct bwi_unpacked;

/* A row of the table "form". */
struct bwi_form {
	char *text; /* all its values; NULL: none */
	size_t n;
	int64_t id;
};

/* A connection; one thread at a time may use it. */
struct bwi_conn {
	sqlite3 *db; /* NULL: not open */
	sqlite3_stmt *statements[BWI_SQL__MAX];
	int64_t deadline; /* of a wait for a lock, CLOCK_MONOTONIC */
	int frames;	  /* pages in the write-ahead log */
	bool fixed;	  /* a new file never gives back pages */
	dev_t dev;	  /* identity of the open file */
	ino_t ino;
	struct bwi_tail tail; /* of a connection that appends */
	struct bwi_form forms[BWI_CONN_FORMS];
	struct bw_buf text; /* for one statement */
	bool packed;	    /* the segment is compacted */
	int64_t damaged;    /* in a group that could not be read; 0: none */
	struct bwi_unpacked *unpacked; /* the last group that was read */
};

/* The row of the table "meta". */
struct bwi_state {
	uint64_t seq;	  /* the last number that was given to an event */
	uint64_t indexed; /* the last event whose terms are in the table */
	uint64_t first;	  /* number of the segment; 0: takes no events yet */
	uint64_t closed;  /* 0: takes events; else it counts later changes */
};

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
/*
 * Let statements fail with BW_ERR_BUSY once the deadline of the connection is
 * over; false: no longer.
 */
void bwi_conn_limit(struct bwi_conn *, bool limited);
/* Has the write-ahead log so many pages that a checkpoint is worth it? */
bool bwi_conn_log_is_long(const struct bwi_conn *);
/* Checkpoint such a log. */
void bwi_conn_checkpoint(struct bwi_conn *);
void bwi_bind_text(sqlite3_stmt *, int i, struct bw_str);
void bwi_bind_blob(sqlite3_stmt *, int i, struct bw_str);
/* Column i; p is NULL for an SQL NULL. Valid until the next step. */
struct bw_str bwi_column(sqlite3_stmt *, int i);

#endif
