#ifndef BWI_STORE_WRITER_H
#define BWI_STORE_WRITER_H

#include "store/store.h"

/*
 * Commits the jobs of a store, one transaction at a time. All waiting jobs are
 * committed together, so a hundred callers cost one sync to disk.
 *
 * Two kinds of thread do it. If there is one store, a worker that has parked
 * requests commits the jobs of all requests with bw_store_commit_waiting(), so
 * no thread has to be woken. The writer's own thread, which starts with the
 * first job, commits if there are several stores, and in three other cases: a
 * caller waits, answers have waited for events for long enough, or another
 * process has the store locked.
 */
struct bwi_writer;

/*
 * commit: do these n jobs (linked by next) in one transaction and finish each.
 * If another process has the store locked: with patient, try again until the
 * deadlines of the jobs; without it return false soon, with all jobs left.
 * periodic: called about once a second, even under load; it must take no longer
 * than a transaction or two.
 */
struct bwi_writer_ops {
	bool (*commit)(
	    void *arg, struct bw_store_write *, size_t n, bool patient);
	void (*periodic)(void *arg);
};

/*
 * Maximum number of jobs with events in one transaction; answers do not count.
 * Larger transactions make callers wait longer than they save. A benchmark
 * compares with 1.
 */
#ifndef BWI_WRITER_BATCH
#define BWI_WRITER_BATCH 512
#endif

/* NULL: out of memory. */
struct bwi_writer *
bwi_writer_new(const struct bwi_writer_ops *, void *arg) BW_CHECK;
/* Finishes the queued jobs, then ends the thread. */
void bwi_writer_free(struct bwi_writer *);
/*
 * Takes over the job. It is committed after bwi_writer_hurry(), or by
 * bw_store_commit_waiting(), or with the next jobs. If the thread cannot be
 * started, the job fails at once.
 */
void bwi_writer_submit(struct bwi_writer *, struct bw_store_write *);
/* A caller waits for its job: let the thread commit, if no other does. */
void bwi_writer_hurry(struct bwi_writer *);

/*
 * The process has one store more, or one less, than before. Its writer may be
 * made later.
 */
void bwi_writer_expect(bool more);

/* Let the thread call the periodic function now. */
void bwi_writer_periodic(struct bwi_writer *);

/*
 * How long the writer has been trying to commit one transaction, in
 * nanoseconds; 0: it is not.
 */
int64_t bwi_writer_busy(struct bwi_writer *);

#endif
