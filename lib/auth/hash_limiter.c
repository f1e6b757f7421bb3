#include <config.h>

#include "auth/hash_limiter.h"

#include <pthread.h>
#include <stdint.h>

#include <bwcallback/tools/clock.h>

#include "os/thread.h"

/*
 * Wrong hashes are counted in a leaky bucket: this many are held against the
 * next ones, and one is forgiven every so many milliseconds.
 */
#define WRONG_TOLERATED 4
#define WRONG_MAX	16

/* A thread that waits; on its stack. */
struct waiter {
	const struct bwi_digest *digest;
	struct waiter *next;
	bool admitted; /* it has left the queue and is in hashing[] */
};

struct bwi_hash_limiter {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a waiter was admitted */
	struct bwi_digest hashing[BWI_HASH_LIMITER_HASHING];
	size_t running;
	struct waiter *first; /* the queue: the longest wait first */
	/* The peers that wait while a flood is on; p NULL: free. */
	struct bw_str peers[BWI_HASH_LIMITER_WAITING];
	int64_t wrong;
	int64_t forgiven;    /* when wrong was last made less, ms */
	int64_t patience;    /* the longest wait, ms */
	int64_t forgiveness; /* until one wrong is forgiven, ms */
};

static struct bwi_hash_limiter the_gate = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .patience = BWI_HASH_LIMITER_PATIENCE,
    .forgiveness = BWI_HASH_LIMITER_FORGIVENESS};
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init_gate(void)
{
	bwi_thread_cond_init(&the_gate.changed);
}

struct bwi_hash_limiter *
bwi_hash_limiter(void)
{
	(void)pthread_once(&once, init_gate);
	return &the_gate;
}

static bool
same_digest(const struct bwi_digest *a, const struct bwi_digest *b)
{
	return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1])) == 0;
}

static bool
is_free(const struct bwi_hash_limiter *g, const struct bwi_digest *d)
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
	int64_t fewer = (t - g->forgiven) / g->forgiveness;

	if (fewer > 0) {
		g->wrong = fewer < g->wrong ? g->wrong - fewer : 0;
		g->forgiven = t;
	}
	return g->wrong > WRONG_TOLERATED;
}

/* A place to wait during a flood; NULL when there is none for this peer. */
static struct bw_str *
find_place(struct bwi_hash_limiter *g, struct bw_str peer)
{
	struct bw_str *place = NULL;

	for (size_t i = 0; i < BWI_HASH_LIMITER_WAITING; i++) {
		if (g->peers[i].p == NULL)
			place = &g->peers[i];
		else if (bw_str_eq(g->peers[i], peer))
			return NULL;
	}
	return place;
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
 * Admit every waiter that can be, in the order of the queue. So a waiter that
 * is left can be admitted only after the next one leaves, and a thread that
 * arrives and finds room passes none that could use it.
 */
static void
admit(struct bwi_hash_limiter *g)
{
	struct waiter **at = &g->first;
	bool any = false;

	while (*at != NULL) {
		struct waiter *w = *at;

		if (!is_free(g, w->digest)) {
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

/* Wait for a turn. True: it came, and the digest is in hashing[]. */
static bool
wait_turn(
    struct bwi_hash_limiter *g, const struct bwi_digest *d, int64_t deadline)
{
	int64_t end =
	    bw_earlier(bw_monotonic_ns() + g->patience * 1000000, deadline);
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
	struct bw_str *place = find_place(g, peer);
	bool turn;

	if (place == NULL)
		return false;
	*place = peer.p != NULL ? peer : BW_STR("");
	turn = wait_turn(g, d, deadline);
	place->p = NULL;
	return turn;
}

enum bw_err
bwi_hash_limiter_enter(struct bwi_hash_limiter *g, const struct bwi_digest *d,
    struct bw_str peer, int64_t deadline, struct bw_error *e)
{
	bool turn;

	(void)pthread_mutex_lock(&g->lock);
	turn = is_free(g, d);
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
    struct bwi_hash_limiter *g, int64_t patience, int64_t forgiveness)
{
	(void)pthread_mutex_lock(&g->lock);
	g->patience = patience;
	g->forgiveness = forgiveness;
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
