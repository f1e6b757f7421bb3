/* The contract of every kind of store: one test, run for each kind. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contract.h"
#include "store/pack.h"
#include "store/store.h"

#include <bwcallback/tools/store.h>

struct bw_store *s;
const char *url;
char whole_url[128];
struct bw_error e;

/* The same kind of store, but its segments are closed again and again. */
#define SEGMENTS "sqlite: in segments"
/* And compacted. */
#define COMPACTED "sqlite: in compacted segments"

bool
drops_segments(void)
{
	return strcmp(url, SEGMENTS) == 0 || strcmp(url, COMPACTED) == 0;
}

void
must(enum bw_err err)
{
	if (err != BW_OK) {
		printf("Bail out! %s: %s\n", url, e.msg);
		exit(1);
	}
}

void
reset_store(void)
{
	static int n;
	static char dir[64];
	char *name = whole_url;

	bw_store_free(s);
	if (dir[0] != '\0')
		fixture_remove_dir(dir);
	dir[0] = '\0';
	s = NULL;
	if (url == NULL)
		return;
	(void)snprintf(name, sizeof(whole_url), "%s", url);
	if (strncmp(url, "sqlite:", 7) == 0) {
		fixture_make_dir(dir);
		(void)snprintf(
		    name, sizeof(whole_url), "sqlite:%s/%d.db", dir, ++n);
	}
	contract_drop_tables();
	e = (struct bw_error){0};
	if (bw_store_create(name, NULL, &e) != BW_OK ||
	    bw_store_open(name, &s, &e) != BW_OK) {
		printf("Bail out! %s: %s\n", name, e.msg);
		exit(1);
	}
	if (drops_segments())
		contract_use_segments(s, strcmp(url, COMPACTED) == 0);
}

void
answer(uint64_t seq, int status, const char *type, const char *body)
{
	struct bw_store_answer a = {
	    .status = status,
	    .answered = 1700000000500,
	    .duration = 1234,
	    .content_type = fixture_text(type),
	    .body = fixture_text(body),
	};

	ok(bw_store_record_answer(s, seq, &a, &e) == BW_OK, "%s: answer %d",
	    url, status);
}

struct bw_store_write *
submit(const struct bw_store_event *event, const struct bw_store_result **r)
{
	struct bw_store_write *p;

	e = (struct bw_error){0};
	if (bw_store_write_begin(s, event, 1, fixture_in(LONG), &p, &e) !=
		BW_OK ||
	    bw_store_write_wait(p, BW_STORE_DURABLE, fixture_in(LONG), r, &e) !=
		BW_OK) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
	return p;
}

static void
test_deliveries(void)
{
	struct bw_store_event event = fixture_event("message-received", "k-1");
	struct bw_store_result r = {0};
	const struct bw_store_result *got;
	struct bw_store_write *p;
	uint64_t first;

	reset_store();
	is_int(fixture_append(s, &event, &r), BW_OK, "%s: append", url);
	is_int(r.fate, BW_STORE_NEW, "%s: the first is new", url);
	ok(r.seq > 0, "%s: has a number", url);
	is_int(r.deliveries, 1, "%s: once", url);
	first = r.seq;

	event.body = BW_STR("another");
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "%s: the second has to wait", url);
	is_int((long long)r.seq, (long long)first, "%s: the same", url);
	is_int(r.deliveries, 2, "%s: twice", url);
	event.again = true;
	(void)fixture_append(s, &event, &r);
	is_int(r.deliveries, 2, "%s: polling is no delivery", url);
	event.again = false;

	answer(first, 200, "application/xml", "<Response/>");
	p = submit(&event, &got);
	is_int(got->fate, BW_STORE_ANSWERED, "%s: the third is answered", url);
	is_int(got->answer.status, 200, "%s: status", url);
	is_text(got->answer.body, "<Response/>", "%s: body", url);
	is_text(got->answer.content_type, "application/xml", "%s: type", url);
	is_int(got->answer.duration, 1234, "%s: duration", url);
	bw_store_write_free(p, false);

	answer(first, 500, NULL, NULL);
	p = submit(&event, &got);
	is_int(got->answer.status, 200, "%s: the first answer stands", url);
	bw_store_write_free(p, false);
	is_int((long long)fixture_count(s, NULL), 1, "%s: one row", url);
}

