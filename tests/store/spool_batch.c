/* The spool: events are drained several at once, with all that they have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "store/spool.h"
#include "tests/tap/tap.h"

#define EVENTS (2 * BWI_SPOOL_BATCH + 10)

static char dir[64], path[128];
static struct bw_error e;

static struct bwi_spool *
start(int64_t max)
{
	struct bwi_spool *s = NULL;

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/spool", dir);
	if (bwi_spool_open(path, max, &s) != BW_OK)
		exit(1);
	return s;
}

static void
stop(struct bwi_spool *s)
{
	bwi_spool_free(s);
	fixture_remove_dir(dir);
}

static enum bw_err
take_answer(void *arg, const struct bw_store_event *event, size_t n,
    struct bw_error *err)
{
	const struct bw_store_answer *a = &event->answer;

	(void)n;
	(void)err;
	*(int *)arg = a->status;
	if (a->status != 0)
		ok(a->fallback && a->answered == 1700000000500 &&
			a->duration == INT64_C(1) << 40 &&
			bw_str_is(a->content_type, "text/plain") &&
			a->body.n == 3 && memcmp(a->body.p, "BWS", 3) == 0 &&
			bw_str_is(a->trace, "{}"),
		    "all of the answer");
	return BW_OK;
}

/* An answer that is known beforehand waits with its event. */
static void
test_answer(void)
{
	for (int status = 0; status < 300; status += 202) {
		struct bwi_spool *s = start(1 << 20);
		struct bw_store_event event = fixture_event("order", "k");
		uint64_t damaged;
		int got = -1;
		size_t n;

		event.answer = (struct bw_store_answer){
		    .status = status,
		    .fallback = true,
		    .answered = 1700000000500,
		    .duration = INT64_C(1) << 40,
		    .content_type = BW_STR("text/plain"),
		    .body = BW_STR("BWS"),
		    .trace = BW_STR("{}"),
		};
		is_int(bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e),
		    BW_OK, "with an answer: %d", status);
		is_int(bwi_spool_drain(s, take_answer, &got, &n, &damaged, &e),
		    BW_OK, "drained");
		is_int(got, status, "its answer");
		is_int((long long)damaged, 0, "nothing is left over");
		stop(s);
	}
}

/* Its key is its number. */
static void
append(struct bwi_spool *s, int number, struct bw_str body)
{
	char key[16];
	struct bw_store_event event;

	(void)snprintf(key, sizeof(key), "%d", number);
	event = fixture_event("order", key);
	event.body = body;
	if (bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e) != BW_OK)
		exit(1);
}

static struct bwi_spool *
start_full(int n)
{
	struct bwi_spool *s = start(1 << 24);

	for (int i = 0; i < n; i++)
		append(s, i, BW_STR("{}"));
	return s;
}

/* What the store takes, and when it refuses. */
struct taker {
	int next;	     /* the number that must come */
	int calls;	     /* with events that were taken */
	size_t most;	     /* the largest batch that was taken */
	int poison;	     /* a batch with this number is refused ... */
	enum bw_err refusal; /* ... so */
	bool drops;	     /* it is dropped when it comes alone */
	int refused;	     /* how often */
	int dropped;
};

static int
number_of(const struct bw_store_event *v)
{
	int number = 0;

	for (size_t i = 0; i < v->key.n; i++)
		number = number * 10 + (v->key.p[i] - '0');
	return number;
}

static bool
contains(const struct bw_store_event *events, size_t n, int number)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found = found || number_of(&events[i]) == number;
	return found;
}

static enum bw_err
take(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *err)
{
	struct taker *t = arg;

	if (contains(events, n, t->poison) && !(t->drops && n == 1)) {
		t->refused++;
		return bw_error_set(err, t->refusal, 0, "refused");
	}
	for (size_t i = 0; i < n; i++) {
		if (number_of(&events[i]) != t->next++)
			tap_diag("%d instead of %d", number_of(&events[i]),
			    t->next - 1);
	}
	t->dropped += contains(events, n, t->poison);
	t->calls++;
	t->most = n > t->most ? n : t->most;
	return BW_OK;
}

static enum bw_err
drain(struct bwi_spool *s, struct taker *t, size_t *n)
{
	uint64_t damaged;
	enum bw_err err;

	e = (struct bw_error){.code = BW_OK};
	t->calls = t->refused = 0;
	err = bwi_spool_drain(s, take, t, n, &damaged, &e);
	is_int((long long)damaged, 0, "nothing is damaged");
	return err;
}

