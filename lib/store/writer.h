#ifndef BWI_STORE_WRITER_H
#define BWI_STORE_WRITER_H

#include "store/store.h"

/*
 * The only thread that writes to a store. It commits all waiting jobs together,
 * so a hundred callers cost one sync to disk. It starts with the first job.
 */
struct bwi_writer;

/*
 * commit: do these n jobs (linked by next) in one transaction and finish each.
 * periodic: called about once a second, even under load; it must take no longer
 * than a transaction or two.
 */
struct bwi_writer_ops {
	void (*commit)(void *arg, struct bw_store_write *, size_t n);
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
 * Takes over the job. If the thread cannot be started, the job fails at once.
 */
void bwi_writer_submit(struct bwi_writer *, struct bw_store_write *);

#endif
