/* The limit on threads that hash passwords: order, floods, impatience. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auth/hash_limiter.h"
#include "tests/tap/tap.h"

/* In milliseconds: longer than the slowest machine takes. */
#define HOUR INT64_C(3600000)

struct visitor {
	struct bwi_digest digest;
	struct bw_str peer;
	atomic_int err;
};

static void *
visit(void *arg)
{
	struct visitor *v = arg;
	enum bw_err err = bwi_hash_limiter_enter(
	    bwi_hash_limiter(), &v->digest, v->peer, INT64_MAX, NULL);

	if (err == BW_OK)
		bwi_hash_limiter_leave(bwi_hash_limiter(), &v->digest, false);
	atomic_store(&v->err, (int)err);
	return NULL;
}

/* Enters, and does not leave. */
static void *
stay(void *arg)
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

/* Two are inside; the others wait in order, also one that comes later. */
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
	    "one in");
	is_int(bwi_hash_limiter_enter(g, &b, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "two in");
	for (size_t i = 0; i < 4; i++) {
		if (i == 3)
			bwi_hash_limiter_leave(g, &b, false);
		if (pthread_create(&threads[i], NULL, stay, &v[i]) != 0)
			abort();
		wait_until(i < 3 ? i + 1 : 3);
	}
	pthread_join(threads[1], NULL);
	is_int(atomic_load(&v[1].err), BW_OK,
	    "first the longest wait for a digest that is not hashed now");
	bwi_hash_limiter_leave(g, &v[1].digest, false);
	pthread_join(threads[2], NULL);
	is_int(atomic_load(&v[2].err), BW_OK, "then the next");
	is_int((long long)bwi_hash_limiter_waiting(g), 2, "two are left");
	bwi_hash_limiter_leave(g, &a, false);
	pthread_join(threads[0], NULL);
	is_int(atomic_load(&v[0].err), BW_OK, "then the one for that digest");
	bwi_hash_limiter_leave(g, &v[0].digest, false);
	pthread_join(threads[3], NULL);
	is_int(atomic_load(&v[3].err), BW_OK, "last the one that came later");
	bwi_hash_limiter_leave(g, &v[2].digest, false);
	bwi_hash_limiter_leave(g, &v[3].digest, false);
	bwi_hash_limiter_set_times(g, 1, HOUR);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "all are out");
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL),
	    BW_ERR_BUSY, "a wait ends without a turn");
	is_int(
	    (long long)bwi_hash_limiter_waiting(g), 0, "and leaves the queue");
	bwi_hash_limiter_set_times(g, HOUR, HOUR);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, 1, NULL), BW_ERR_BUSY,
	    "no wait after the request's own deadline");
	bwi_hash_limiter_leave(g, &a, false);
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, 1, NULL), BW_OK,
	    "nor a refusal when none is needed");
	bwi_hash_limiter_leave(g, &a, false);
	bwi_hash_limiter_set_times(
	    g, BWI_HASH_LIMITER_MAX_WAIT, BWI_HASH_LIMITER_FORGIVENESS);
}

/*
 * Two are inside and do not leave. After wrong ones, one of each peer may
 * wait, and the rest are told at once.
 */
static void
test_gate(void)
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
	is_int(entered, 20, "an empty gate is open, however many are wrong");
	is_int(bwi_hash_limiter_enter(g, &a, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "one in");
	is_int(bwi_hash_limiter_enter(g, &b, v[0].peer, INT64_MAX, NULL), BW_OK,
	    "two in");
	for (size_t i = 0; i < 3; i++) {
		if (pthread_create(&threads[i], NULL, visit, &v[i]) != 0)
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
	    "of two from one place one is refused");
	is_int(atomic_load(&v[2].err), BW_OK, "one from elsewhere gets in");
	bwi_hash_limiter_set_times(
	    g, BWI_HASH_LIMITER_MAX_WAIT, BWI_HASH_LIMITER_FORGIVENESS);
}

int
main(void)
{
	test_order();
	test_gate();
	return tap_done();
}
