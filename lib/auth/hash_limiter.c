#include <config.h>

#include "auth/hash_limiter.h"

#include <pthread.h>
#include <stdint.h>

#include <bwcallback/tools/clock.h>

#include "os/thread.h"

/*
 * Wrong hashes are counted in a leaky bucket, which loses one every
 * BWI_HASH_LIMITER_DECAY. More than WRONG_TOLERATED mean a flood.
 */
#define WRONG_TOLERATED 4
#define WRONG_MAX	16

/* A waiting thread; on its stack. */
struct waiter {
	const struct bwi_digest *digest;
	struct waiter *next;
	bool admitted; /* left the queue; its digest is in hashing[] */
};

struct bwi_hash_limiter {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a waiter was admitted */
	struct bwi_digest hashing[BWI_HASH_LIMITER_HASHING];
	size_t running;
	struct waiter *first; /* the queue, longest wait first */
	/* Peers that wait during a flood; p is NULL in a free slot. */
	struct bw_str peers[BWI_HASH_LIMITER_WAITING];
	int64_t wrong;
	int64_t decayed;  /* time when wrong was last decreased, ms */
	int64_t max_wait; /* longest wait, ms */
	int64_t decay;	  /* time until wrong decreases by one, ms */
};

static struct bwi_hash_limiter limiter = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .max_wait = BWI_HASH_LIMITER_MAX_WAIT,
    .decay = BWI_HASH_LIMITER_DECAY};
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init_limiter(void)
{
	bwi_thread_cond_init(&limiter.changed);
}

struct bwi_hash_limiter *
bwi_hash_limiter(void)
{
	(void)pthread_once(&once, init_limiter);
	return &limiter;
}

static bool
same_digest(const struct bwi_digest *a, const struct bwi_digest *b)
{
	return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1])) == 0;
}

static bool
can_hash(const struct bwi_hash_limiter *g, const struct bwi_digest *d)
{
	for (size_t i = 0; i < g->running; i++) {
		if (same_digest(&g->hashing[i], d))
			return false;
	}
	return g->running < BWI_HASH_LIMITER_HASHING;
}

static bool
is_flooded(struct bwi_hash_limiter *g)
{
	int64_t t = bw_monotonic_ms();
	int64_t fewer = (t - g->decayed) / g->decay;

	if (fewer > 0) {
		g->wrong = fewer < g->wrong ? g->wrong - fewer : 0;
		g->decayed = t;
	}
	return g->wrong > WRONG_TOLERATED;
}

/*
 * A slot for a waiting peer during a flood; NULL when all are in use, or when
 * the peer has one.
 */
static struct bw_str *
find_peer_slot(struct bwi_hash_limiter *g, struct bw_str peer)
{
	struct bw_str *slot = NULL;

	for (size_t i = 0; i < BWI_HASH_LIMITER_WAITING; i++) {
		if (g->peers[i].p == NULL)
			slot = &g->peers[i];
		else if (bw_str_eq(g->peers[i], peer))
			return NULL;
	}
	return slot;
}

static void
enqueue(struct bwi_hash_limiter *g, struct waiter *w)
{
	struct waiter **to = &g->first;

	while (*to != NULL)
		to = &(*to)->next;
	*to = w;
}

static void
dequeue(struct bwi_hash_limiter *g, const struct waiter *w)
{
	struct waiter **at = &g->first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

/*
 * Admit every waiter that can hash, in the order of the queue. A waiter that
 * remains cannot be admitted before the next _leave(), so a thread that arrives
 * and is admitted at once overtakes none that could hash.
 */
static void
admit(struct bwi_hash_limiter *g)
{
	struct waiter **at = &g->first;
	bool any = false;

	while (*at != NULL) {
		struct waiter *w = *at;

		if (!can_hash(g, w->digest)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		g->hashing[g->running++] = *w->digest;
		w->admitted = true;
		any = true;
	}
	if (any)
		(void)pthread_cond_broadcast(&g->changed);
}

/* Wait until admitted. True: the digest is in hashing[]. */
static bool
wait_turn(
    struct bwi_hash_limiter *g, const struct bwi_digest *d, int64_t deadline)
{
	int64_t end =
	    bw_earlier(bw_monotonic_ns() + g->max_wait * 1000000, deadline);
	struct waiter self = {.digest = d};
	bool in_time = true;

	enqueue(g, &self);
	while (!self.admitted && in_time)
		in_time = bwi_thread_cond_wait(&g->changed, &g->lock, end);
	if (!self.admitted)
		dequeue(g, &self);
	return self.admitted;
}

static bool
wait_in_flood(struct bwi_hash_limiter *g, const struct bwi_digest *d,
    struct bw_str peer, int64_t deadline)
{
	struct bw_str *slot = find_peer_slot(g, peer);
	bool turn;

	if (slot == NULL)
		return false;
	*slot = peer.p != NULL ? peer : BW_STR("");
	turn = wait_turn(g, d, deadline);
	slot->p = NULL;
	return turn;
}

enum bw_err
bwi_hash_limiter_enter(struct bwi_hash_limiter *g, const struct bwi_digest *d,
    struct bw_str peer, int64_t deadline, struct bw_error *e)
{
	bool turn;

	(void)pthread_mutex_lock(&g->lock);
	turn = can_hash(g, d);
	if (turn)
		g->hashing[g->running++] = *d;
	else if (is_flooded(g))
		turn = wait_in_flood(g, d, peer, deadline);
	else
		turn = wait_turn(g, d, deadline);
	(void)pthread_mutex_unlock(&g->lock);
	return turn ? BW_OK
		    : bw_error_set(e, BW_ERR_BUSY, 0,
			  "authorization: too many unknown passwords at once");
}

void
bwi_hash_limiter_leave(
    struct bwi_hash_limiter *g, const struct bwi_digest *d, bool wrong)
{
	(void)pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->running; i++) {
		if (same_digest(&g->hashing[i], d)) {
			g->hashing[i] = g->hashing[g->running - 1];
			g->running--;
			break;
		}
	}
	if (wrong) {
		(void)is_flooded(g);
		if (g->wrong < WRONG_MAX)
			g->wrong++;
	}
	admit(g);
	(void)pthread_mutex_unlock(&g->lock);
}

void
bwi_hash_limiter_set_times(
    struct bwi_hash_limiter *g, int64_t max_wait, int64_t decay)
{
	(void)pthread_mutex_lock(&g->lock);
	g->max_wait = max_wait;
	g->decay = decay;
	(void)pthread_mutex_unlock(&g->lock);
}

size_t
bwi_hash_limiter_waiting(struct bwi_hash_limiter *g)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&g->lock);
	for (const struct waiter *w = g->first; w != NULL; w = w->next)
		n++;
	(void)pthread_mutex_unlock(&g->lock);
	return n;
}
