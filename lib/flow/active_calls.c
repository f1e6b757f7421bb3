/* Counts calls in progress. */
#include "flow/active_calls.h"

#include <pthread.h>

#include <bwcallback/tools/hash.h>

/*
 * Calls that are remembered, a power of two: a hundred new ones in each second
 * of the time of silence. When more come, the one that was silent longest gives
 * way. Memory is only used as far as calls come.
 */
#define MAX_CALLS 65536
/* So many places are looked at for a call. */
#define MAX_STEPS 16

struct call {
	uint64_t id; /* its hash; 0: none */
	int64_t last;
	bool over;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct call calls[MAX_CALLS];

static uint64_t
hash(struct bw_str id)
{
	uint64_t h = bw_hash_str(BW_HASH_START, id);

	h ^= h >> 32; /* FNV-1a changes its lower bits most */
	return h != 0 ? h : 1;
}

static bool
is_known(const struct call *c, int64_t now)
{
	return c->id != 0 && now - c->last < BWI_CALL_SILENCE;
}

/*
 * The call, or the place for it: free, or that of the longest silence. A place
 * that was used never becomes free, so behind a free one there is no call.
 */
static struct call *
find(uint64_t id, int64_t now)
{
	struct call *best = NULL;

	for (size_t i = 0; i < MAX_STEPS; i++) {
		struct call *c = &calls[(id + i) % MAX_CALLS];

		if (c->id == id)
			return c;
		if (best == NULL ||
		    (is_known(best, now) &&
			(!is_known(c, now) || c->last < best->last)))
			best = c;
		if (c->id == 0)
			break;
	}
	return best;
}

void
bwi_active_calls_add(struct bw_str id, bool ends, int64_t now)
{
	uint64_t h = hash(id);
	struct call *c;

	(void)pthread_mutex_lock(&mutex);
	c = find(h, now);
	if (c->id != h || !is_known(c, now))
		*c = (struct call){.id = h};
	c->last = now;
	c->over = c->over || ends;
	(void)pthread_mutex_unlock(&mutex);
}

static size_t
count(const struct call *c, int64_t now)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < MAX_STEPS; i++)
		n += is_known(&c[i], now) && !c[i].over;
	(void)pthread_mutex_unlock(&mutex);
	return n;
}

size_t
bwi_active_calls(int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < MAX_CALLS; i += MAX_STEPS)
		n += count(&calls[i], now);
	return n;
}
