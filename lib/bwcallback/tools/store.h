#ifndef BWCALLBACK_TOOLS_STORE_H
#define BWCALLBACK_TOOLS_STORE_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/buf.h>
#include <bwcallback/finding.h>
#include <bwcallback/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Create a store if there is none, and update its tables. Files get mode 0640
 * or less. Limitations are reported as warnings, such as a file system on which
 * SQLite cannot use its write-ahead log. BW_ERR_UNSUPPORTED: made by a newer
 * version, or an unknown kind of URL.
 */
BW_EXPORT enum bw_err bw_store_create(
    const char *url, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * Look for settings of a database with which acknowledged events could be lost,
 * and report each with its cure. BW_ERR_UNSUPPORTED: this kind of store is no
 * database.
 */
BW_EXPORT enum bw_err bw_store_check(
    const char *url, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * Append what bw_store_create() does in a database, as SQL. BW_ERR_UNSUPPORTED:
 * this kind of store is no database that others administer.
 */
BW_EXPORT enum bw_err
bw_store_sql(const char *url, struct bw_buf *, struct bw_error *) BW_CHECK;

/* The tables of a store. */
struct bw_store_tables {
	int version;	 /* 0: there is no store yet */
	int newest;	 /* the version that bw_store_create() makes */
	uint64_t events; /* still in tables of an older version */
};
/*
 * Describe the tables without updating them. BW_ERR_UNSUPPORTED: made by a
 * newer version or by another program, or an unknown kind of URL.
 */
BW_EXPORT enum bw_err bw_store_tables(
    const char *url, struct bw_store_tables *, struct bw_error *) BW_CHECK;

/*
 * Whether a file is on a file system that other machines may share, where
 * SQLite cannot use its write-ahead log.
 */
BW_EXPORT bool bw_store_is_shared(const char *path);

/*
 * Bytes in the spool of a responder whose configuration has this store.
 * BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err
bw_store_spooled(const char *url, uint64_t *bytes, struct bw_error *) BW_CHECK;

/*
 * Append the path of the file that the store has on this host: its own, or the
 * spool of a database. Other files of a responder are beside it. Nothing is
 * appended if there is none.
 */
BW_EXPORT enum bw_err bw_store_put_local(
    const char *url, struct bw_buf *, struct bw_error *) BW_CHECK;

/* Write events into the spool. BW_ERR_LIMIT: the spool is full. */
BW_EXPORT enum bw_err bw_store_spool(struct bw_store *,
    const struct bw_store_event *, size_t n, struct bw_error *) BW_CHECK;
/*
 * Move the events of the spool into the store now instead of in the
 * background. *n: the number of events moved.
 */
BW_EXPORT enum bw_err bw_store_drain(
    struct bw_store *, int64_t deadline, size_t *n, struct bw_error *) BW_CHECK;

/* A store that could not be read any more, and why: its events are missing. */
typedef void
bw_store_away_fn(void *arg, const char *id, const struct bw_error *why);
/*
 * Read several stores as one: their events in the order of arrival, each with
 * the id of its store, and their numbers added up. The result is for
 * bw_store_read(), _follow(), _count(), _stats() and _free() only, and its
 * cursors are no sequence numbers: a reading forward begins at 0 or where the
 * last reading ended. It takes over the stores and sets these to NULL, except
 * after BW_ERR_NOMEM, when some may be left to the caller. ids are copied.
 */
BW_EXPORT enum bw_err bw_store_merge_take(struct bw_store **stores,
    const struct bw_str *ids, size_t n, bw_store_away_fn *, void *arg,
    struct bw_store **, struct bw_error *) BW_CHECK;

/* Numbers of one type. */
struct bw_store_count {
	struct bw_str family;
	struct bw_str type;
	uint64_t events;
	uint64_t deliveries;
	uint64_t unanswered;
};
typedef bool bw_store_count_fn(void *arg, const struct bw_store_count *);
/* Count events by family and type, in the order of these names. */
BW_EXPORT enum bw_err
bw_store_count(struct bw_store *, const struct bw_store_filter *,
    bw_store_count_fn *, void *arg, struct bw_error *) BW_CHECK;

struct bw_store_stats {
	uint64_t events;
	uint64_t first; /* sequence numbers; 0: no event */
	uint64_t last;
	int64_t oldest; /* times of arrival */
	int64_t newest;
	uint64_t bytes;	  /* of storage in use */
	uint64_t spooled; /* bytes in the spool */
};
BW_EXPORT enum bw_err bw_store_stats(
    struct bw_store *, struct bw_store_stats *, struct bw_error *) BW_CHECK;

struct bw_store_consumer_state {
	struct bw_str name;
	uint64_t position; /* the last event assigned to it */
	uint64_t pending;  /* assigned, and not done: */
	uint64_t leased;   /* a worker has it */
	uint64_t retrying; /* it failed before, and waits */
	uint64_t ahead;	   /* selected by its filter, and not assigned yet */
	int64_t oldest;	   /* when the oldest of these came; 0: none */
	uint64_t dead;	   /* dead letters */
	uint64_t held;	   /* events that are not pruned because of it */
	int64_t created;
	int64_t seen; /* last contact, to the minute; 0: unknown */
};
typedef bool
bw_store_consumer_fn(void *arg, const struct bw_store_consumer_state *);
/*
 * Describe the consumers, in the order of their names. Of the events received
 * before a time, held counts those that a consumer keeps from being pruned.
 */
BW_EXPORT enum bw_err bw_store_consumers(struct bw_store *, int64_t before,
    bw_store_consumer_fn *, void *arg, struct bw_error *) BW_CHECK;

/* How bw_store_move() works: bits. */
enum bw_store_move_how {
	BW_STORE_MOVE_CLOSE = 1, /* then close the store, and complete it */
	BW_STORE_MOVE_CANCEL = 2 /* instead: open the closed store again */
};
enum bw_store_move_step {
	BW_STORE_MOVE_COPIES,
	BW_STORE_MOVE_COMPARES,
	BW_STORE_MOVE_WAITS, /* for consumers */
	BW_STORE_MOVE_DRAINS
};
/* Receives the progress: a number of an event of all, or of consumers. */
typedef void bw_store_move_fn(
    void *arg, enum bw_store_move_step, uint64_t done, uint64_t all);

struct bw_store_moved {
	bool complete;	   /* the store is closed, the other one is open */
	uint64_t copied;   /* events, this time */
	uint64_t compared; /* events that are the same in both */
	uint64_t amended;  /* of them, had a later answer or delivery */
	uint64_t extra;	   /* events of the other one, pruned here meanwhile */
	uint64_t last;	   /* the last number */
	uint64_t consumers;
	uint64_t leased;  /* events that consumers had not settled in time */
	uint64_t spooled; /* events that came from the spool */
	uint64_t late;	  /* answers that came after closing */
	char digest[65];  /* of the compared events; "" if there are none */
};
/*
 * Move a store to another kind, while it is in use: copy the events with their
 * numbers, answers and keys, and compare both. With BW_STORE_MOVE_CLOSE: the
 * store then takes no more events, which wait in its spool or are refused; the
 * rest is copied and compared, and so are the consumers; the other store is
 * opened, and the spool is drained into it. The other store must be empty, or
 * have been begun by this function: it goes on where it ended. After the store
 * was moved, it takes what came to its spool, and answers that came later.
 * Progress may be NULL. BW_ERR_UNSUPPORTED: one of them cannot be moved.
 * BW_ERR_STALE: the other one has events of its own. BW_ERR_CORRUPT: they
 * differ.
 */
BW_EXPORT enum bw_err bw_store_move(const char *from, const char *to,
    unsigned how, bw_store_move_fn *, void *arg, struct bw_store_moved *,
    struct bw_error *) BW_CHECK;

typedef bool bw_store_dead_fn(void *arg, const struct bw_store_lease *,
    struct bw_str why, const struct bw_store_row *);
/*
 * Read the dead letters of a consumer, oldest first. BW_ERR_NOTFOUND: no such
 * consumer.
 */
BW_EXPORT enum bw_err bw_store_dead(struct bw_store *, const char *name,
    bw_store_dead_fn *, void *arg, struct bw_error *) BW_CHECK;
/*
 * Make a dead letter available to its consumer again; seq 0: all of them. *n:
 * the number of dead letters revived.
 */
BW_EXPORT enum bw_err bw_store_revive(struct bw_store *, const char *name,
    uint64_t seq, size_t *n, struct bw_error *) BW_CHECK;
/*
 * Drop a dead letter, or all of them: the consumer is done with the event,
 * which stays stored. *n: the number of dead letters dropped.
 */
BW_EXPORT enum bw_err bw_store_drop_dead(struct bw_store *, const char *name,
    uint64_t seq, size_t *n, struct bw_error *) BW_CHECK;

/*
 * Remove the events that were received before a time, and the oldest ones while
 * the storage in use exceeds bytes (0: no limit); but no event that is a dead
 * letter or that a consumer has not handled. *n: the number removed. It works
 * in small steps, between which other writes continue. On a full disk it may
 * use a reserve, which it makes at the end of each run. BW_ERR_FULL: there was
 * none, or it did not suffice; some events may have been removed.
 */
BW_EXPORT enum bw_err bw_store_prune(struct bw_store *, int64_t before,
    uint64_t bytes, uint64_t *n, struct bw_error *) BW_CHECK;

/* How to verify: bits. */
enum bw_store_verify {
	BW_STORE_VERIFY_QUICK = 1,    /* without reading all of it */
	BW_STORE_VERIFY_SET_ASIDE = 2 /* rename damaged files */
};

struct bw_store_soundness {
	uint64_t segments;
	uint64_t events;
	uint64_t consumers;
	uint64_t errors;
	uint64_t warnings;
};
/*
 * Verify that the files are sound, and that what they say of each other is
 * true. What is wrong is reported, and is no error of this function. With
 * BW_STORE_VERIFY_SET_ASIDE, a file that is damaged, but not needed to go on,
 * gets another name. BW_ERR_UNSUPPORTED: this kind of store has tools of its
 * own.
 */
BW_EXPORT enum bw_err
bw_store_verify(struct bw_store *, unsigned how, const struct bw_reporter *,
    struct bw_store_soundness *, struct bw_error *) BW_CHECK;

struct bw_store_compaction {
	uint64_t segments; /* that were compacted */
	uint64_t before;   /* bytes in use of them before, */
	uint64_t after;	   /* and now */
};
/*
 * Compact the full files of a store whose newest event was received before a
 * time; the store stays in use meanwhile. A file that is damaged stays as it is
 * and is an error, after the others were compacted. BW_ERR_UNSUPPORTED: this
 * kind of store has none, or the library was built without libzstd.
 */
BW_EXPORT enum bw_err bw_store_compact(struct bw_store *, int64_t before,
    struct bw_store_compaction *, struct bw_error *) BW_CHECK;

/* Receives the progress in parts of all; returns false to abort. */
typedef bool bw_store_progress_fn(void *arg, int64_t done, int64_t all);
/*
 * Copy the store, as of one moment, into a file that must not exist; the store
 * stays in use meanwhile. The file gets its name when it is complete and
 * durable. BW_ERR_UNSUPPORTED: this kind of store has tools of its own.
 */
BW_EXPORT enum bw_err bw_store_backup(struct bw_store *, const char *path,
    bw_store_progress_fn *, void *arg, struct bw_error *) BW_CHECK;

/*
 * Copy the events that the filter selects, with their answers, into one new
 * SQLite database, which must not exist. It has the tables of a store,
 * bwcallback-store(5), and is one without consumers. Nothing is masked. It gets
 * its name when it is complete and durable. *n: how many. BW_ERR_UNSUPPORTED:
 * it is several stores, bw_store_merge_take().
 */
BW_EXPORT enum bw_err
bw_store_export(struct bw_store *, const struct bw_store_filter *,
    const char *path, uint64_t *n, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
