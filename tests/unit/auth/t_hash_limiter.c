/* The limit on threads that hash passwords: order, floods, timeouts. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth/hash_limiter.h"
#include "tests/tap/tap.h"

/* In milliseconds: a wait that never times out in a test. */
#define HOUR INT64_C(3600000)

struct visitor {
	struct bwi_digest digest;
	struct bw_str peer;
	atomic_int err;
	struct bwi_hash_turn turn;
};

/* Without waiting longer than the deadline. */
static enum bw_err
enter(struct bwi_hash_turn *turn, uint64_t digest, const char *peer,
    const char *user, int64_t deadline)
{
	struct bwi_digest d = {{digest, digest}};

	bwi_hash_turn_init(turn, &d, (struct bw_str){peer, strlen(peer)},
	    (struct bw_str){user, strlen(user)});
	return bwi_hash_limiter_enter(bwi_hash_limiter(), turn, deadline, NULL);
}

static void
leave(struct bwi_hash_turn *turn, bool wrong)
{
	bwi_hash_limiter_leave(bwi_hash_limiter(), turn, wrong);
}

/* Enter without leaving. */
static void *
enter_only(void *arg)
{
	struct visitor *v = arg;

	bwi_hash_turn_init(&v->turn, &v->digest, v->peer, BW_STR("u"));
	atomic_store(&v->err, (int)bwi_hash_limiter_enter(bwi_hash_limiter(),
				  &v->turn, INT64_MAX, NULL));
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
	struct visitor v[] = {
	    {.digest = {{1, 1}}, .peer = BW_STR("a"), .err = -1},
	    {.digest = {{3, 3}}, .peer = BW_STR("b"), .err = -1},
	    {.digest = {{4, 4}}, .peer = BW_STR("c"), .err = -1},
	    {.digest = {{5, 5}}, .peer = BW_STR("d"), .err = -1},
	};
	struct bwi_hash_turn a, b, c;
	pthread_t threads[4];

	bwi_hash_limiter_set_times(g, HOUR, HOUR);
	is_int(enter(&a, 1, "a", "u", INT64_MAX), BW_OK, "the first enters");
	is_int(enter(&b, 2, "a", "u", INT64_MAX), BW_OK, "the second enters");
	for (size_t i = 0; i < 4; i++) {
		if (i == 3)
			leave(&b, false);
		if (pthread_create(&threads[i], NULL, enter_only, &v[i]) != 0)
			abort();
		wait_until(i < 3 ? i + 1 : 3);
	}
	pthread_join(threads[1], NULL);
	is_int(atomic_load(&v[1].err), BW_OK,
	    "first: the longest wait with a digest that is not being hashed");
	leave(&v[1].turn, false);
	pthread_join(threads[2], NULL);
	is_int(atomic_load(&v[2].err), BW_OK, "second: the next in the queue");
	is_int((long long)bwi_hash_limiter_waiting(g), 2, "two threads wait");
	leave(&a, false);
	pthread_join(threads[0], NULL);
	is_int(
	    atomic_load(&v[0].err), BW_OK, "third: the one with that digest");
	leave(&v[0].turn, false);
	pthread_join(threads[3], NULL);
	is_int(atomic_load(&v[3].err), BW_OK, "last: the one that came last");
	leave(&v[2].turn, false);
	leave(&v[3].turn, false);
	bwi_hash_limiter_set_times(g, 1, HOUR);
	is_int(enter(&a, 1, "a", "u", INT64_MAX), BW_OK,
	    "enters when all have left");
	is_int(enter(&c, 1, "a", "u", INT64_MAX), BW_ERR_BUSY,
	    "refused after the longest wait");
	is_int((long long)bwi_hash_limiter_waiting(g), 0,
	    "removed from the queue");
	bwi_hash_limiter_set_times(g, HOUR, HOUR);
	is_int(enter(&c, 1, "a", "u", 1), BW_ERR_BUSY,
	    "no wait beyond the request's deadline");
	leave(&a, false);
	is_int(enter(&a, 1, "a", "u", 1), BW_OK,
	    "no refusal when it need not wait");
	leave(&a, false);
}

/* The turns that became ready, in their order. */
static struct bwi_hash_turn *became[16];
static size_t became_n;

static void
add_ready(struct bwi_hash_turn *t)
{
	became[became_n++] = t;
}

static enum bwi_hash_state
ask(struct bwi_hash_turn *t, uint64_t digest, const char *peer,
    const char *user)
{
	struct bwi_digest d = {{digest, digest}};

	bwi_hash_turn_init(t, &d, (struct bw_str){peer, strlen(peer)},
	    (struct bw_str){user, strlen(user)});
	t->ready = add_ready;
	return bwi_hash_limiter_ask(bwi_hash_limiter(), t);
}

