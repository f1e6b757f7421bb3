#ifndef BWI_STORE_SQLITE_LATE_H
#define BWI_STORE_SQLITE_LATE_H

#include "store/sqlite.h"

/* Parts of appending; all while the active segment is locked. */

/*
 * *seq: the newest event with the same key and ids, and its segment; 0: none.
 * An older one has expired. An event with both a call and a message has two
 * terms.
 */
enum bw_err
bwi_sqlite_find_same(struct bwi_sqlite *, const struct bw_store_event *,
    struct bwi_segment **, uint64_t *seq, struct bw_error *) BW_CHECK;

/*
 * After an error in a closed segment: if it is damaged, pass over it from now
 * on, so that the others remain usable. Returns BW_OK then. Any other error
 * fails only the job that met it.
 */
enum bw_err bwi_sqlite_pass_over(struct bwi_sqlite *, struct bwi_segment *,
    enum bw_err, struct bw_error *) BW_CHECK;

/*
 * Changes of closed segments, by late answers and re-deliveries. Each segment
 * has a transaction of its own, which is committed before that of the active
 * segment: if that fails, a re-delivery was counted, or its claim given away,
 * for a job that fails; the next delivery finds it so.
 */

/*
 * Begin the transaction of a segment, if it is closed and has none. What a list
 * of events changes there is undone if one of them is refused.
 */
enum bw_err bwi_sqlite_begin_late(struct bwi_sqlite *, struct bw_store_write *,
    struct bwi_segment *, struct bw_error *) BW_CHECK;
void bwi_sqlite_end_late(struct bwi_sqlite *, bool undo);
enum bw_err
bwi_sqlite_commit_late(struct bwi_sqlite *, struct bw_error *) BW_CHECK;
void bwi_sqlite_rollback_late(struct bwi_sqlite *);

/* bound.c */

/* BW_ERR_LIMIT: too many bodies are stored that cannot be decoded. */
enum bw_err bwi_sqlite_check_bound(struct bwi_sqlite *,
    const struct bw_store_event *, struct bw_error *) BW_CHECK;

#endif
