/* Counters of paths: shared, exact with many threads, bounded. */
#include <pthread.h>
#include <string.h>

#include "flow/answer_time.h"
#include "flow/section_counts.h"
#include "tests/tap/tap.h"

#define THREADS 4
#define TIMES	10000

#define MS INT64_C(1000000)

static uint64_t
counted(
    const struct bwi_section_counts *c, int status, enum bwi_outcome outcome)
{
	return atomic_load(&c->requests[BW_FAMILY_VOICE][status][outcome]);
}

static void *
add(void *arg)
{
	for (int i = 0; i < TIMES; i++) {
		bwi_section_counts_add(
		    arg, BW_FAMILY_VOICE, 200, BWI_OUTCOME_HANDLED);
		bwi_answer_time_add(BW_FAMILY_VOICE, i % 2 ? MS : MS + 1);
	}
	return NULL;
}

/* Two versions of a configuration have the same counters. */
static void
test_shared(void)
{
	struct bwi_section_counts *a = bwi_section_counts_get(BW_STR("/a")),
				  *b = bwi_section_counts_get(BW_STR("/b")),
				  *again = bwi_section_counts_get(BW_STR("/a"));

	ok(a != NULL && a == again && a != b, "one for each path");
	bwi_section_counts_add(a, BW_FAMILY_VOICE, 200, BWI_OUTCOME_HANDLED);
	bwi_section_counts_unref(a);
	bwi_section_counts_add(
	    again, BW_FAMILY_VOICE, 200, BWI_OUTCOME_HANDLED);
	is_int((long long)counted(again, BWI_STATUS_200, BWI_OUTCOME_HANDLED),
	    2, "goes on after a version is freed");
	is_int((long long)counted(b, BWI_STATUS_200, BWI_OUTCOME_HANDLED), 0,
	    "the other path has its own");
	bwi_section_counts_unref(again);
	bwi_section_counts_unref(b);
	a = bwi_section_counts_get(BW_STR("/a"));
	is_int((long long)counted(a, BWI_STATUS_200, BWI_OUTCOME_HANDLED), 0,
	    "a path that was removed begins anew");
	bwi_section_counts_unref(a);
	bwi_section_counts_unref(NULL);
}

static void
test_threads(void)
{
	struct bwi_section_counts *c = bwi_section_counts_get(BW_STR("/t"));
	pthread_t threads[THREADS];
	int64_t bound;

	for (int i = 0; i < THREADS; i++)
		ok(pthread_create(&threads[i], NULL, add, c) == 0, "starts");
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	is_int((long long)counted(c, BWI_STATUS_200, BWI_OUTCOME_HANDLED),
	    THREADS * TIMES, "none is lost");
	is_int((long long)bwi_answer_time_count(BW_FAMILY_VOICE, 0, &bound),
	    THREADS * TIMES / 2, "a bound belongs to its part");
	is_int(bound, MS, "of a millisecond");
	is_int((long long)bwi_answer_time_count(BW_FAMILY_VOICE, 1, &bound),
	    THREADS * TIMES / 2, "and more to the next");
	is_int(bwi_answer_time_sum(BW_FAMILY_VOICE),
	    THREADS * TIMES * MS + THREADS * TIMES / 2, "their sum");
	bwi_section_counts_unref(c);
}

/* Whatever the status, there is a counter; every one has a name. */
static void
test_bounds(void)
{
	struct bwi_section_counts *c = bwi_section_counts_get(BW_STR("/s"));
	int64_t bound = 0;

	for (int status = 0; status < 1000; status++)
		bwi_section_counts_add(
		    c, BW_FAMILY_VOICE, status, BWI_OUTCOME_FAILED);
	is_int((long long)counted(c, BWI_STATUS_OTHER, BWI_OUTCOME_FAILED),
	    1000 - BWI_STATUS_OTHER, "rare statuses together");
	is_int((long long)counted(c, BWI_STATUS_503, BWI_OUTCOME_FAILED), 1,
	    "frequent ones apart");
	is_str(bwi_status_name(BWI_STATUS_503), "503", "name of a status");
	is_str(bwi_status_name(BWI_STATUS_OTHER), "other", "and of the rest");
	is_str(bwi_outcome_name(BWI_OUTCOME_NONE), "none", "of an outcome");
	for (int e = 0; e < BW_ERR__MAX; e++)
		bwi_section_counts_fallback(c, (enum bw_err)e);
	for (int r = 0; r < BWI_REASON__MAX; r++)
		ok(atomic_load(&c->fallbacks[r]) > 0, "some error is of %s",
		    bwi_reason_name((enum bwi_reason)r));
	bwi_answer_time_add(BW_FAMILY_MFA, INT64_MAX);
	is_int((long long)bwi_answer_time_count(
		   BW_FAMILY_MFA, BWI_TIMES - 1, &bound),
	    1, "the longest time");
	ok(bound == INT64_MAX, "has no bound");
	bwi_section_counts_unref(c);
}

static void
test_no_memory(void)
{
	for (unsigned long nth = 1;; nth++) {
		struct bwi_section_counts *c;
		bool failed;

		tap_fail_alloc(nth);
		c = bwi_section_counts_get(BW_STR("/m"));
		failed = tap_alloc_count() >= nth;
		tap_fail_alloc(0);
		ok(failed == (c == NULL), "allocation %lu fails", nth);
		bwi_section_counts_unref(c);
		if (!failed)
			return;
	}
}

int
main(void)
{
	test_shared();
	test_threads();
	test_bounds();
	test_no_memory();
	return tap_done();
}