static void
test_answers_without_body(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	const struct bw_store_result *got;
	struct bw_store_write *p;
	struct bw_store_result r;

	reset_store();
	(void)fixture_append(s, &event, &r);
	answer(r.seq, 204, NULL, NULL);
	p = submit(&event, &got);
	is_int(got->answer.status, 204, "%s: status", url);
	is_text(got->answer.body, NULL, "%s: no body", url);
	is_text(got->answer.content_type, NULL, "%s: no type", url);
	bw_store_write_free(p, false);

	event.key = BW_STR("k-2");
	(void)fixture_append(s, &event, &r);
	answer(r.seq, 200, "", "");
	p = submit(&event, &got);
	is_text(got->answer.body, "", "%s: an empty body", url);
	bw_store_write_free(p, false);
	answer(99999, 200, "", ""); /* to no event: ignored */
	is_int((long long)fixture_count(s, NULL), 2, "%s: two rows", url);
}

static void
test_claims(void)
{
	struct bw_store_event event = fixture_event("gather", "k-1");
	unsigned turn = 0;
	struct bw_store_result r;

	reset_store();
	event.claim = 1;
	(void)fixture_append(s, &event, &r);
	event.claim = 50000;
	do {
		(void)fixture_append(s, &event, &r);
	} while (r.fate == BW_STORE_RUNNING && tap_poll(&turn));
	is_int(r.fate, BW_STORE_TAKEN, "%s: an expired claim", url);
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "%s: is claimed again", url);

	/* The clock was ahead: no answer takes as long as this claim. */
	event.key = BW_STR("k-2");
	event.claim = 10 * 3600 * 1000;
	(void)fixture_append(s, &event, &r);
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_TAKEN, "%s: the clock was set back", url);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
test_windows(void)
{
	struct bw_store_event event = fixture_event("event", "k-1");
	struct bw_store_filter f = {.type = BW_STR("event")};
	struct bw_store_result r, before;

	reset_store();
	event.window = 60000;
	event.received = now_ms() - 61000;
	(void)fixture_append(s, &event, &before);
	event.received = now_ms();
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_NEW, "%s: the window is over", url);
	ok(r.seq != before.seq, "%s: another event", url);
	before = r;
	(void)fixture_append(s, &event, &r);
	is_int((long long)r.seq, (long long)before.seq,
	    "%s: which has the key now", url);
	is_int((long long)fixture_count(s, &f), 2, "%s: both are stored", url);

	/* Received within the window, but spooled until now. */
	event.key = BW_STR("k-4");
	event.received = now_ms() - 200000;
	(void)fixture_append(s, &event, &before);
	event.received = now_ms() - 150000;
	(void)fixture_append(s, &event, &r);
	is_int(
	    (long long)r.seq, (long long)before.seq, "%s: arrived late", url);

	event.key = BW_STR("k-2");
	event.received = now_ms() + 3600000;
	(void)fixture_append(s, &event, &before);
	event.received = now_ms();
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_NEW, "%s: first delivery in the future", url);

	event.key = BW_STR("k-3");
	(void)fixture_append(s, &event, &before);
	event.message = BW_STR("m-2");
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_NEW, "%s: of another message", url);
	event.message.p = NULL;
	(void)fixture_append(s, &event, &before);
	(void)fixture_append(s, &event, &r);
	is_int((long long)r.seq, (long long)before.seq, "%s: of none", url);
	event.call = BW_STR("c-1");
	(void)fixture_append(s, &event, &before);
	is_int(before.fate, BW_STORE_NEW, "%s: of a call", url);
	event.message = BW_STR("m-3");
	(void)fixture_append(s, &event, &r);
	is_int((long long)r.seq, (long long)before.seq, "%s: of both", url);

	event.key.p = NULL;
	(void)fixture_append(s, &event, &before);
	(void)fixture_append(s, &event, &r);
	ok(r.seq > before.seq && r.fate == BW_STORE_NEW,
	    "%s: events without a key are always new", url);
}

