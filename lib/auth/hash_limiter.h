#ifndef BWI_AUTH_HASH_LIMITER_H
#define BWI_AUTH_HASH_LIMITER_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#include "auth/auth_cache.h"

/*
 * Limits how many threads of the process hash passwords. A hash takes tens of
 * milliseconds of CPU time: without a limit, a flood of wrong passwords would
 * occupy every worker and delay calls.
 *
 * Two threads hash at once; the rest wait in order of arrival. So after a
 * restart under load, when every request brings the same password not in the
 * cache yet, none is refused: after waiting, look in the cache first. After
 * several wrong hashes in a row at most six threads wait, one per peer address:
 * a flood from one address leaves room for the others.
 */
#define BWI_HASH_LIMITER_HASHING 2
#define BWI_HASH_LIMITER_WAITING 6

/* Longest wait, in milliseconds: well under a call's deadline. */
#define BWI_HASH_LIMITER_MAX_WAIT 2000
/* Milliseconds until one wrong hash is no longer counted. */
#define BWI_HASH_LIMITER_DECAY 250

struct bwi_hash_limiter;

/* The limiter of the process. */
struct bwi_hash_limiter *bwi_hash_limiter(void);

/*
 * BW_OK: hash now, and call _leave() afterwards. BW_ERR_BUSY: not admitted
 * within BWI_HASH_LIMITER_MAX_WAIT and before the deadline (CLOCK_MONOTONIC,
 * nanoseconds). Requests with the same digest are admitted one at a time.
 */
enum bw_err
bwi_hash_limiter_enter(struct bwi_hash_limiter *, const struct bwi_digest *,
    struct bw_str peer, int64_t deadline, struct bw_error *) BW_CHECK;
/* wrong: a password was hashed and did not match. */
void bwi_hash_limiter_leave(
    struct bwi_hash_limiter *, const struct bwi_digest *, bool wrong);
/* For tests: the number of waiting threads, and other times, in ms. */
size_t bwi_hash_limiter_waiting(struct bwi_hash_limiter *);
void bwi_hash_limiter_set_times(
    struct bwi_hash_limiter *, int64_t max_wait, int64_t decay);

#endif
