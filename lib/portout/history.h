#ifndef BWI_PORTOUT_HISTORY_H
#define BWI_PORTOUT_HISTORY_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * What was asked about which numbers within the last hour, for two things: a
 * number that is asked for too often, and a request that comes again, which
 * gets the verdict it got. In memory, bounded, and one for each section of a
 * process, so that a reload forgets nothing; asked_read.h adds what a store
 * knows.
 */
struct bwi_history;

/*
 * How many questions about numbers are known at a time. A carrier with a
 * million numbers sees a few hundred port-outs a day.
 */
#define BWI_HISTORY_MAX 32768

/* Of which a request is known. */
struct bwi_history_id {
	uint64_t words[2];
};

/* A retry repeats the body to the byte, and only that is told to be one. */
void bwi_history_identify(struct bwi_history_id *, struct bw_str body);

/* The one of that name; NULL: no memory. */
struct bwi_history *bwi_history_get(struct bw_str name) BW_CHECK;
void bwi_history_unref(struct bwi_history *);

/*
 * Note that a request is about a number, once, and count how many others of
 * the hour before it were. now: CLOCK_MONOTONIC, nanoseconds.
 */
unsigned bwi_history_count(struct bwi_history *, const struct bwi_history_id *,
    uint64_t number, int64_t now);

/*
 * One thread at a time reads a store, from where the last one ended: *cursor is
 * the number of an event, 0 when none of this store was read. False: another
 * thread was still reading at the deadline, CLOCK_MONOTONIC in nanoseconds.
 */
bool bwi_history_begin_reading(struct bwi_history *, const void *store,
    int64_t deadline, uint64_t *cursor) BW_CHECK;
void bwi_history_end_reading(struct bwi_history *, uint64_t cursor);

/*
 * Keep the verdict of a request. When that fails, or many others come, it is
 * forgotten, and the request will be looked at anew.
 */
void bwi_history_add(struct bwi_history *, const struct bwi_history_id *,
    struct bw_str verdict, int64_t now);
/*
 * Hand the verdict of a request that came within the hour to put, which keeps
 * no pointer; false when there is none.
 */
bool bwi_history_find(struct bwi_history *, const struct bwi_history_id *,
    int64_t now, void (*put)(void *arg, struct bw_str), void *arg);

#endif
