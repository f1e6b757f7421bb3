#ifndef BWI_STORE_H
#define BWI_STORE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/parked.h>
#include <bwcallback/tools/store.h>

struct bwi_move_ops;
struct bwi_spool;
struct bwi_spooler;

/*
 * Families of events that are no callbacks. Bodies that cannot be decoded are
 * stored up to these limits.
 */
#define BWI_STORE_REFUSED	     "refused" /* see callback/refusal_count.h */
#define BWI_STORE_UNPARSED	     "unparsed"
#define BWI_STORE_OPERATOR	     "operator" /* see page/act.h */
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
	struct bw_store *store; /* NULL: a job of the spooler */
	struct bw_store_write *next;
	size_t n;
	struct bw_store_event *events;
	struct bw_store_result *results;
	struct bw_buf
	    *answers; /* one for each event; results point into them */
	uint64_t seq; /* of the answer */
	struct bw_store_answer answer;
	int64_t deadline;
	int64_t begun; /* when its caller gave it */
	void *block;   /* memory of events, results and strings */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	enum bwi_job_state state;
	enum bwi_job_state
	    wanted; /* state that the caller waits for; QUEUED: none */
	/* Called once instead of the condition, if the caller parked its
	 * request. */
	struct bw_waker waker;
	struct bw_error error;
	int refs;
	bool late;	/* it changed a closed segment */
	bool delayed;	/* an answer that may wait for the next events */
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
/* Count the events of jobs that are committed as one transaction. */
void bwi_job_count_batch(const struct bw_store_write *jobs);
/*
 * Mark the job as done, failed if error is not NULL; drops the writer's
 * reference.
 */
void bwi_job_finish(struct bw_store_write *, const struct bw_error *);
/* The same for a list of them. */
void bwi_job_finish_all(struct bw_store_write *, const struct bw_error *);
/* Copy an answer into result i. BW_ERR_NOMEM. */
enum bw_err bwi_job_set_answer(
    struct bw_store_write *, size_t i, const struct bw_store_answer *) BW_CHECK;

/*
 * Look at a job without waiting. true: it has reached the stage; results and
 * *err, the error of the job, are set. false: not yet; the waker is called once
 * it has. A second call replaces the waker, NULL removes it; a freed job calls
 * none.
 */
bool bwi_job_poll(struct bw_store_write *, enum bw_store_stage,
    const struct bw_waker *, const struct bw_store_result **, enum bw_err *,
    struct bw_error *) BW_CHECK;

/*
 * Let the store's own thread do the job now, for a caller that does not commit
 * itself, bw_store_commit_waiting().
 */
void bwi_job_hurry(struct bw_store_write *);

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
	/* As bw_store_check(). NULL: this kind is no database. */
	enum bw_err (*check)(
	    const char *where, const struct bw_reporter *, struct bw_error *);
	/* What create does, as SQL. NULL: this kind is no database. */
	enum bw_err (*sql)(
	    const char *where, struct bw_buf *, struct bw_error *);
	/* NULL: it has no tables. */
	enum bw_err (*tables)(
	    const char *where, struct bw_store_tables *, struct bw_error *);
	enum bw_err (*open)(
	    const char *where, struct bw_store **, struct bw_error *);
	/* No I/O: the first submit opens, or creates, the file. */
	enum bw_err (*attach)(
	    const char *where, struct bw_store **, struct bw_error *);
	/*
	 * The path of the spool beside a store; NULL: none. The caller frees
	 * it. NULL: this kind has none.
	 */
	enum bw_err (*spool)(const char *where, char **path, struct bw_error *);
	/*
	 * A process that serves requests begins: do what was left undone by one
	 * that has died. NULL: the first submit does.
	 */
	void (*start)(struct bw_store *);
	/* Finishes the submitted jobs, then frees the store. */
	void (*free)(struct bw_store *);
	void (*submit)(struct bw_store *, struct bw_store_write *);
	/* A caller waits for submitted jobs. NULL: submit did them at once. */
	void (*hurry)(struct bw_store *);
	/*
	 * For how long the store has been trying to commit the first submitted
	 * jobs, in nanoseconds. NULL: submit did them at once.
	 */
	int64_t (*busy)(struct bw_store *);
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
	    int64_t deadline, bw_store_consumer_fn *, void *arg,
	    struct bw_error *);
	/*
	 * Does it know that no standby confirms what is written? NULL: this
	 * kind has none.
	 */
	bool (*lacks_standby)(struct bw_store *, int64_t deadline);
	enum bw_err (*lease)(struct bw_store *, const char *name, size_t max,
	    int64_t ms, bw_store_lease_fn *, void *arg, struct bw_error *);
	enum bw_err (*settle)(struct bw_store *, const char *name,
	    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
	    struct bw_str why, struct bw_error *);
	enum bw_err (*dead)(struct bw_store *, const char *name,
	    bw_store_dead_fn *, void *arg, struct bw_error *);
	enum bw_err (*revive)(struct bw_store *, const char *name, uint64_t seq,
	    size_t *n, struct bw_error *);
	enum bw_err (*drop_dead)(struct bw_store *, const char *name,
	    uint64_t seq, size_t *n, struct bw_error *);
	enum bw_err (*prune)(struct bw_store *, int64_t before, uint64_t bytes,
	    uint64_t *n, struct bw_error *);
	enum bw_err (*backup)(struct bw_store *, const char *path,
	    bw_store_progress_fn *, void *arg, struct bw_error *);
	/* NULL: it has tools of its own. */
	enum bw_err (*verify)(struct bw_store *, unsigned how,
	    const struct bw_reporter *, struct bw_store_soundness *,
	    struct bw_error *);
	/* NULL: there is nothing to compact in this kind. */
	enum bw_err (*compact)(struct bw_store *, int64_t before,
	    struct bw_store_compaction *, struct bw_error *);
	/* NULL: it cannot be moved. */
	const struct bwi_move_ops *move;
};

