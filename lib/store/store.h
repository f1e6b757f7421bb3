#ifndef BWI_STORE_H
#define BWI_STORE_H

#include <pthread.h>
#include <stdbool.h>

#include <bwcallback/store.h>

struct bwi_spool;

/* Bodies nobody could read are kept, but not without limit. */
#define BWI_STORE_REFUSED	     "refused" /* see refusal.h */
#define BWI_STORE_UNPARSED	     "unparsed"
#define BWI_STORE_MAX_UNPARSED	     1000
#define BWI_STORE_MAX_UNPARSED_BYTES (16 * 1024 * 1024)

/* How many leases one call may ask for. */
#define BWI_STORE_MAX_LEASES 1000

enum bwi_job_state {
	BWI_JOB_QUEUED,
	BWI_JOB_DECIDED,
	BWI_JOB_DONE
};

/*
 * What a writer is given to do: events to append, or an answer to record
 * (n == 0). Counted: the writer has one reference, whoever waits the other.
 */
struct bw_store_write {
	struct bw_store *store;
	struct bw_store_write *next;
	size_t n;
	struct bw_store_event *events;
	struct bw_store_result *results;
	struct bw_buf *answers; /* one for each event: what results point to */
	uint64_t seq;		/* of the answer */
	struct bw_store_answer answer;
	int64_t deadline;
	void *block; /* the strings' memory */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	enum bwi_job_state state;
	enum bwi_job_state wanted; /* by who waits; QUEUED: nobody does */
	struct bw_error error;
	int refs;
	bool left;  /* nobody waits any more */
	bool spool; /* and a failure goes to the spool */
};

/* Copies the events. NULL: no memory. Two references. */
struct bw_store_write *bwi_job_new(struct bw_store *,
    const struct bw_store_event *, size_t n, int64_t deadline) BW_CHECK;
/* One reference. */
struct bw_store_write *bwi_job_new_answer(
    struct bw_store *, uint64_t seq, const struct bw_store_answer *) BW_CHECK;
/* Somebody waits for this answer after all: a reference for them. */
void bwi_job_stay(struct bw_store_write *);
/* Tell who waits. */
void bwi_job_decide(struct bw_store_write *);
/* Done, with error (NULL: well); gives back the writer's reference. */
void bwi_job_finish(struct bw_store_write *, const struct bw_error *);
/*
 * Let result i have a copy of an answer. BW_ERR_NOMEM.
 */
enum bw_err bwi_job_set_answer(
    struct bw_store_write *, size_t i, const struct bw_store_answer *) BW_CHECK;

/*
 * One kind of store: a const struct in its own file and a line in the list of
 * store_kinds.c. What is not said here is as in the public header. submit takes
 * the job over, and finishes it sometime; a job whose store cannot be asked at
 * all is finished with the error.
 */
struct bwi_store_ops {
	const char *scheme;
	enum bw_err (*create)(
	    const char *where, const struct bw_reporter *, struct bw_error *);
	enum bw_err (*open)(
	    const char *where, struct bw_store **, struct bw_error *);
	/* Without I/O: the file is opened, or made, by the first submit. */
	enum bw_err (*attach)(
	    const char *where, struct bw_store **, struct bw_error *);
	/* Finishes what was submitted, then frees. */
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

/* The beginning of every kind of store. */
struct bw_store {
	const struct bwi_store_ops *ops;
	struct bwi_spool *spool; /* NULL: none */
	pthread_mutex_t noting;
	struct bw_error note; /* what went wrong with nobody to tell */
};

/*
 * A store that a request can have at once: its file is opened, and made if
 * need be, by the thread that writes, so that only those who wait for their
 * events wait for it, until their own deadlines. BW_ERR_UNSUPPORTED, _NOMEM.
 */
enum bw_err bwi_store_attach(
    const char *url, struct bw_store **, struct bw_error *) BW_CHECK;
/*
 * As bw_store_read(), until a deadline, CLOCK_MONOTONIC in nanoseconds. Then
 * BW_ERR_BUSY, and the cursor is behind the last row that fn was called with.
 */
enum bw_err
bwi_store_read_until(struct bw_store *, const struct bw_store_filter *,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *, void *arg, struct bw_error *) BW_CHECK;

/* Fill the beginning; and empty it. */
void bwi_store_init(struct bw_store *, const struct bwi_store_ops *);
void bwi_store_done(struct bw_store *);
/* Leave word for bw_store_take_warning(). */
void bwi_store_warn(struct bw_store *, const struct bw_error *);

/* Is an event one of those a filter lets through? */
bool bwi_store_matches(
    const struct bw_store_filter *, const struct bw_store_event *);
/*
 * The fate of a re-delivery without an answer, and of a key that is old: both
 * from times that a clock set back may have made later than now.
 */
bool bwi_store_claim_over(int64_t claim_end, int64_t now);
bool bwi_store_window_over(int64_t first, int64_t window, int64_t now);
/* And of a lease, or a time to wait, that began at since. */
bool bwi_store_lease_over(int64_t since, int64_t until, int64_t now);

#endif