/* A key without a window of its own is valid for seven days, or kept. */
static void
test_retained_keys(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	const int64_t week = INT64_C(7) * 24 * 3600 * 1000;
	struct bw_store_result r;

	reset_store();
	(void)fixture_append(s, &event, &r);
	event.received += week;
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "%s: a week later", url);
	event.received += 1;
	bwi_store_retain_keys(s, true);
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "%s: later, and keys are kept", url);
	bwi_store_retain_keys(s, false);
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_NEW, "%s: and they are not", url);
	event.received += week;
	(void)fixture_append(s, &event, &r);
	is_int((long long)r.seq, 2, "%s: the newest has the key", url);
}

static void
test_batch(void)
{
	struct bw_store_event events[4];
	struct bw_store_result r[4] = {0};

	reset_store();
	for (int i = 0; i < 4; i++) {
		static const char *const keys[] = {"a", "b", "a", NULL};

		events[i] = fixture_event("message-sent", keys[i]);
		events[i].batch = 4;
		events[i].index = i;
	}
	is_int(bw_store_append(s, events, 4, fixture_in(LONG), r, &e), BW_OK,
	    "%s: a list of four", url);
	ok(r[0].seq < r[1].seq && r[1].seq < r[3].seq, "%s: in order", url);
	is_int((long long)r[2].seq, (long long)r[0].seq,
	    "%s: one key twice in a list", url);
	is_int((long long)fixture_count(s, NULL), 3, "%s: three rows", url);

	e = (struct bw_error){0};
	is_int(bw_store_append(s, events, 0, fixture_in(LONG), r, &e),
	    BW_ERR_USAGE, "%s: nothing", url);
	events[1].body.p = NULL;
	is_int(bw_store_append(s, events, 2, fixture_in(LONG), r, &e),
	    BW_ERR_USAGE, "%s: no body", url);
}

/*
 * Undecodable bodies are limited in number; a list is stored completely or not
 * at all.
 */
static void
test_unparsed(void)
{
	struct bw_store_event events[2] = {
	    fixture_event("message-sent", "before"),
	    fixture_event(bw_err_name(BW_ERR_SYNTAX), NULL)};
	struct bw_store_result r[2];
	enum bw_err err = BW_OK;
	size_t n = 0;

	reset_store();
	events[1].family = BW_STR("unparsed");
	while (n < 5000 && err == BW_OK) {
		e = (struct bw_error){0};
		err =
		    bw_store_append(s, &events[1], 1, fixture_in(LONG), r, &e);
		n += err == BW_OK;
	}
	is_int((long long)n, 1000, "%s: undecodable bodies are limited", url);
	is_int(err, BW_ERR_LIMIT, "%s: with an error", url);
	is_int(bw_store_append(s, events, 2, fixture_in(LONG), r, &e),
	    BW_ERR_LIMIT, "%s: a list with one more", url);
	is_int((long long)fixture_count(s, NULL), 1000,
	    "%s: is not stored in part", url);
	is_int(fixture_append(s, &events[0], r), BW_OK,
	    "%s: others are accepted", url);
}

