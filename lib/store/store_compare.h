#ifndef BWI_STORE_STORE_COMPARE_H
#define BWI_STORE_STORE_COMPARE_H

#include "store/store_move.h"

/* A move in progress, and portions of both stores. */
struct bwi_move {
	const char *from_url;
	struct bw_store *from;
	struct bw_store *to;
	bw_store_move_fn *fn; /* NULL: none */
	void *arg;
	struct bw_store_moved *out;
	struct bwi_rows a; /* of from */
	struct bwi_rows b; /* of to */
	size_t next;	   /* of b, to look at */
	uint64_t read;	   /* b has all events up to this one */
	struct bwi_rows c; /* of to, for one more look */
	struct bw_store_row differs[BWI_ROWS_MAX];
};

void bwi_move_progress(
    struct bwi_move *, enum bw_store_move_step, uint64_t done, uint64_t all);
/* The number of a store's last event, which is then in rows; 0: none. */
enum bw_err bwi_move_last_event(struct bw_store *, struct bwi_rows *,
    uint64_t *seq, struct bw_error *) BW_CHECK;
/*
 * The number before the events that were received so many milliseconds before
 * the last one, or later.
 */
enum bw_err bwi_move_since(struct bw_store *, struct bwi_rows *, int64_t ms,
    uint64_t *seq, struct bw_error *) BW_CHECK;
/* Look for events of the store to move to after this one. */
void bwi_move_rewind(struct bwi_move *, uint64_t after);
/* Its event of a number, each time a higher one; *row NULL: there is none. */
enum bw_err bwi_move_find(struct bwi_move *, uint64_t seq,
    const struct bw_store_row **row, struct bw_error *) BW_CHECK;
/*
 * Is the last event of the store to move to that of this number in the other?
 * BW_ERR_STALE: no. Without events: yes.
 */
enum bw_err bwi_move_check_begun(struct bwi_move *, struct bw_error *) BW_CHECK;
/*
 * Does the store to move to, which may have later events, have the other's last
 * one? BW_ERR_STALE: no.
 */
enum bw_err
bwi_move_check_complete(struct bwi_move *, struct bw_error *) BW_CHECK;
/*
 * Compare all events. Where the answer or the deliveries differ, write them
 * again; if an event differs then, BW_ERR_CORRUPT. closed: none changes.
 */
enum bw_err
bwi_move_compare(struct bwi_move *, bool closed, struct bw_error *) BW_CHECK;

#endif
