#include <config.h>

#include "gate.h"

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/*
 * Wrong hashes are counted in a leaky bucket: this many are held against the
 * next ones, and one is forgiven every so many milliseconds.
 */
#define WRONG_TOLERATED 4
#define WRONG_MAX	16
#define WRONG_FORGIVEN	250

struct bwi_gate {
	pthread_mutex_t lock;
	pthread_cond_t left;
	struct bwi_digest hashing[BWI_GATE_HASHING];
	size_t running;
	size_t waiting;
	/* The peers that wait while a flood is on; p NULL: free. */
	struct bw_str peers[BWI_GATE_WAITING];
	int64_t wrong;
	int64_t forgiven; /* when wrong was last made less, ms */
};

static struct bwi_gate the_gate = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int64_t
now_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
init_gate(void)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&the_gate.left, &attr);
	(void)pthread_condattr_destroy(&attr);
}

struct bwi_gate *
bwi_gate(void)
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
is_free(const struct bwi_gate *g, const struct bwi_digest *d)
{
	for (size_t i = 0; i < g->running; i++) {
		if (same_digest(&g->hashing[i], d))
			return false;
	}
	return g->running < BWI_GATE_HASHING;
}

static bool
is_flooded(struct bwi_gate *g)
{
	int64_t t = now_ms();
	int64_t fewer = (t - g->forgiven) / WRONG_FORGIVEN;

	if (fewer > 0) {
		g->wrong = fewer < g->wrong ? g->wrong - fewer : 0;
		g->forgiven = t;
	}
	return g->wrong > WRONG_TOLERATED;
}

/* A place to wait during a flood; NULL when there is none for this peer. */
static struct bw_str *
find_place(struct bwi_gate *g, struct bw_str peer)
{
	struct bw_str *place = NULL;

	for (size_t i = 0; i < BWI_GATE_WAITING; i++) {
		if (g->peers[i].p == NULL)
			place = &g->peers[i];
		else if (bw_str_eq(g->peers[i], peer))
			return NULL;
	}
	return place;
}

/* Wait for a turn, whoever else does. True when it came. */
static bool
wait_turn(struct bwi_gate *g, const struct bwi_digest *d)
{
	int64_t end = now_ms() + BWI_GATE_PATIENCE;
	struct timespec until = {
	    .tv_sec = (time_t)(end / 1000),
	    .tv_nsec = (long)(end % 1000) * 1000000,
	};
	int timed_out = 0;

	g->waiting++;
	while (!is_free(g, d) && timed_out == 0)
		timed_out = pthread_cond_timedwait(&g->left, &g->lock, &until);
	g->waiting--;
	return is_free(g, d);
}

static bool
wait_in_flood(
    struct bwi_gate *g, const struct bwi_digest *d, struct bw_str peer)
{
	struct bw_str *place = find_place(g, peer);
	bool turn;

	if (place == NULL)
		return false;
	*place = peer.p != NULL ? peer : BW_STR("");
	turn = wait_turn(g, d);
	place->p = NULL;
	return turn;
}

enum bw_err
bwi_gate_enter(struct bwi_gate *g, const struct bwi_digest *d,
    struct bw_str peer, struct bw_error *e)
{
	bool turn;

	(void)pthread_mutex_lock(&g->lock);
	/* Nobody slips in before those who wait. */
	if (is_free(g, d) && g->waiting == 0)
		turn = true;
	else if (is_flooded(g))
		turn = wait_in_flood(g, d, peer);
	else
		turn = wait_turn(g, d);
	if (turn)
		g->hashing[g->running++] = *d;
	(void)pthread_mutex_unlock(&g->lock);
	return turn ? BW_OK
		    : bw_error_set(e, BW_ERR_BUSY, 0,
			  "authorization: too many unknown passwords at once");
}

void
bwi_gate_leave(struct bwi_gate *g, const struct bwi_digest *d, bool wrong)
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
	(void)pthread_cond_broadcast(&g->left);
	(void)pthread_mutex_unlock(&g->lock);
}
