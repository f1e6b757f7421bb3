#ifndef BWI_STORE_SQLITE_COMPACT_H
#define BWI_STORE_SQLITE_COMPACT_H

#include <stdatomic.h>

#include "store/sqlite_segment.h"

#include <bwcallback/tools/store.h>

/*
 * Compact the closed segments whose newest event was received before a time,
 * one after the other. A segment that is damaged, or is changed too often
 * meanwhile, stays as it is; the first such error is returned after the others.
 * BW_ERR_DEADLINE: told to stop, which may be NULL.
 */
enum bw_err bwi_compact(const char *path, int64_t before, atomic_bool *stop,
    struct bw_store_compaction *, struct bw_error *) BW_CHECK;

/* compact_copy.c */

/* Copying one segment to a file that no other process knows. */
struct bwi_compacting {
	const struct bwi_segment *segment;
	struct bwi_conn from; /* in a transaction that reads */
	const char *part;     /* the new file, which is empty */
	atomic_bool *stop;
	int64_t closed; /* "closed" of what was copied */
	int64_t worked; /* since when, without a pause */
};

/*
 * Copy the segment, and compare all rows of the copy with those of the
 * original. The copy is closed afterwards and has no log.
 */
enum bw_err
bwi_compact_copy(struct bwi_compacting *, struct bw_error *) BW_CHECK;

#endif