/* A re-delivery in a list that fails does not count as a delivery. */
static void
test_undo(void)
{
	struct bw_store_event events[3] = {
	    fixture_event("message-sent", "known"),
	    fixture_event("message-sent", "new"),
	    fixture_event(bw_err_name(BW_ERR_SYNTAX), NULL)};
	struct bw_store_result r[3];
	enum bw_err err = BW_OK;

	reset_store();
	must(fixture_append(s, &events[0], r));
	events[2].family = BW_STR("unparsed");
	for (int i = 0; i < 5000 && err == BW_OK; i++)
		err = bw_store_append(s, &events[2], 1, fixture_in(20), r, &e);
	for (int i = 0; i < 3; i++) {
		e = (struct bw_error){0};
		is_int(bw_store_append(s, events, 3, fixture_in(20), r, &e),
		    BW_ERR_LIMIT, "%s: a list whose last is refused", url);
	}
	is_int(fixture_append(s, &events[0], r), BW_OK, "%s: the known", url);
	is_int(r[0].deliveries, 2, "%s: twice, without the lists", url);
	is_int(fixture_append(s, &events[1], r), BW_OK, "%s: the new", url);
	is_int(r[0].fate, BW_STORE_NEW, "%s: is still new", url);
}

/* Undecodable bodies are also limited in total size. */
static void
test_large_unparsed(void)
{
	static char body[1 << 20];
	struct bw_store_event event =
	    fixture_event(bw_err_name(BW_ERR_SYNTAX), NULL);
	struct bw_store_result r;
	int n = 0;

	reset_store();
	memset(body, '{', sizeof(body));
	event.family = BW_STR("unparsed");
	event.body = (struct bw_str){body, sizeof(body)};
	do {
		e = (struct bw_error){0};
	} while (
	    bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e) == BW_OK &&
	    ++n < 100);
	is_int(n, 16, "%s: undecodable bodies are limited in bytes", url);
	is_int(e.code, BW_ERR_LIMIT, "%s: with an error, too", url);
}

static void
test_prune(void)
{
	struct bw_store_event event = fixture_event("message-sent", NULL);
	struct bw_store_stats stats;
	struct bw_store_result r;
	uint64_t n;

	reset_store();
	event.body = (struct bw_str){calloc(1, 20000), 20000};
	for (int i = 0; i < 500; i++) {
		event.received = 1000 + i;
		if (fixture_append(s, &event, &r) != BW_OK)
			break;
	}
	must(bw_store_prune(s, 1250, 0, &n, &e));
	is_int((long long)n, 250, "%s: by age", url);
	must(bw_store_stats(s, &stats, &e));
	is_int(stats.oldest, 1250, "%s: the oldest are removed", url);
	must(bw_store_prune(s, 0, 1000000, &n, &e));
	ok(n > 0, "%s: by size", url);
	must(bw_store_stats(s, &stats, &e));
	ok(stats.bytes <= 1000000, "%s: it is smaller", url);
	is_int(stats.newest, 1499, "%s: the newest stays", url);
	(void)fixture_append(s, &event, &r);
	ok(r.seq == 501, "%s: numbers are not reused", url);
	free((void *)(uintptr_t)event.body.p);
}

/* Every kind of store can have a spool and drain it. */
static void
test_spool(void)
{
	struct bw_store_event event = fixture_event("order", "k-1");
	char dir[64], path[128];
	size_t n;

	reset_store();
	e = (struct bw_error){0};
	is_int(bw_store_spool(s, &event, 1, &e), BW_ERR_UNSUPPORTED,
	    "%s: no spool was set", url);
	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/spool", dir);
	must(bw_store_set_spool(s, path, &e));
	e = (struct bw_error){0};
	is_int(bw_store_spool(s, &event, 1, &e), BW_OK, "%s: spool", url);
	event.key = BW_STR("k-2");
	must(bw_store_spool(s, &event, 1, &e));
	is_int(bw_store_drain(s, fixture_in(LONG), &n, &e), BW_OK, "%s: drain",
	    url);
	is_int(
	    (long long)fixture_count(s, NULL), 2, "%s: both are stored", url);
	is_int(bw_store_drain(s, fixture_in(LONG), &n, &e), BW_OK,
	    "%s: once more", url);
	is_int((long long)n, 0, "%s: nothing is left", url);
	fixture_remove_dir(dir);
}