extern const struct bwi_store_ops bwi_store_mem;
extern const struct bwi_store_ops bwi_store_sqlite;
extern const struct bwi_store_ops bwi_store_postgresql;

/* First member of the struct of every kind of store. */
struct bw_store {
	const struct bwi_store_ops *ops;
	struct bwi_spool *spool;     /* NULL: none */
	struct bwi_spooler *spooler; /* appends to it; NULL: the caller does */
	pthread_mutex_t warning_mutex;
	struct bw_error warning; /* an error that no caller waits for */
	atomic_bool retains_keys;
	atomic_llong compacted; /* age of what is compacted, ms; 0: nothing */
};

/*
 * A store that is usable at once: the file is opened, or created, to commit the
 * first job. Only callers that wait for a job of their own wait for
 * the file, each until its own deadline. BW_ERR_UNSUPPORTED, _NOMEM.
 */
enum bw_err bwi_store_attach(
    const char *url, struct bw_store **, struct bw_error *) BW_CHECK;
/*
 * What became of spooled events. A body that cannot be decoded is dropped with
 * a warning when there are too many of them: it would hold up those after it.
 */
enum bw_err bwi_store_drained(struct bw_store *, const struct bw_store_event *,
    size_t n, enum bw_err, struct bw_error *) BW_CHECK;
/*
 * Append events of the spool and wait until they are durable. With them is
 * dropped what bwi_store_drained() says.
 */
enum bw_err
bwi_store_append_spooled(struct bw_store *, const struct bw_store_event *,
    size_t n, int64_t deadline, struct bw_error *) BW_CHECK;
/* The path of the spool of a store; *path is the caller's, NULL: none. */
enum bw_err
bwi_store_spool_path(const char *url, char **path, struct bw_error *) BW_CHECK;
/*
 * As bw_store_read(), until a deadline, CLOCK_MONOTONIC in nanoseconds. After
 * it BW_ERR_BUSY; the cursor is then at the last row passed to fn.
 */
enum bw_err
bwi_store_read_until(struct bw_store *, const struct bw_store_filter *,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *, void *arg, struct bw_error *) BW_CHECK;

/* As bw_store_consumers(), until a deadline: BW_ERR_BUSY after it. */
enum bw_err
bwi_store_consumers_until(struct bw_store *, int64_t before, int64_t deadline,
    bw_store_consumer_fn *, void *arg, struct bw_error *) BW_CHECK;
/*
 * For how long the store has been trying to commit the first submitted jobs, in
 * nanoseconds.
 */
int64_t bwi_store_busy(struct bw_store *);

/* As bw_store_record_answer_wait(), but the caller waits for the job. */
enum bw_err bwi_store_answer_begin(struct bw_store *, uint64_t seq,
    const struct bw_store_answer *, struct bw_store_write **,
    struct bw_error *) BW_CHECK;

/* Initialize and release the common part. */
void bwi_store_init(struct bw_store *, const struct bwi_store_ops *);
void bwi_store_done(struct bw_store *);
/* Set the error that bw_store_take_warning() returns. */
void bwi_store_warn(struct bw_store *, const struct bw_error *);

/* Does the filter select the event, whatever the answer? */
bool bwi_store_matches(
    const struct bw_store_filter *, const struct bw_store_event *);
/* Does the filter select an event with this answer; status 0: without one? */
bool bwi_store_answer_matches(
    const struct bw_store_filter *, const struct bw_store_answer *);
/* Does the filter restrict by the answer? */
bool bwi_store_selects_answers(const struct bw_store_filter *);
/*
 * Does it select only answers that are wrong: that failed, are a fallback or an
 * error, or took BWI_STORE_SLOW microseconds or more? A store finds these
 * without looking at the others.
 */
#define BWI_STORE_SLOW 2000000
bool bwi_store_selects_wrong(const struct bw_store_filter *);
/*
 * May a re-delivery without an answer be handled, and is the key of an event
 * first received then too old to match? That is compared with the time of
 * receipt, not the present: the event may come from the spool. The stored times
 * may lie in the future, if the clock was set back.
 */
bool bwi_store_claim_over(int64_t claim_end, int64_t now);
bool bwi_store_key_over(
    const struct bw_store *, int64_t first, const struct bw_store_event *again);
/* Are keys without a window valid as long as their events are stored? */
void bwi_store_retain_keys(struct bw_store *, bool retain);
/* Compact what is older than this, in milliseconds; 0: nothing. */
void bwi_store_compact(struct bw_store *, int64_t age);
/* Is a lease, or a delay, that began at since over? */
bool bwi_store_lease_over(int64_t since, int64_t until, int64_t now);
/* Copy a string, if it is there, and let it point to the copy. Returns its end.
 */
char *bwi_store_copy_string(struct bw_str *, char *to);
/* Compares two struct bw_store_count by family and type, for qsort(). */
int bwi_store_compare_types(const void *, const void *);

#endif
