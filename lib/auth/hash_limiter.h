#ifndef BWI_AUTH_HASH_LIMITER_H
#define BWI_AUTH_HASH_LIMITER_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#include "auth/auth_cache.h"

/*
 * Limits how many requests of the process hash a password at once. A hash takes
 * tens of milliseconds of CPU time: without a limit, a flood of wrong passwords
 * would occupy every worker and delay calls.
 *
 * Two requests hash at once; the rest wait. The next turn goes to the least
 * suspect request. A request is suspect if its peer, or its user name,
 * recently had passwords that were wrong or were refused. Equally suspect
 * requests take turns in order of arrival. So a right password does not
 * wait for other users' wrong ones. It makes no difference whether the user
 * exists: otherwise the time until the answer would reveal it.
 *
 * Requests with the same digest have their turns one after the other: after
 * waiting, look in the cache first. After several wrong hashes in a row at most
 * six digests wait, one for each peer. A less suspect request then replaces a
 * waiting one, and that one is refused.
 */
#define BWI_HASH_LIMITER_HASHING 2
#define BWI_HASH_LIMITER_WAITING 6
/* Maximum number of waiting digests without a flood. */
#define BWI_HASH_LIMITER_QUEUE 64

/* Longest wait, in milliseconds: well under a call's deadline. */
#define BWI_HASH_LIMITER_MAX_WAIT 2000
/* Milliseconds until one wrong hash is no longer counted as part of a flood. */
#define BWI_HASH_LIMITER_DECAY 250
/* The same for a peer or a user, as a multiple of that time. */
#define BWI_HASH_LIMITER_MEMORY 40

struct bwi_hash_limiter;

enum bwi_hash_state {
	BWI_HASH_ADMITTED, /* hash, then call _leave() */
	BWI_HASH_WAITS,	   /* ready() will be called */
	BWI_HASH_REFUSED
};

/* The turn of one request. */
struct bwi_hash_turn {
	struct bwi_digest digest;
	uint64_t peer;
	uint64_t user;
	enum bwi_hash_state state;
	/*
	 * Called when a waiting turn was admitted or refused, by the thread
	 * that made room, with the limiter locked. It may only wake or
	 * queue the request.
	 */
	void (*ready)(struct bwi_hash_turn *);
	void *arg; /* for ready() */
	struct bwi_hash_turn *next;
};

/* The limiter of the process. */
struct bwi_hash_limiter *bwi_hash_limiter(void);

/* peer: an address. For IPv6 only its network part is compared. */
void bwi_hash_turn_init(struct bwi_hash_turn *, const struct bwi_digest *,
    struct bw_str peer, struct bw_str user);

/* Ask for a turn, which must stay where it is until it is over. */
enum bwi_hash_state
bwi_hash_limiter_ask(struct bwi_hash_limiter *, struct bwi_hash_turn *);
/* What became of a turn that waited. */
enum bwi_hash_state
bwi_hash_limiter_state(struct bwi_hash_limiter *, const struct bwi_hash_turn *);
/* Wait no longer. False: it was admitted or refused meanwhile. */
bool bwi_hash_limiter_cancel(struct bwi_hash_limiter *, struct bwi_hash_turn *);
/* The end of an admitted turn. wrong: it was hashed and did not match. */
void bwi_hash_limiter_leave(
    struct bwi_hash_limiter *, struct bwi_hash_turn *, bool wrong);

/*
 * Ask for a turn and wait for it, without ready(). BW_ERR_BUSY: refused, or not
 * admitted within BWI_HASH_LIMITER_MAX_WAIT and before the deadline
 * (CLOCK_MONOTONIC, nanoseconds).
 */
enum bw_err bwi_hash_limiter_enter(struct bwi_hash_limiter *,
    struct bwi_hash_turn *, int64_t deadline, struct bw_error *) BW_CHECK;

/* For tests: the number of waiting turns, and other times, in ms. */
size_t bwi_hash_limiter_waiting(struct bwi_hash_limiter *);
void bwi_hash_limiter_set_times(
    struct bwi_hash_limiter *, int64_t max_wait, int64_t decay);

#endif