/* Hash so many wrong passwords of a user, one after the other. */
static void
try_wrong(const char *peer, const char *user, int times)
{
	struct bwi_hash_turn t;

	for (int i = 0; i < times; i++) {
		if (ask(&t, 1000 + (uint64_t)i, peer, user) !=
		    BWI_HASH_ADMITTED)
			abort();
		leave(&t, true);
	}
}

/* Without a flood everybody waits; the least suspect one is next. */
static void
test_fair(void)
{
	struct bwi_hash_turn running[2], wrong, guess, right, later;

	became_n = 0;
	try_wrong("192.0.2.1", "eve", 2);
	try_wrong("192.0.2.2", "bandwidth", 1);
	(void)ask(&running[0], 1, "192.0.2.9", "x");
	(void)ask(&running[1], 2, "192.0.2.9", "x");
	is_int(ask(&wrong, 3, "192.0.2.1", "mallory"), BWI_HASH_WAITS,
	    "a peer with wrong passwords waits");
	is_int(ask(&guess, 4, "192.0.2.2", "bandwidth"), BWI_HASH_WAITS,
	    "so does one that guesses for a user");
	is_int(ask(&right, 5, "192.0.2.3", "bandwidth"), BWI_HASH_WAITS,
	    "and the user");
	is_int(ask(&later, 6, "192.0.2.4", "other"), BWI_HASH_WAITS,
	    "and another one");
	leave(&running[0], false);
	ok(became_n == 1 && became[0] == &later,
	    "first: nothing is known of it");
	leave(&running[1], false);
	ok(became_n == 2 && became[1] == &right, "second: only of its user");
	leave(&later, false);
	ok(became_n == 3 && (became[2] == &guess || became[2] == &wrong),
	    "then those with wrong passwords");
	ok(bwi_hash_limiter_cancel(
	       bwi_hash_limiter(), became[2] == &guess ? &wrong : &guess),
	    "one waits no longer");
	ok(!bwi_hash_limiter_cancel(bwi_hash_limiter(), became[2]),
	    "one that was admitted cannot");
	leave(&right, false);
	leave(became[2], false);
	is_int((long long)became_n, 3, "nobody else was told");
}

/*
 * During a flood few wait, one from each peer, and one that is less suspect
 * takes the place of another.
 */
static void
test_flood(void)
{
	static const char *const peers[] = {"2001:db8:0:1::1",
	    "2001:db8:0:2::1", "2001:db8:0:3::1", "2001:db8:0:4::1",
	    "2001:db8:0:5::1", "2001:db8:0:6::1"};
	struct bwi_hash_turn running[2], waits[6], right, other, same, joins,
	    next;

	became_n = 0;
	for (size_t i = 0; i < 6; i++)
		try_wrong(peers[i], "u", 2);
	(void)ask(&running[0], 1, "192.0.2.8", "x");
	(void)ask(&running[1], 2, "192.0.2.8", "x");
	for (size_t i = 0; i < 6; i++)
		is_int(ask(&waits[i], 10 + i, peers[i], "u"), BWI_HASH_WAITS,
		    "peer %zu waits", i + 1);
	is_int(ask(&next, 20, "2001:db8:0:3::2", "u"), BWI_HASH_REFUSED,
	    "another one from the same network is refused");
	is_int(ask(&other, 21, peers[2], "other"), BWI_HASH_WAITS,
	    "behind the same address, a user without wrong passwords waits");
	ok(became_n == 1 && became[0] == &waits[2] &&
		waits[2].state == BWI_HASH_REFUSED,
	    "instead of the one with some");
	is_int(ask(&right, 30, "192.0.2.7", "y"), BWI_HASH_WAITS,
	    "one of whom nothing is known waits");
	ok(became_n == 2 && became[1]->state == BWI_HASH_REFUSED &&
		became[1] != &other,
	    "instead of the most suspect one");
	is_int(ask(&same, 30, "192.0.2.7", "y"), BWI_HASH_WAITS,
	    "the same credentials need no other place");
	is_int(ask(&joins, 2, "192.0.2.6", "x"), BWI_HASH_WAITS,
	    "nor those that are being hashed");
	is_int(ask(&next, 40, "192.0.2.7", "y"), BWI_HASH_REFUSED,
	    "a second password of the same peer does");
	leave(&running[0], true);
	ok(became_n == 3 && became[2] == &right &&
		right.state == BWI_HASH_ADMITTED,
	    "the right one is next");
	leave(&right, false);
	ok(became_n == 4 && became[3] == &same, "then its second request");
}

int
main(void)
{
	test_order();
	test_fair();
	test_flood();
	return tap_done();
}
