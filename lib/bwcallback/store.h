#ifndef BWCALLBACK_STORE_H
#define BWCALLBACK_STORE_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The store of callbacks. Its URL is "sqlite:PATH", or "mem:" for tests: memory
 * that belongs to the handle. Any number of threads may use a handle, and
 * several processes may have the same SQLite store open. A handle has one
 * thread of its own, which writes; all signals but those of faults are blocked
 * in it.
 *
 * Deadlines are nanoseconds of CLOCK_MONOTONIC. Times of day are milliseconds
 * since 1970-01-01T00:00:00Z.
 *
 * All functions that return enum bw_err may return, besides the errors named at
 * them:
 *
 * BW_ERR_BUSY		locked by another process until the deadline; nothing
 *			was written
 * BW_ERR_FULL, BW_ERR_CORRUPT, BW_ERR_READONLY, BW_ERR_NOMEM
 *			nothing was written
 * BW_ERR_DEADLINE	not completed yet; it may still be written
 * BW_ERR_IO		it may or may not have been written: try again with the
 *			same keys
 */
struct bw_store;

/*
 * Open an existing store; *store belongs to the caller. BW_ERR_NOFILE: there is
 * none. BW_ERR_CONFIG: its tables are of an older version, bwcallback.fcgi
 * updates them. BW_ERR_UNSUPPORTED: made by a newer
 * version, or an unknown kind of URL.
 */
BW_EXPORT enum bw_err
bw_store_open(const char *url, struct bw_store **, struct bw_error *) BW_CHECK;
/* Complete all writes, or let them fail, and close the store. */
BW_EXPORT void bw_store_free(struct bw_store *);
/*
 * Get the last error of the writing thread that no call returned: an event that
 * could neither be stored nor spooled, or a damaged spool. True once for each,
 * false when there is none. For the log.
 */
BW_EXPORT bool bw_store_take_warning(struct bw_store *, struct bw_error *);

/*
 * Set a spool: a local file that takes events while the store cannot, and from
 * which they are moved into the store afterwards. Call it once, before anything
 * is written. The path is copied.
 */
BW_EXPORT enum bw_err bw_store_set_spool(
    struct bw_store *, const char *path, struct bw_error *) BW_CHECK;

/*
 * The answer to an event, which re-deliveries get again, unless handling the
 * event failed: then a re-delivery is handled, and its answer replaces this
 * one.
 */
struct bw_store_answer {
	int status; /* HTTP status; 0: no answer is recorded */
	bool fallback;
	bool failed;	  /* handling failed: no re-delivery gets this answer */
	int64_t answered; /* time of day */
	int64_t duration; /* microseconds since the request arrived */
	struct bw_str content_type;
	struct bw_str body;
	/*
	 * How the answer was made: JSON of at most BW_STORE_MAX_TRACE bytes,
	 * which bwcallback-store(5) describes; p NULL: not known.
	 */
	struct bw_str trace;
};

/* Most bytes of a trace. */
#define BW_STORE_MAX_TRACE 16000

/* A callback, or one element of a messaging list. */
struct bw_store_event {
	int64_t received;      /* time of day */
	struct bw_str section; /* path of the section that received it */
	struct bw_str method;
	struct bw_str content_type;
	struct bw_str family;
	struct bw_str type;
	/*
	 * The key of bw_event_key: an event with a key that is already stored
	 * is a re-delivery. p NULL: the event never is one.
	 */
	struct bw_str key;
	struct bw_str user;    /* authenticated user */
	struct bw_str request; /* id of the request in the log */
	struct bw_str body;    /* as received; of a GET callback, its query */
	struct bw_str query;   /* of a POST callback; absent: none */
	int batch;	       /* number of events in the request; if it is */
	int index;	       /* above 1, body is only the index-th, from 0 */
	struct bw_str call;
	struct bw_str message;
	struct bw_str from; /* telephone numbers */
	struct bw_str to;
	struct bw_str thread; /* consumers get events of a thread in order */
	/*
	 * How long the key is valid: milliseconds from the first delivery. 0:
	 * as long as the store keeps keys, which is seven days, or as long as
	 * the event is stored if the configuration says so.
	 */
	int64_t window;
	/*
	 * How long handling the event takes at most, in milliseconds. A
	 * re-delivery in this time is BW_STORE_RUNNING; a later one, if there
	 * is no answer by then, is BW_STORE_TAKEN.
	 */
	int64_t claim;
	bool again; /* a repeated write: does not count as a delivery */
	/*
	 * The answer, if it is known before the event is handled (status not
	 * 0). If the event is new, the answer is recorded in the same
	 * transaction. If it is a re-delivery, this answer is ignored.
	 */
	struct bw_store_answer answer;
};

