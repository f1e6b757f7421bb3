#include <config.h>

#include "auth/hash_limiter.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/hash.h>

#include "auth/suspects.h"
#include "os/thread.h"

/*
 * Wrong hashes are counted in a leaky bucket, which loses one every
 * BWI_HASH_LIMITER_DECAY. More than WRONG_TOLERATED mean a flood.
 */
#define WRONG_TOLERATED 4
#define WRONG_MAX	16

/* The part of an IPv6 address that one customer of a provider has, in bytes. */
#define IPV6_NETWORK 8

struct bwi_hash_limiter {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* of the state of a turn in _enter() */
	struct bwi_digest hashing[BWI_HASH_LIMITER_HASHING];
	size_t running;
	struct bwi_hash_turn *first; /* the queue, longest wait first */
	struct bwi_suspects peers;
	struct bwi_suspects users;
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

static uint64_t
hash_peer(struct bw_str peer)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if (peer.n < sizeof(text)) {
		if (peer.n > 0)
			memcpy(text, peer.p, peer.n);
		text[peer.n] = '\0';
		if (inet_pton(AF_INET6, text, address) == 1)
			peer = (struct bw_str){(char *)address, IPV6_NETWORK};
	}
	return bw_hash_str(BW_HASH_START, peer);
}

void
bwi_hash_turn_init(struct bwi_hash_turn *t, const struct bwi_digest *d,
    struct bw_str peer, struct bw_str user)
{
	*t = (struct bwi_hash_turn){
	    .digest = *d,
	    .peer = hash_peer(peer),
	    .user = bw_hash_str(BW_HASH_START, user),
	};
}

static bool
same_digest(const struct bwi_digest *a, const struct bwi_digest *b)
{
	return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1])) == 0;
}

