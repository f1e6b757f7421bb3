#ifndef BWI_STORE_H
#define BWI_STORE_H

#include <pthread.h>
#include <stdbool.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/store.h>

struct bwi_spool;

/*
 * Families of events that are no callbacks. Bodies that cannot be decoded are
 * stored up to these limits.
 */
#define BWI_STORE_REFUSED	     "refused" /* see callback/refusal_count.h */
#define BWI_STORE_UNPARSED	     "unparsed"
#define BWI_STORE_MAX_UNPARSED	     1000
#define BWI_STORE_MAX_UNPARSED_BYTES (16 * 1024 * 1024)

/* Maximum number of leases that one call grants. */
#define BWI_STORE_MAX_LEASES 1000

enum bwi_job_state {
	BWI_JOB_QUEUED,
	BWI_JOB_DECIDED,
	BWI_JOB_DONE
};

/*
 * A job of the writer: events to append, or an answer to record (n == 0).
 * Reference-counted: the writer has one reference, the waiting caller another.
 */
struct bw_store_write {
	struct bw_store *store;
	struct bw_store_write *next;
	size_t n;
	struct bw_store_event *events;
	struct bw_store_result *results;
	struct bw_buf
	    *answers; /* one for each event; results point into them */
	uint64_t seq; /* of the answer */
	struct bw_store_answer answer;
	int64_t deadline;
	void *block; /* memory of events, results and strings */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	enum bwi_job_state state;
	enum bwi_job_state
	    wanted; /* state that the caller waits for; QUEUED: none */
	struct bw_error error;
	int refs;
	bool abandoned; /* the caller has stopped waiting */
	bool spool;	/* then spool the events if writing fails */
};

/* Copies the events. The job has two references. NULL: out of memory. */
struct bw_store_write *bwi_job_new(struct bw_store *,
    const struct bw_store_event *, size_t n, int64_t deadline) BW_CHECK;
/* The job has one reference: no caller waits for it. */
struct bw_store_write *bwi_job_new_answer(
    struct bw_store *, uint64_t seq, const struct bw_store_answer *) BW_CHECK;
/* Add the reference of a caller that waits for this answer. */
void bwi_job_add_waiter(struct bw_store_write *);
/*
 * Mark the results as known, though not durable yet; wake the waiting caller.
 */
void bwi_job_decide(struct bw_store_write *);
/*
 * Mark the job as done, failed if error is not NULL; drops the writer's
 * reference.
 */
void bwi_job_finish(struct bw_store_write *, const struct bw_error *);
/* Copy an answer into result i. BW_ERR_NOMEM. */
enum bw_err bwi_job_set_answer(
    struct bw_store_write *, size_t i, const struct bw_store_answer *) BW_CHECK;

/*
 * One kind of store: a const struct in its own file and a line in the list of
 * store_kinds.c. The public header describes each function. submit takes over
 * the job and finishes it eventually; a job that cannot reach the store is
 * finished with the error.
 */
struct bwi_store_ops {
	const char *scheme;
	enum bw_err (*create)(
	    const char *where, const struct bw_reporter *, struct bw_error *);
	enum bw_err (*open)(
	    const char *where, struct bw_store **, struct bw_error *);
	/* No I/O: the first submit opens, or creates, the file. */
	enum bw_err (*attach)(
	    const char *where, struct bw_store **, struct bw_error *);
	/* Finishes the submitted jobs, then frees the store. */
	void (*free)(struct bw_store *);
	void (*submit)(struct bw_store *, struct bw_store_write *);
	enum bw_err (*read)(struct bw_store *, const struct bw_store_filter *,
	    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
	    bw_store_row_fn *, void *arg, struct bw_error *);
	enum bw_err (*last)(struct bw_store *, uint64_t *, struct bw_error *);
	enum bw_err (*count)(struct bw_store *, const struct bw_store_filter *,
	    bw_store_count_fn *, void *arg, struct bw_error *);
	enum bw_err (*stats)(
	    struct bw_store *, struct bw_store_stats *, struct bw_error *);
	enum bw_err (*consumer)(struct bw_store *, const char *name,
	    const struct bw_store_filter *, uint64_t after_seq,
	    struct bw_error *);
	enum bw_err (*consumer_remove)(
	    struct bw_store *, const char *name, struct bw_error *);
	enum bw_err (*consumers)(struct bw_store *, int64_t before,
	    bw_store_consumer_fn *, void *arg, struct bw_error *);
	enum bw_err (*lease)(struct bw_store *, const char *name, size_t max,
	    int64_t ms, bw_store_lease_fn *, void *arg, struct bw_error *);
	enum bw_err (*settle)(struct bw_store *, const char *name,
	    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
	    struct bw_str why, struct bw_error *);
	enum bw_err (*dead)(struct bw_store *, const char *name,
	    bw_store_dead_fn *, void *arg, struct bw_error *);
	enum bw_err (*revive)(struct bw_store *, const char *name, uint64_t seq,
	    size_t *n, struct bw_error *);
	enum bw_err (*prune)(struct bw_store *, int64_t before, uint64_t bytes,
	    uint64_t *n, struct bw_error *);
	enum bw_err (*backup)(struct bw_store *, const char *path,
	    bw_store_progress_fn *, void *arg, struct bw_error *);
};

extern const struct bwi_store_ops bwi_store_mem;
extern const struct bwi_store_ops bwi_store_sqlite;

/* First member of the struct of every kind of store. */
struct bw_store {
	const struct bwi_store_ops *ops;
	struct bwi_spool *spool; /* NULL: none */
	pthread_mutex_t warning_mutex;
	struct bw_error warning; /* an error that no caller waits for */
};

/*
 * A store that is usable at once: the writer thread opens the file, or creates
 * it, for the first job. Only callers that wait for a job of their own wait for
 * the file, each until its own deadline. BW_ERR_UNSUPPORTED, _NOMEM.
 */
enum bw_err bwi_store_attach(
    const char *url, struct bw_store **, struct bw_error *) BW_CHECK;
/*
 * As bw_store_read(), until a deadline, CLOCK_MONOTONIC in nanoseconds. After
 * it BW_ERR_BUSY; the cursor is then at the last row passed to fn.
 */
enum bw_err
bwi_store_read_until(struct bw_store *, const struct bw_store_filter *,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *, void *arg, struct bw_error *) BW_CHECK;

/* Initialize and release the common part. */
void bwi_store_init(struct bw_store *, const struct bwi_store_ops *);
void bwi_store_done(struct bw_store *);
/* Set the error that bw_store_take_warning() returns. */
void bwi_store_warn(struct bw_store *, const struct bw_error *);

/* Does the filter select the event? */
bool bwi_store_matches(
    const struct bw_store_filter *, const struct bw_store_event *);
/*
 * May a re-delivery without an answer be handled, and is a key too old to
 * match? The stored times may lie in the future, if the clock was set back.
 */
bool bwi_store_claim_over(int64_t claim_end, int64_t now);
bool bwi_store_window_over(int64_t first, int64_t window, int64_t now);
/* Is a lease, or a delay, that began at since over? */
bool bwi_store_lease_over(int64_t since, int64_t until, int64_t now);

#endif