enum bw_store_fate {
	BW_STORE_NEW,	   /* stored: handle it */
	BW_STORE_ANSWERED, /* a re-delivery: send the recorded answer */
	BW_STORE_RUNNING,  /* a re-delivery of an event that is being handled */
	BW_STORE_TAKEN /* a re-delivery whose claim has expired: handle it */
};

struct bw_store_result {
	uint64_t seq; /* sequence number of the event, from 1 */
	enum bw_store_fate fate;
	unsigned deliveries;	       /* including this one */
	struct bw_store_answer answer; /* with BW_STORE_ANSWERED */
};

/* A write in progress. */
struct bw_store_write;

enum bw_store_stage {
	BW_STORE_DECIDED, /* the fates are known, but not durable yet */
	BW_STORE_DURABLE  /* it survives a crash of the machine */
};

/*
 * Begin to write n events (at least 1): either all of them are stored or none.
 * They are copied. If writing them has not begun at the deadline, the write
 * fails with BW_ERR_BUSY. *write belongs to the caller, who frees it.
 * BW_ERR_USAGE: section, method, family, type or body is absent.
 */
BW_EXPORT enum bw_err
bw_store_write_begin(struct bw_store *, const struct bw_store_event *, size_t n,
    int64_t deadline, struct bw_store_write **, struct bw_error *) BW_CHECK;
/*
 * Wait until a write has reached a stage. *results has one element for each
 * event, and is valid until the write is freed. BW_ERR_DEADLINE: not reached
 * yet; waiting again is allowed. An error after BW_STORE_DECIDED means that
 * nothing was stored, whatever the fates were.
 */
BW_EXPORT enum bw_err bw_store_write_wait(struct bw_store_write *,
    enum bw_store_stage, int64_t deadline, const struct bw_store_result **,
    struct bw_error *) BW_CHECK;
/*
 * Free a write. If it is not complete it continues; if it fails later, its
 * events are put into the spool when spool is true. NULL is allowed.
 */
BW_EXPORT void bw_store_write_free(struct bw_store_write *, bool spool);

/*
 * Write events and wait until they are durable. results has n elements; their
 * answers are not set. For imports and tests.
 */
BW_EXPORT enum bw_err bw_store_append(struct bw_store *,
    const struct bw_store_event *, size_t n, int64_t deadline,
    struct bw_store_result *results, struct bw_error *) BW_CHECK;

/*
 * Record the answer to an event. This does not wait: the answer is written with
 * the next events. If there already is an answer, that one is kept, unless it
 * failed.
 */
BW_EXPORT enum bw_err bw_store_record_answer(struct bw_store *, uint64_t seq,
    const struct bw_store_answer *, struct bw_error *) BW_CHECK;
/*
 * Record the answer to an event, and wait until it is durable: for decisions
 * that must be the same after a crash. BW_ERR_DEADLINE: not durable yet.
 */
BW_EXPORT enum bw_err bw_store_record_answer_wait(struct bw_store *,
    uint64_t seq, const struct bw_store_answer *, int64_t deadline,
    struct bw_error *) BW_CHECK;

/* A stored event. Valid during the call of the function that receives it. */
struct bw_store_row {
	uint64_t seq;
	struct bw_store_event event; /* claim: from received to its end */
	unsigned deliveries;
	int64_t last; /* time of the last delivery */
	struct bw_store_answer answer;
	struct bw_str store; /* its id, when several are read; p NULL: one */
};