static bool
is_hashed(const struct bwi_hash_limiter *g, const struct bwi_digest *d)
{
	for (size_t i = 0; i < g->running; i++) {
		if (same_digest(&g->hashing[i], d))
			return true;
	}
	return false;
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

/* Number of wrong passwords that its peer sent lately, or that were sent for
 * its user. */
static int64_t
suspicion(struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	int64_t now = bw_monotonic_ms();
	int64_t decay = g->decay * BWI_HASH_LIMITER_MEMORY;

	return bwi_suspects_count(&g->peers, t->peer, now, decay) +
	       bwi_suspects_count(&g->users, t->user, now, decay);
}

static void
suspect(struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	int64_t now = bw_monotonic_ms();
	int64_t decay = g->decay * BWI_HASH_LIMITER_MEMORY;

	bwi_suspects_add(&g->peers, t->peer, now, decay);
	bwi_suspects_add(&g->users, t->user, now, decay);
}

static void
count_wrong(struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	suspect(g, t);
	(void)is_flooded(g);
	if (g->wrong < WRONG_MAX)
		g->wrong++;
}

static void
enqueue(struct bwi_hash_limiter *g, struct bwi_hash_turn *t)
{
	struct bwi_hash_turn **to = &g->first;

	while (*to != NULL)
		to = &(*to)->next;
	t->next = NULL;
	t->state = BWI_HASH_WAITS;
	*to = t;
}

static void
dequeue(struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	struct bwi_hash_turn **at = &g->first;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
}

/* End the wait of a turn. */
static void
decide(struct bwi_hash_limiter *g, struct bwi_hash_turn *t,
    enum bwi_hash_state state)
{
	dequeue(g, t);
	t->state = state;
	if (t->ready != NULL)
		t->ready(t);
	else
		(void)pthread_cond_broadcast(&g->changed);
}

/* The next turn: the least suspect one that can hash now, or NULL. */
static struct bwi_hash_turn *
find_next(struct bwi_hash_limiter *g)
{
	struct bwi_hash_turn *next = NULL;
	int64_t least = INT64_MAX;

	for (struct bwi_hash_turn *t = g->first; t != NULL; t = t->next) {
		int64_t its = suspicion(g, t);

		if (its < least && !is_hashed(g, &t->digest)) {
			next = t;
			least = its;
		}
	}
	return next;
}

static void
admit(struct bwi_hash_limiter *g)
{
	struct bwi_hash_turn *t;

	while (g->running < BWI_HASH_LIMITER_HASHING &&
	       (t = find_next(g)) != NULL) {
		g->hashing[g->running++] = t->digest;
		decide(g, t, BWI_HASH_ADMITTED);
	}
}

/* Is it the first in the queue with its digest? */
static bool
is_first(const struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	const struct bwi_hash_turn *x = g->first;

	while (!same_digest(&x->digest, &t->digest))
		x = x->next;
	return x == t;
}

static bool
is_awaited(const struct bwi_hash_limiter *g, const struct bwi_digest *d)
{
	for (const struct bwi_hash_turn *t = g->first; t != NULL; t = t->next) {
		if (same_digest(&t->digest, d))
			return true;
	}
	return is_hashed(g, d);
}

/*
 * During a flood: the waiting turn that a new one would replace. NULL:
 * none, there is room for one more.
 */
static struct bwi_hash_turn *
find_rival(struct bwi_hash_limiter *g, const struct bwi_hash_turn *new)
{
	struct bwi_hash_turn *rival = NULL;
	int64_t most = -1;
	size_t waiting = 0;

	for (struct bwi_hash_turn *t = g->first; t != NULL; t = t->next) {
		int64_t its = suspicion(g, t);

		if (t->peer == new->peer)
			return t;
		waiting += is_first(g, t);
		if (its >= most) {
			rival = t;
			most = its;
		}
	}
	return waiting < BWI_HASH_LIMITER_WAITING ? NULL : rival;
}

/* Refuse a turn and all others with its digest. */
static void
displace(struct bwi_hash_limiter *g, const struct bwi_hash_turn *rival)
{
	struct bwi_digest d = rival->digest;
	struct bwi_hash_turn *t = g->first, *next;

	for (; t != NULL; t = next) {
		next = t->next;
		if (same_digest(&t->digest, &d))
			decide(g, t, BWI_HASH_REFUSED);
	}
}

static size_t
count_waiting(const struct bwi_hash_limiter *g)
{
	size_t n = 0;

	for (const struct bwi_hash_turn *t = g->first; t != NULL; t = t->next)
		n++;
	return n;
}

/* Is there a slot to wait in, or can the turn take one? */
static bool
find_slot(struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	const struct bwi_hash_turn *rival;

	if (is_awaited(g, &t->digest) ||
	    (!is_flooded(g) && count_waiting(g) < BWI_HASH_LIMITER_QUEUE))
		return true;
	rival = find_rival(g, t);
	if (rival == NULL)
		return true;
	if (suspicion(g, t) >= suspicion(g, rival))
		return false;
	displace(g, rival);
	return true;
}

static void
ask(struct bwi_hash_limiter *g, struct bwi_hash_turn *t)
{
	if (g->running < BWI_HASH_LIMITER_HASHING &&
	    !is_hashed(g, &t->digest)) {
		/* Turns that still wait have a digest that is being hashed.
		 */
		g->hashing[g->running++] = t->digest;
		t->state = BWI_HASH_ADMITTED;
	} else if (find_slot(g, t)) {
		enqueue(g, t);
	} else {
		t->state = BWI_HASH_REFUSED;
		/* Most of a flood is never hashed. */
		suspect(g, t);
	}
}

enum bwi_hash_state
bwi_hash_limiter_ask(struct bwi_hash_limiter *g, struct bwi_hash_turn *t)
{
	enum bwi_hash_state state;

	(void)pthread_mutex_lock(&g->lock);
	ask(g, t);
	state = t->state;
	(void)pthread_mutex_unlock(&g->lock);
	return state;
}

enum bwi_hash_state
bwi_hash_limiter_state(
    struct bwi_hash_limiter *g, const struct bwi_hash_turn *t)
{
	enum bwi_hash_state state;

	(void)pthread_mutex_lock(&g->lock);
	state = t->state;
	(void)pthread_mutex_unlock(&g->lock);
	return state;
}

bool
bwi_hash_limiter_cancel(struct bwi_hash_limiter *g, struct bwi_hash_turn *t)
{
	bool waits;

	(void)pthread_mutex_lock(&g->lock);
	waits = t->state == BWI_HASH_WAITS;
	if (waits) {
		dequeue(g, t);
		t->state = BWI_HASH_REFUSED;
	}
	(void)pthread_mutex_unlock(&g->lock);
	return waits;
}

enum bw_err
bwi_hash_limiter_enter(struct bwi_hash_limiter *g, struct bwi_hash_turn *t,
    int64_t deadline, struct bw_error *e)
{
	int64_t end;
	bool in_time = true;

	(void)pthread_mutex_lock(&g->lock);
	end = bw_earlier(bw_monotonic_ns() + g->max_wait * 1000000, deadline);
	ask(g, t);
	while (t->state == BWI_HASH_WAITS && in_time)
		in_time = bwi_thread_cond_wait(&g->changed, &g->lock, end);
	if (t->state == BWI_HASH_WAITS)
		dequeue(g, t);
	(void)pthread_mutex_unlock(&g->lock);
	return t->state == BWI_HASH_ADMITTED
		   ? BW_OK
		   : bw_error_set(e, BW_ERR_BUSY, 0,
			 "authorization: too many unknown passwords at once");
}

void
bwi_hash_limiter_leave(
    struct bwi_hash_limiter *g, struct bwi_hash_turn *t, bool wrong)
{
	(void)pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->running; i++) {
		if (same_digest(&g->hashing[i], &t->digest)) {
			g->hashing[i] = g->hashing[g->running - 1];
			g->running--;
			break;
		}
	}
	if (wrong)
		count_wrong(g, t);
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
	size_t n;

	(void)pthread_mutex_lock(&g->lock);
	n = count_waiting(g);
	(void)pthread_mutex_unlock(&g->lock);
	return n;
}
