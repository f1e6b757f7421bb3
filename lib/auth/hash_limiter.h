#ifndef BWI_AUTH_HASH_LIMITER_H
#define BWI_AUTH_HASH_LIMITER_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#include "auth/auth_cache.h"

/*
 * How many threads of the process may hash passwords, which takes tens of
 * milliseconds of a processor each: without a bound, a flood of wrong
 * passwords would occupy every worker, and calls would wait.
 *
 * Two hash at once. The rest wait in the order in which they came, so that
 * after a restart under load, when every request brings the same password not
 * verified yet, none is refused; after waiting, look first whether the answer
 * is known by now. Once several hashes in a row proved wrong, no more than six
 * wait, and of them one per peer address: a flood from one address leaves room
 * for the others.
 */
#define BWI_HASH_LIMITER_HASHING 2
#define BWI_HASH_LIMITER_WAITING 6

/* Longest wait for a turn, in milliseconds: well under a call's deadline. */
#define BWI_HASH_LIMITER_PATIENCE 2000
/* One wrong hash is forgotten after so many milliseconds. */
#define BWI_HASH_LIMITER_FORGIVENESS 250

struct bwi_hash_limiter;

/* The one of the process. */
struct bwi_hash_limiter *bwi_hash_limiter(void);

/*
 * BW_OK: hash now, and leave afterwards. BW_ERR_BUSY: its turn did not come
 * within BWI_HASH_LIMITER_PATIENCE and before the deadline (CLOCK_MONOTONIC,
 * nanoseconds). The same digest is never let in twice at once.
 */
enum bw_err
bwi_hash_limiter_enter(struct bwi_hash_limiter *, const struct bwi_digest *,
    struct bw_str peer, int64_t deadline, struct bw_error *) BW_CHECK;
/* wrong: a password was hashed and did not fit. */
void bwi_hash_limiter_leave(
    struct bwi_hash_limiter *, const struct bwi_digest *, bool wrong);
/* For tests: how many threads wait now, and other times in milliseconds. */
size_t bwi_hash_limiter_waiting(struct bwi_hash_limiter *);
void bwi_hash_limiter_set_times(
    struct bwi_hash_limiter *, int64_t patience, int64_t forgiveness);

#endif
