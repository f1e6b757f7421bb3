#ifndef BWI_STORE_WRITER_H
#define BWI_STORE_WRITER_H

#include "store/store.h"

/*
 * The one thread that writes: whatever jobs wait when it comes round are
 * committed together, so that a hundred callers cost one synchronisation. It
 * starts with the first job.
 */
struct bwi_writer;

/*
 * commit: do these jobs (linked by next, n of them) as one transaction and
 * finish each. other: called about once a second, busy or not, for what should
 * take no longer than a transaction or two.
 */
struct bwi_writer_ops {
	void (*commit)(void *arg, struct bw_store_write *, size_t n);
	void (*other)(void *arg);
};

/*
 * As many jobs with events as one transaction takes, beside answers: beyond,
 * waiting costs more. A benchmark compares with 1.
 */
#ifndef BWI_WRITER_BATCH
#define BWI_WRITER_BATCH 512
#endif

/* NULL: no memory. */
struct bwi_writer *
bwi_writer_new(const struct bwi_writer_ops *, void *arg) BW_CHECK;
/* Does what is queued, then ends the thread. */
void bwi_writer_free(struct bwi_writer *);
/* Takes the job over. It fails at once when there can be no thread. */
void bwi_writer_submit(struct bwi_writer *, struct bw_store_write *);

#endif
