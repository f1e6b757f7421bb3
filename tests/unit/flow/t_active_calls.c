/* Calls in progress: begun, ended, silent, and more than are remembered. */
#include <stdio.h>

#include "flow/active_calls.h"
#include "tests/tap/tap.h"

static void
add(const char *id, bool ends, int64_t now)
{
	bwi_active_calls_add((struct bw_str){id, strlen(id)}, ends, now);
}

static void
test_ends(void)
{
	is_int((int64_t)bwi_active_calls(0), 0, "none at first");
	add("c-1", false, 0);
	add("c-2", false, 10);
	add("c-1", false, 20);
	is_int((int64_t)bwi_active_calls(20), 2, "each once");
	add("c-1", true, 30);
	is_int((int64_t)bwi_active_calls(30), 1, "one has ended");
	add("c-1", false, 40);
	is_int((int64_t)bwi_active_calls(40), 1,
	    "a transcription after the end begins no call");
	add("c-3", true, 50);
	is_int((int64_t)bwi_active_calls(50), 1,
	    "an end whose beginning is unknown is none");
}

static void
test_silence(void)
{
	int64_t last = 10 + BWI_CALL_SILENCE;

	is_int((int64_t)bwi_active_calls(last - 1), 1, "until it is silent");
	is_int((int64_t)bwi_active_calls(last), 0, "for that long");
	add("c-2", false, last + 1);
	is_int((int64_t)bwi_active_calls(last + 1), 1, "it speaks again");
	add("c-1", false, last + 40);
	is_int((int64_t)bwi_active_calls(last + 40), 2,
	    "an end is forgotten after that time");
}

static void
test_many(void)
{
	int64_t now = 10 * BWI_CALL_SILENCE;
	char id[32];
	size_t n;

	for (int i = 0; i < 20000; i++) {
		(void)snprintf(id, sizeof(id), "c-%d", i);
		add(id, false, now);
	}
	is_int((int64_t)bwi_active_calls(now), 20000, "many");
	for (int i = 0; i < 300000; i++) {
		(void)snprintf(id, sizeof(id), "d-%d", i);
		add(id, false, now + i);
	}
	n = bwi_active_calls(now);
	ok(n > 60000 && n <= 65536, "more than are remembered: the last ones");
}

int
main(void)
{
	test_ends();
	test_silence();
	test_many();
	return tap_done();
}
