#ifndef BWI_STORE_SQLITE_DROP_H
#define BWI_STORE_SQLITE_DROP_H

#include "store/sqlite.h"

/* No event after this one is pruned: a consumer has not passed it. */
enum bw_err bwi_sqlite_get_lowest(
    struct bwi_conn *control, int64_t *lowest, struct bw_error *) BW_CHECK;

/* Does a consumer have work of the events from first to last? */
enum bw_err bwi_sqlite_is_held(struct bwi_conn *control, uint64_t first,
    uint64_t last, bool *held, struct bw_error *) BW_CHECK;

/*
 * Close the active segment if it covers much of what is kept, so that it can be
 * dropped as a whole later.
 */
enum bw_err bwi_sqlite_rotate_for(struct bwi_sqlite *, int64_t before,
    uint64_t bytes, struct bw_error *) BW_CHECK;

/*
 * Drop closed segments that no consumer needs: those whose events were all
 * received before a time, or the oldest ones while the store is too large. *n:
 * the number of their events is added.
 */
enum bw_err bwi_sqlite_drop_older(struct bwi_sqlite *, int64_t before,
    uint64_t *n, struct bw_error *) BW_CHECK;
enum bw_err bwi_sqlite_drop_larger(struct bwi_sqlite *, uint64_t bytes,
    uint64_t *n, struct bw_error *) BW_CHECK;

#endif