#define THREADS 8
#define EACH	200

struct load {
	int thread;
	int news;
	int failed;
};

static void *
append_many(void *arg)
{
	struct load *l = arg;

	for (int i = 0; i < EACH; i++) {
		struct bw_error why = {0};
		struct bw_store_result r;
		struct bw_store_event event;
		char key[32];

		/* Every thread sends each key. */
		(void)snprintf(key, sizeof(key), "k-%d", i);
		event = fixture_event("message-sent", key);
		if (bw_store_append(s, &event, 1, fixture_in(LONG), &r, &why) !=
		    BW_OK)
			l->failed++;
		else
			l->news += r.fate == BW_STORE_NEW;
	}
	return NULL;
}

static void
test_threads(void)
{
	struct load loads[THREADS] = {{0}};
	pthread_t threads[THREADS];
	int news = 0, failed = 0;

	reset_store();
	for (int i = 0; i < THREADS; i++) {
		loads[i].thread = i;
		(void)pthread_create(&threads[i], NULL, append_many, &loads[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		news += loads[i].news;
		failed += loads[i].failed;
	}
	is_int(failed, 0, "%s: none failed", url);
	is_int(news, EACH, "%s: each key was new once", url);
	is_int(
	    (long long)fixture_count(s, NULL), EACH, "%s: one row each", url);
}

/* Each allocation fails in turn; the store still works afterwards. */
static void
test_memory(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_answer a = {.status = 200, .body = BW_STR("x")};
	const struct bw_store_result *again;
	struct bw_store_write *pending;
	struct bw_store_result r;
	enum bw_err err = BW_ERR_NOMEM;
	char key[16];
	unsigned long n;

	reset_store();
	(void)fixture_append(s, &event, &r);
	answer(r.seq, 200, "text/plain", "x");
	for (n = 1; n < 100 && err == BW_ERR_NOMEM; n++) {
		struct bw_error why = {0};

		(void)snprintf(key, sizeof(key), "m-%lu", n);
		event.key = fixture_text(key);
		tap_fail_alloc(n);
		err = bw_store_append(s, &event, 1, fixture_in(LONG), &r, &why);
		if (err == BW_OK)
			err = bw_store_record_answer_wait(
			    s, r.seq, &a, fixture_in(LONG), &why);
		tap_fail_alloc(0);
	}
	is_int(err, BW_OK, "%s: finally it works", url);
	pending = submit(&event, &again);
	is_int(again->fate, BW_STORE_ANSWERED,
	    "%s: an answer with wait is recorded", url);
	bw_store_write_free(pending, false);
	ok(n > 2, "%s: %lu failed allocations", url, n - 2);
}

static void
test_all(const char *kind)
{
	url = kind;
	test_deliveries();
	test_answers_without_body();
	contract_answers();
	test_claims();
	test_windows();
	test_retained_keys();
	test_batch();
	test_unparsed();
	test_undo();
	test_large_unparsed();
	contract_reading();
	contract_consumers();
	if (!drops_segments())
		test_prune();
	test_spool();
	test_threads();
	test_memory();
	contract_many();
	contract_memory();
	contract_clock();
}

/* With a URL, only the store there is tested, and what it has is removed. */
int
main(int argc, char **argv)
{
	tap_fail_alloc(0); /* its hook, before there is a thread */
	if (argc > 1) {
		test_all(argv[1]);
	} else {
		test_all("mem:");
		test_all("sqlite:");
		test_all(SEGMENTS);
		if (bwi_pack_available())
			test_all(COMPACTED);
	}
	url = NULL;
	reset_store();
	is_int(bw_store_open("etcd:x", &s, &e), BW_ERR_UNSUPPORTED,
	    "unknown kind");
	return tap_done();
}