/* Few calls, in order, of no more than fit. */
static void
test_batches(void)
{
	struct bwi_spool *s = start_full(EVENTS);
	struct taker t = {.poison = -1};
	size_t n;

	is_int(drain(s, &t, &n), BW_OK, "drained");
	is_int((long long)n, EVENTS, "all of them");
	is_int(t.next, EVENTS, "in order");
	is_int(t.calls, 3, "in three batches");
	is_int((long long)t.most, BWI_SPOOL_BATCH, "of the most there may be");
	is_int((long long)bwi_spool_size(s), 0, "nothing is left");
	stop(s);
}

/* A batch of large events is a smaller one. */
static void
test_bytes(void)
{
	static char body[200 * 1024];
	struct bwi_spool *s = start(1 << 24);
	struct taker t = {.poison = -1};
	size_t n;

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < 12; i++)
		append(s, i, (struct bw_str){body, sizeof(body)});
	is_int(drain(s, &t, &n), BW_OK, "large ones: drained");
	is_int(t.next, 12, "all, in order");
	is_int(t.calls, 2, "in two batches");
	stop(s);
}

/* The store is away: the batch is passed once, and again by the next drain. */
static void
test_away(void)
{
	static const enum bw_err errors[] = {BW_ERR_BUSY, BW_ERR_DEADLINE};

	for (size_t i = 0; i < 2; i++) {
		struct bwi_spool *s = start_full(EVENTS);
		struct taker t = {
		    .poison = BWI_SPOOL_BATCH + 5, .refusal = errors[i]};
		size_t n;

		is_int(drain(s, &t, &n), errors[i], "away");
		is_int((long long)n, BWI_SPOOL_BATCH, "one batch was stored");
		is_int(t.refused, 1, "the next one was passed once");
		t.poison = -1;
		is_int(drain(s, &t, &n), BW_OK, "back");
		is_int((long long)n, EVENTS - BWI_SPOOL_BATCH, "the others");
		is_int(t.next, EVENTS, "each once, in order");
		stop(s);
	}
}

/* One event is refused for ever: those before it are stored, and not again. */
static void
test_poison(void)
{
	struct bwi_spool *s = start_full(EVENTS);
	struct taker t = {.poison = 7, .refusal = BW_ERR_LIMIT};
	size_t n;

	is_int(drain(s, &t, &n), BW_ERR_LIMIT, "one is refused");
	is_int((long long)n, 7, "those before it are stored");
	is_int(t.refused, 2, "it was passed with others, then alone");
	is_int(drain(s, &t, &n), BW_ERR_LIMIT, "again");
	is_int((long long)n, 0, "nothing is passed twice");
	t.drops = true;
	is_int(drain(s, &t, &n), BW_OK, "now it is dropped alone");
	is_int((long long)n, EVENTS - 7, "and all others are stored");
	is_int(t.next, EVENTS, "in order");
	is_int(t.dropped, 1, "it was dropped once");
	stop(s);
}

static enum bw_err
die_in_second(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *err)
{
	int *calls = arg;

	(void)events;
	(void)n;
	(void)err;
	if (++*calls == 2)
		_exit(3); /* stored, but not marked */
	return BW_OK;
}

/* Killed after a batch was stored: only that one is passed again. */
static void
test_killed(void)
{
	struct bwi_spool *s = start_full(EVENTS);
	struct taker t = {.poison = -1, .next = BWI_SPOOL_BATCH};
	int status = 0, calls = 0;
	uint64_t damaged;
	pid_t pid;
	size_t n;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)!bwi_spool_drain(
		    s, die_in_second, &calls, &n, &damaged, &e);
		_exit(0);
	}
	(void)waitpid(pid, &status, 0);
	is_int(WEXITSTATUS(status), 3, "killed in the second batch");
	is_int(drain(s, &t, &n), BW_OK, "the next process goes on");
	is_int((long long)n, EVENTS - BWI_SPOOL_BATCH, "after the first batch");
	is_int(t.next, EVENTS, "in order");
	stop(s);
}

int
main(void)
{
	test_answer();
	test_batches();
	test_bytes();
	test_away();
	test_poison();
	test_killed();
	return tap_done();
}