/* Most statuses that a filter can have. */
#define BW_STORE_MAX_STATUSES 8

/* Selects events. Members that are absent (p NULL, 0) do not restrict. */
struct bw_store_filter {
	struct bw_str family;
	struct bw_str type;
	struct bw_str call;
	struct bw_str message;
	struct bw_str number; /* from or to */
	int64_t since;	      /* received at or after */
	int64_t until;	      /* received before */

	/*
	 * By the answer, not for consumers. It is quick to find what failed or
	 * got the fallback, an error, or its answer after two seconds or more.
	 */
	bool failed;   /* handling failed, the fallback, or an error */
	bool fallback; /* the fallback */
	int64_t slow;  /* an answer that took so many microseconds or more */
	int statuses[BW_STORE_MAX_STATUSES]; /* one of these; 0: no more */
};

/* Receives an event; returns false to end the reading. */
typedef bool bw_store_row_fn(void *arg, const struct bw_store_row *);

/*
 * Read at most max events after *cursor (0: from the first), in the order in
 * which they became durable, and set *cursor to the last one. An event never
 * appears before a cursor that was read. With newest_first: before *cursor (0:
 * from the last), in descending order.
 */
BW_EXPORT enum bw_err bw_store_read(struct bw_store *,
    const struct bw_store_filter *, bool newest_first, size_t max,
    uint64_t *cursor, bw_store_row_fn *, void *arg, struct bw_error *) BW_CHECK;
/* Wait until there is an event after the cursor. BW_ERR_DEADLINE: none yet. */
BW_EXPORT enum bw_err bw_store_follow(struct bw_store *, uint64_t cursor,
    int64_t deadline, struct bw_error *) BW_CHECK;

/* Most bytes of the name of a consumer. */
#define BW_STORE_MAX_NAME 64

/*
 * Create a named consumer, which gets the events after after_seq that the
 * filter selects: each at least once, and events of a thread in order. If it
 * exists, only its filter is changed. BW_ERR_USAGE: the filter selects by the
 * answer, which may be recorded after the event.
 */
BW_EXPORT enum bw_err bw_store_consumer(struct bw_store *, const char *name,
    const struct bw_store_filter *, uint64_t after_seq,
    struct bw_error *) BW_CHECK;
/*
 * Remove a consumer and its dead letters. BW_ERR_NOTFOUND: no such consumer.
 */
BW_EXPORT enum bw_err bw_store_consumer_remove(
    struct bw_store *, const char *name, struct bw_error *) BW_CHECK;

/* An event that is leased to a consumer's worker. */
struct bw_store_lease {
	uint64_t seq;
	uint64_t token;
	unsigned tries; /* including this one */
};
/* Receives a leased event; returns false to lease no more. */
typedef bool bw_store_lease_fn(
    void *arg, const struct bw_store_lease *, const struct bw_store_row *);
/*
 * Lease at most max events (up to 1000) for ms milliseconds. An event that is
 * not settled by then is leased again. Of a thread only the oldest unsettled
 * event is leased, so its events are handled in order. BW_ERR_NOTFOUND: no such
 * consumer.
 */
BW_EXPORT enum bw_err
bw_store_lease(struct bw_store *, const char *name, size_t max, int64_t ms,
    bw_store_lease_fn *, void *arg, struct bw_error *) BW_CHECK;

enum bw_store_outcome {
	BW_STORE_DONE,	 /* handled */
	BW_STORE_EXTEND, /* not yet: extend the lease to ms from now */
	BW_STORE_RETRY,	 /* failed: lease it again in ms */
	BW_STORE_DEAD	 /* failed for good: make it a dead letter */
};
/*
 * Settle a lease. ms is for BW_STORE_EXTEND and BW_STORE_RETRY, why for
 * BW_STORE_DEAD. BW_ERR_STALE: the lease has expired, and the event was leased
 * again. BW_ERR_NOTFOUND: no such consumer.
 */
BW_EXPORT enum bw_err bw_store_settle(struct bw_store *, const char *name,
    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
    struct bw_str why, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
