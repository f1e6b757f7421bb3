#ifndef BWCALLBACK_STORE_H
#define BWCALLBACK_STORE_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/finding.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where callbacks are kept before they are answered. A store is named by a
 * URL: "sqlite:PATH", or "mem:" for tests, which ends with its handle. A
 * handle may be used by any number of threads; several processes may have the
 * same store open.
 *
 * Deadlines are CLOCK_MONOTONIC in nanoseconds, times of day milliseconds
 * since 1970 (UTC).
 *
 * Errors common to all: BW_ERR_BUSY (locked by somebody until the deadline,
 * nothing was written), BW_ERR_FULL, BW_ERR_CORRUPT, BW_ERR_READONLY and
 * BW_ERR_NOMEM (nothing was written), BW_ERR_DEADLINE (not known yet whether
 * it will be) and BW_ERR_IO (it may have been): try again with the same keys.
 */
struct bw_store;

/*
 * Make the store if it is not there, and bring its tables up to date: a step
 * of its own, because for a shared database it belongs to the administrator.
 * Files are made with mode 0640 or less. The reporter hears of limitations,
 * such as a file system on which SQLite cannot use its write-ahead log.
 * BW_ERR_UNSUPPORTED: made by a newer version, or no such kind of store.
 */
BW_EXPORT enum bw_err bw_store_create(
    const char *url, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * Is this file on a file system that other machines may share? There SQLite
 * cannot use its write-ahead log.
 */
BW_EXPORT bool bw_store_is_shared(const char *path);
/*
 * Open an existing store. BW_ERR_NOFILE: there is none. BW_ERR_CONFIG: its
 * tables are of an older version, bw_store_create() helps.
 */
BW_EXPORT enum bw_err
bw_store_open(const char *url, struct bw_store **, struct bw_error *) BW_CHECK;
/* Waits until what was submitted is written or has failed. */
BW_EXPORT void bw_store_free(struct bw_store *);
/*
 * What went wrong behind the scenes (an event that could be put nowhere, a
 * damaged spool): true once for each, the last one counts. For the log.
 */
BW_EXPORT bool bw_store_take_warning(struct bw_store *, struct bw_error *);

/*
 * Keep what cannot be stored in a spool (a local file beside the store), and
 * move it into the store once that works again. Called once, before anything
 * is submitted. The path is copied.
 */
BW_EXPORT enum bw_err bw_store_set_spool(
    struct bw_store *, const char *path, struct bw_error *) BW_CHECK;

/* One callback, or one element of a messaging list. */
struct bw_store_event {
	int64_t received;
	struct bw_str section; /* path of the section that took it */
	struct bw_str method;
	struct bw_str content_type;
	struct bw_str family;
	struct bw_str type;
	/*
	 * Makes a re-delivery known, of the same call or message if it has one:
	 * whatever comes again names it again. p NULL: never one.
	 */
	struct bw_str key;
	struct bw_str user;
	struct bw_str request; /* its id in the log */
	struct bw_str body;    /* as it came; of a GET the query */
	int batch;	       /* events in its request; beyond 1 body is */
	int index;	       /* the text of the index-th (from 0) only */
	struct bw_str call;
	struct bw_str message;
	struct bw_str from; /* numbers */
	struct bw_str to;
	struct bw_str thread; /* events of one thread are worked on in order */
	/*
	 * How long a key counts, in milliseconds from the first delivery; 0:
	 * for as long as the event is kept.
	 */
	int64_t window;
	/*
	 * For how long the caller will be at work on the answer. A re-delivery
	 * that comes meanwhile is told to wait, one that comes later and finds
	 * no answer is given the work.
	 */
	int64_t claim;
	bool again; /* asked before: do not count another delivery */
};

/* What was sent, recorded so that a re-delivery gets the same. */
struct bw_store_answer {
	int status; /* 0: none was recorded */
	bool fallback;
	int64_t answered; /* when */
	int64_t duration; /* microseconds since the request came */
	struct bw_str content_type;
	struct bw_str body;
};

enum bw_store_fate {
	BW_STORE_NEW,	   /* stored: handle it */
	BW_STORE_ANSWERED, /* a re-delivery: answer is what the first got */
	BW_STORE_RUNNING,  /* a re-delivery, and the first is still at work */
	BW_STORE_TAKEN /* a re-delivery the first of which gave up: handle it */
};

struct bw_store_result {
	uint64_t seq;
	enum bw_store_fate fate;
	unsigned deliveries;	       /* this one included */
	struct bw_store_answer answer; /* with BW_STORE_ANSWERED */
};

/* Events on their way into a store. */
struct bw_store_write;

enum bw_store_stage {
	BW_STORE_DECIDED, /* new or not is known, though not yet durable */
	BW_STORE_DURABLE
};

/*
 * Hand over n events, at least one, all of which are stored or none. They are
 * copied, so that nothing of the caller's is used afterwards. deadline: what
 * is not being written by then fails with BW_ERR_BUSY. BW_ERR_USAGE: section,
 * method, family, type or body is absent.
 */
BW_EXPORT enum bw_err
bw_store_write_begin(struct bw_store *, const struct bw_store_event *, size_t n,
    int64_t deadline, struct bw_store_write **, struct bw_error *) BW_CHECK;
/*
 * Wait for a stage. *results: one for each event, valid until the pending is
 * freed. BW_ERR_DEADLINE: not there yet; one may wait again. An error after
 * BW_STORE_DECIDED means that what was decided did not come to be.
 */
BW_EXPORT enum bw_err bw_store_write_wait(struct bw_store_write *,
    enum bw_store_stage, int64_t deadline, const struct bw_store_result **,
    struct bw_error *) BW_CHECK;
/*
 * Give it back. If it is still on its way it goes on, and if it fails then,
 * it goes to the spool when spool is true.
 */
BW_EXPORT void bw_store_write_free(struct bw_store_write *, bool spool);

/*
 * Submit and wait until durable; seqs and fates go to *results, whose answers
 * are not given. For importing and tests.
 */
BW_EXPORT enum bw_err bw_store_append(struct bw_store *,
    const struct bw_store_event *, size_t n, int64_t deadline,
    struct bw_store_result *results, struct bw_error *) BW_CHECK;

/* Put events into the spool now. BW_ERR_LIMIT: the spool is full. */
BW_EXPORT enum bw_err bw_store_spool(struct bw_store *,
    const struct bw_store_event *, size_t n, struct bw_error *) BW_CHECK;
/*
 * Move the spool into the store, which otherwise happens in the background;
 * *n gets how many events went.
 */
BW_EXPORT enum bw_err bw_store_drain(
    struct bw_store *, int64_t deadline, size_t *n, struct bw_error *) BW_CHECK;

/*
 * Record the answer of an event. It is written with what comes next; nobody
 * waits for it. The first answer stands.
 */
BW_EXPORT enum bw_err bw_store_answer(struct bw_store *, uint64_t seq,
    const struct bw_store_answer *, struct bw_error *) BW_CHECK;
/*
 * The same, and wait until it is durable: for an answer that decides
 * something, which must not be another one after a crash. BW_ERR_DEADLINE: not
 * until then; it is still on its way.
 */
BW_EXPORT enum bw_err bw_store_record_answer_wait(struct bw_store *,
    uint64_t seq, const struct bw_store_answer *, int64_t deadline,
    struct bw_error *) BW_CHECK;

/* A stored event. Valid during the call of the function that gets it. */
struct bw_store_row {
	uint64_t seq;
	struct bw_store_event event;
	unsigned deliveries;
	int64_t last; /* when it came last */
	struct bw_store_answer answer;
};

/* What is absent (p NULL, 0) does not restrict. */
struct bw_store_filter {
	struct bw_str family;
	struct bw_str type;
	struct bw_str call;
	struct bw_str message;
	struct bw_str number; /* from or to */
	int64_t since;	      /* received at or after */
	int64_t until;	      /* received before */
};

/* Return false to stop. */
typedef bool bw_store_row_fn(void *arg, const struct bw_store_row *);

/*
 * Read at most max events beyond *cursor, in the order in which they became
 * durable; *cursor moves to the last one given. A reader that passed a number
 * never misses one below it. newest_first: below *cursor instead (0: from the
 * end), going back.
 */
BW_EXPORT enum bw_err bw_store_read(struct bw_store *,
    const struct bw_store_filter *, bool newest_first, size_t max,
    uint64_t *cursor, bw_store_row_fn *, void *arg, struct bw_error *) BW_CHECK;
/* Wait until there is an event beyond the cursor; else BW_ERR_DEADLINE. */
BW_EXPORT enum bw_err bw_store_follow(struct bw_store *, uint64_t cursor,
    int64_t deadline, struct bw_error *) BW_CHECK;

struct bw_store_count {
	struct bw_str family;
	struct bw_str type;
	uint64_t events;
	uint64_t deliveries;
	uint64_t unanswered;
};
typedef bool bw_store_count_fn(void *arg, const struct bw_store_count *);
/* Events by family and type, in that order. */
BW_EXPORT enum bw_err
bw_store_count(struct bw_store *, const struct bw_store_filter *,
    bw_store_count_fn *, void *arg, struct bw_error *) BW_CHECK;

struct bw_store_stats {
	uint64_t events;
	uint64_t first; /* sequence numbers, 0 when there is none */
	uint64_t last;
	int64_t oldest; /* received */
	int64_t newest;
	uint64_t bytes;	  /* of storage used */
	uint64_t spooled; /* bytes waiting in the spool */
};
BW_EXPORT enum bw_err bw_store_stats(
    struct bw_store *, struct bw_store_stats *, struct bw_error *) BW_CHECK;

/*
 * Named consumers: at least once, in order within a thread. A consumer sees
 * what its filter lets through, from after_seq on. Making one that is there
 * with the same name changes its filter and nothing else.
 */
#define BW_STORE_MAX_NAME 64 /* bytes of a consumer's name: it is typed */
BW_EXPORT enum bw_err bw_store_consumer(struct bw_store *, const char *name,
    const struct bw_store_filter *, uint64_t after_seq,
    struct bw_error *) BW_CHECK;
/* Forget a consumer with its dead letters. BW_ERR_ROUTE: none of that name. */
BW_EXPORT enum bw_err bw_store_consumer_remove(
    struct bw_store *, const char *name, struct bw_error *) BW_CHECK;

/* One event lent to one worker. */
struct bw_store_lease {
	uint64_t seq;
	uint64_t token;
	unsigned tries; /* this one included */
};
typedef bool bw_store_lease_fn(
    void *arg, const struct bw_store_lease *, const struct bw_store_row *);
/*
 * Take up to max (at most 1000) events for so many milliseconds of the
 * store's own clock. What was not acknowledged by then is lent to the next who
 * asks. Of one thread only the oldest that is not done is lent, and nothing
 * while that is with somebody. BW_ERR_ROUTE: no such consumer.
 */
BW_EXPORT enum bw_err
bw_store_lease(struct bw_store *, const char *name, size_t max, int64_t ms,
    bw_store_lease_fn *, void *arg, struct bw_error *) BW_CHECK;

/*
 * What becomes of a lease: done; extended by ms (heart-beat); given back, to
 * be lent again in ms; or a dead letter, with why. BW_ERR_STALE: it ran out
 * and the event is somebody else's by now.
 */
enum bw_store_outcome {
	BW_STORE_DONE,
	BW_STORE_EXTEND,
	BW_STORE_RETRY,
	BW_STORE_DEAD
};
BW_EXPORT enum bw_err bw_store_settle(struct bw_store *, const char *name,
    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
    struct bw_str why, struct bw_error *) BW_CHECK;

typedef bool bw_store_dead_fn(void *arg, const struct bw_store_lease *,
    struct bw_str why, const struct bw_store_row *);
/* The dead letters of a consumer, oldest first. */
BW_EXPORT enum bw_err bw_store_dead(struct bw_store *, const char *name,
    bw_store_dead_fn *, void *arg, struct bw_error *) BW_CHECK;
/* Let a dead letter be tried again, all of them for seq 0; *n: how many. */
BW_EXPORT enum bw_err bw_store_revive(struct bw_store *, const char *name,
    uint64_t seq, size_t *n, struct bw_error *) BW_CHECK;

/*
 * Remove events received before a time, and the oldest beyond so many bytes
 * of storage (0: no bound): but none that a consumer has not had or that is a
 * dead letter. *n: how many went. Works in small steps, so that appending goes
 * on meanwhile.
 */
BW_EXPORT enum bw_err bw_store_prune(struct bw_store *, int64_t before,
    uint64_t bytes, uint64_t *n, struct bw_error *) BW_CHECK;

/* Called with parts done and in all; return false to give up. */
typedef bool bw_store_progress_fn(void *arg, int64_t done, int64_t all);
/*
 * Copy the store, as it is at one moment, into a file that must not exist,
 * while it is in use. It appears under its name when it is complete and
 * durable. BW_ERR_UNSUPPORTED where the store has its own tools.
 */
BW_EXPORT enum bw_err bw_store_backup(struct bw_store *, const char *path,
    bw_store_progress_fn *, void *arg, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
