/* The contract: the system clock is changed. This test defines the clock. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "contract.h"

#define HOUR 3600

/* The system call that fills a timespec of 64 bits. */
#ifdef SYS_clock_gettime64
#define GETTIME SYS_clock_gettime64
#else
#define GETTIME SYS_clock_gettime
#endif

/* Offset of the time of day, in seconds. */
static long off;

/* Replaces the C library's function, also for the library under test. */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(GETTIME, id, t);

	if (id == CLOCK_REALTIME)
		t->tv_sec += off;
	return r;
}

/* Set the clocks of this process and of a database. */
static void
set_clock(long seconds)
{
	off = seconds;
	contract_set_clock(seconds);
}

struct lent {
	size_t n;
	struct bw_store_lease lease;
};

static bool
store_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	struct lent *to = arg;

	(void)r;
	to->n++;
	to->lease = *l;
	return true;
}

static size_t
lease(struct lent *to)
{
	to->n = 0;
	e = (struct bw_error){0};
	must(bw_store_lease(s, "work", 9, 60000, store_lease, to, &e));
	return to->n;
}

static enum bw_err
settle(const struct lent *l, enum bw_store_outcome v, int64_t ms)
{
	e = (struct bw_error){0};
	return bw_store_settle(
	    s, "work", &l->lease, v, ms, BW_STR("why not"), &e);
}

static void
begin(struct lent *to)
{
	const struct bw_store_filter all = {0};
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_result r;

	set_clock(0);
	reset_store();
	must(bw_store_consumer(s, "work", &all, 0, &e));
	(void)fixture_append(s, &event, &r);
	is_int((long long)lease(to), 1, "%s: leased", url);
}

static void
test_set_back(void)
{
	struct lent first, second;

	begin(&first);
	is_int((long long)lease(&second), 0, "%s: only once", url);
	set_clock(-HOUR);
	is_int((long long)lease(&second), 1,
	    "%s: set back: leased again at once", url);
	is_int(settle(&first, BW_STORE_DONE, 0), BW_ERR_STALE,
	    "%s: set back: the first lease is invalid", url);
	is_int(
	    (long long)lease(&first), 0, "%s: set back: leased only once", url);
	is_int(settle(&second, BW_STORE_EXTEND, 60000), BW_OK,
	    "%s: set back: heart-beat", url);
	is_int((long long)lease(&first), 0, "%s: set back: still leased", url);
	is_int(settle(&second, BW_STORE_DONE, 0), BW_OK, "%s: set back: done",
	    url);
}

static void
test_waiting(void)
{
	struct lent lent;

	begin(&lent);
	is_int(settle(&lent, BW_STORE_RETRY, HOUR * 1000), BW_OK,
	    "%s: again in an hour", url);
	is_int((long long)lease(&lent), 0, "%s: not before", url);
	set_clock(-HOUR);
	is_int((long long)lease(&lent), 1, "%s: set back: at once", url);
	is_int(lent.lease.tries, 2, "%s: set back: the second try", url);
}

static void
test_set_forward(void)
{
	struct lent first, second;

	begin(&first);
	set_clock(HOUR);
	is_int((long long)lease(&second), 1,
	    "%s: set forward: the lease expires", url);
	is_int(settle(&second, BW_STORE_RETRY, 0), BW_OK,
	    "%s: set forward: returned", url);
	set_clock(0);
	is_int((long long)lease(&second), 1, "%s: and back: leased again", url);
	is_int(settle(&second, BW_STORE_DONE, 0), BW_OK, "%s: and back: done",
	    url);
}

static void
test_deliveries(void)
{
	struct bw_store_event event = fixture_event("gather", "k-1");
	struct bw_store_result r;

	set_clock(0);
	reset_store();
	(void)fixture_append(s, &event, &r);
	set_clock(-HOUR);
	(void)fixture_append(s, &event, &r);
	is_int(
	    r.fate, BW_STORE_TAKEN, "%s: set back: the old claim is over", url);
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "%s: set back: the new claim is not",
	    url);
}

void
contract_clock(void)
{
	test_set_back();
	test_waiting();
	test_set_forward();
	test_deliveries();
	set_clock(0);
}
