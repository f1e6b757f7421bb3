#ifndef BWI_PORTOUT_HISTORY_H
#define BWI_PORTOUT_HISTORY_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * Port-out requests of the last hour, for two purposes: to limit the requests
 * for one number, and to answer a re-delivered request with the same verdict.
 * Held in memory with fixed limits. There is one history for each section of a
 * process; it survives a reload of the configuration. history_load.h adds the
 * requests in a store.
 */
struct bwi_history;

/*
 * Most requests for numbers in a history. A carrier with a million numbers gets
 * a few hundred port-outs a day.
 */
#define BWI_HISTORY_MAX 32768

/* Identifies a request: part of the SHA-256 of its body. */
struct bwi_history_id {
	uint64_t words[2];
};

/*
 * A re-delivery repeats the body byte for byte; no other request counts as one.
 */
void bwi_history_identify(struct bwi_history_id *, struct bw_str body);

/* The history of that name, created if necessary; NULL: out of memory. */
struct bwi_history *bwi_history_get(struct bw_str name) BW_CHECK;
void bwi_history_unref(struct bwi_history *);

/*
 * Record once that a request is about a number, and return the number of other
 * requests for it in the hour before. now: CLOCK_MONOTONIC, nanoseconds.
 */
unsigned bwi_history_count(struct bwi_history *, const struct bwi_history_id *,
    uint64_t number, int64_t now);

/*
 * Lock the history for reading a store, which continues after the last reading:
 * *cursor is the number of an event, 0 if this store has not been read. False:
 * another thread held the lock until the deadline, CLOCK_MONOTONIC in
 * nanoseconds.
 */
bool bwi_history_begin_reading(struct bwi_history *, const void *store,
    int64_t deadline, uint64_t *cursor) BW_CHECK;
void bwi_history_end_reading(struct bwi_history *, uint64_t cursor);

/*
 * Store the verdict of a request. If it cannot be stored, or is displaced by
 * newer ones, a re-delivery is judged again.
 */
void bwi_history_add(struct bwi_history *, const struct bwi_history_id *,
    struct bw_str verdict, int64_t now);
/*
 * Pass the verdict of a request received within the last hour to put, which
 * must copy it; false if there is none.
 */
bool bwi_history_find(struct bwi_history *, const struct bwi_history_id *,
    int64_t now, void (*put)(void *arg, struct bw_str), void *arg);

#endif
