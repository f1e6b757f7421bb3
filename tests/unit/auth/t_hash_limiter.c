/* The limit on threads that hash passwords: order, floods, timeouts. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auth/hash_limiter.h"
#include "tests/tap/tap.h"

/* In milliseconds: a wait that never times out in a test. */
#define HOUR INT64_C(3600000)

struct visitor {
	struct bwi_digest digest;
	struct bw_str peer;
	atomic_int err;
};

static void *
enter_and_leave(void *arg)
{
	struct visitor *v = arg;
	enum bw_err err = bwi_hash_limiter_enter(
	    bwi_hash_limiter(), &v->digest, v->peer, INT64_MAX, NULL);

	if (err == BW_OK)
		bwi_hash_limiter_leave(bwi_hash_limiter(), &v->digest, false);
	atomic_store(&v->err, (int)err);
	return NULL;
}

/* Enter without leaving. */
static void *
enter_only(void *arg)
{
	struct visitor *v = arg;
	enum bw_err err = bwi_hash_limiter_enter(
	    bwi_hash_limiter(), &v->digest, v->peer, INT64_MAX, NULL);

	atomic_store(&v->err, (int)err);
	return NULL;
}

static void
wait_until(size_t waiting)
{
	unsigned turn = 0;

	while (bwi_hash_limiter_waiting(bwi_hash_limiter()) != waiting &&
	       tap_poll(&turn))
		;
}

/* Two threads hash; the others wait in order, also a later one. */
static void
test_order(void)
{
	struct bwi_hash_limiter *g = bwi_hash_limiter();
	struct bwi_digest a = {{1, 1}}, b = {{2, 2}};
	struct visitor v[] = {
	    {.digest = {{1, 1}}, .peer = BW_STR("a"), .err = -1},
	    {.digest = {{3, 3}}, .peer = BW_STR("b"), .err = -1},
	    {.digest = {{4, 4}}, .peer = BW_STR("c"), .err = -1},
	    {.digest = {{5, 5}}, .peer = BW_STR("d"), .err = -1},
	};
	pthread_t threads[4];

	bwi_hash_limiter_set_times(g, HOUR, HOUR);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "the first enters");
	is_int(bwi_hash_limiter_enter(g, &b, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "the second enters");
	for (size_t i = 0; i < 4; i++) {
		if (i == 3)
			bwi_hash_limiter_leave(g, &b, false);
		if (pthread_create(&threads[i], NULL, enter_only, &v[i]) != 0)
			abort();
		wait_until(i < 3 ? i + 1 : 3);
	}
	pthread_join(threads[1], NULL);
	is_int(atomic_load(&v[1].err), BW_OK,
	    "first: the longest wait with a digest that is not being hashed");
	bwi_hash_limiter_leave(g, &v[1].digest, false);
	pthread_join(threads[2], NULL);
	is_int(atomic_load(&v[2].err), BW_OK, "second: the next in the queue");
	is_int((long long)bwi_hash_limiter_waiting(g), 2, "two threads wait");
	bwi_hash_limiter_leave(g, &a, false);
	pthread_join(threads[0], NULL);
	is_int(
	    atomic_load(&v[0].err), BW_OK, "third: the one with that digest");
	bwi_hash_limiter_leave(g, &v[0].digest, false);
	pthread_join(threads[3], NULL);
	is_int(atomic_load(&v[3].err), BW_OK, "last: the one that came last");
	bwi_hash_limiter_leave(g, &v[2].digest, false);
	bwi_hash_limiter_leave(g, &v[3].digest, false);
	bwi_hash_limiter_set_times(g, 1, HOUR);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "enters when all have left");
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL),
	    BW_ERR_BUSY, "refused after the longest wait");
	is_int((long long)bwi_hash_limiter_waiting(g), 0,
	    "removed from the queue");
	bwi_hash_limiter_set_times(g, HOUR, HOUR);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, 1, NULL), BW_ERR_BUSY,
	    "no wait beyond the request's deadline");
	bwi_hash_limiter_leave(g, &a, false);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, 1, NULL), BW_OK,
	    "no refusal when it need not wait");
	bwi_hash_limiter_leave(g, &a, false);
	bwi_hash_limiter_set_times(
	    g, BWI_HASH_LIMITER_MAX_WAIT, BWI_HASH_LIMITER_DECAY);
}

/*
 * Two threads hash and do not leave. After wrong hashes, one thread per peer
 * may wait, and the rest are refused at once.
 */
static void
test_flood(void)
{
	struct bwi_hash_limiter *g = bwi_hash_limiter();
	struct bwi_digest a = {{1, 1}}, b = {{2, 2}};
	struct visitor v[] = {
	    {.digest = {{3, 3}}, .peer = BW_STR("a"), .err = -1},
	    {.digest = {{4, 4}}, .peer = BW_STR("a"), .err = -1},
	    {.digest = {{5, 5}}, .peer = BW_STR("b"), .err = -1},
	};
	pthread_t threads[3];
	unsigned turn = 0;
	int entered = 0;

	bwi_hash_limiter_set_times(g, HOUR, HOUR);
	for (int i = 0; i < 20; i++) {
		entered += bwi_hash_limiter_enter(
			       g, &a, v[0].peer, INT64_MAX, NULL) == BW_OK;
		bwi_hash_limiter_leave(g, &a, true);
	}
	is_int(entered, 20,
	    "no refusal without waiting, after any number of wrong hashes");
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "the first enters");
	is_int(bwi_hash_limiter_enter(g, &b, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "the second enters");
	for (size_t i = 0; i < 3; i++) {
		if (pthread_create(&threads[i], NULL, enter_and_leave, &v[i]) !=
		    0)
			abort();
	}
	while (atomic_load(&v[0].err) == -1 && atomic_load(&v[1].err) == -1 &&
	       tap_poll(&turn))
		;
	bwi_hash_limiter_leave(g, &a, false);
	bwi_hash_limiter_leave(g, &b, false);
	for (size_t i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	is_int(atomic_load(&v[0].err) + atomic_load(&v[1].err), BW_ERR_BUSY,
	    "of two from one peer, one is refused");
	is_int(
	    atomic_load(&v[2].err), BW_OK, "one from another peer is admitted");
	bwi_hash_limiter_set_times(
	    g, BWI_HASH_LIMITER_MAX_WAIT, BWI_HASH_LIMITER_DECAY);
}

int
main(void)
{
	test_order();
	test_flood();
	return tap_done();
}
