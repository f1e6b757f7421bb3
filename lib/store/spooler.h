#ifndef BWI_STORE_SPOOLER_H
#define BWI_STORE_SPOOLER_H

#include "store/spool.h"
#include "store/store.h"

/*
 * A thread that appends to the spool, so that a disk that hangs holds no
 * worker. It starts with the first job.
 */
struct bwi_spooler;

/* The spool must stay valid. NULL: out of memory. */
struct bwi_spooler *bwi_spooler_new(struct bwi_spool *) BW_CHECK;
/* Finishes the queued jobs, then ends the thread. */
void bwi_spooler_free(struct bwi_spooler *);
/*
 * Append events. The job is the caller's, as for bw_store_write_begin(); it is
 * done when the events are durable. BW_ERR_NOMEM.
 */
enum bw_err bwi_spooler_append(struct bwi_spooler *,
    const struct bw_store_event *, size_t n, int64_t deadline,
    struct bw_store_write **, struct bw_error *) BW_CHECK;

#endif
