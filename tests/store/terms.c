/*
 * The table of terms of the SQLite store: it has the terms of all events up to
 * a number, the others are the tail, which every process finds.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "store/sqlite.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

static char dir[64], path[128], url[160];
static struct bw_error e;

static struct bw_store *
open_store(void)
{
	struct bw_store *s = NULL;

	e = (struct bw_error){0};
	if (bw_store_open(url, &s, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return s;
}

static struct bw_store *
start(void)
{
	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	if (bw_store_create(url, NULL, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return open_store();
}

static void
stop(struct bw_store *s)
{
	bw_store_free(s);
	fixture_remove_dir(dir);
}

/* The event i of a store; the key belongs to the caller. */
static struct bw_store_event
make_event(int i, char key[32])
{
	static const char *const numbers[] = {"+1", "+2", "+3", "+4", "+5"};
	struct bw_store_event event;

	(void)snprintf(key, 32, "k-%d", i);
	event = fixture_event(i % 3 == 0 ? "sent" : "failed", key);
	event.from = fixture_text(numbers[i % 5]);
	event.to = fixture_text(numbers[i % 4]);
	if (i % 7 == 0)
		event.message = (struct bw_str){NULL, 0};
	if (i % 6 == 0)
		event.call = BW_STR("c-1");
	return event;
}

static enum bw_store_fate
append(struct bw_store *s, int i)
{
	struct bw_store_result r = {.fate = BW_STORE_NEW};
	char key[32];
	struct bw_store_event event = make_event(i, key);

	(void)fixture_append(s, &event, &r);
	return r.fate;
}

/* What the table should have: the terms of the events up to a number. */
struct wanted {
	sqlite3_stmt *find;
	uint64_t indexed;
	int64_t terms;
	int64_t missing;
};

static bool
look_for_terms(void *arg, const struct bw_store_row *r)
{
	struct wanted *w = arg;
	struct bwi_terms terms;

	if (r->seq > w->indexed)
		return false;
	bwi_terms_of(&r->event, &terms);
	for (size_t i = 0; i < terms.n; i++) {
		(void)sqlite3_bind_int64(w->find, 1, terms.h[i]);
		(void)sqlite3_bind_int64(w->find, 2, (sqlite3_int64)r->seq);
		w->missing += sqlite3_step(w->find) != SQLITE_ROW;
		(void)sqlite3_reset(w->find);
	}
	w->terms += (int64_t)terms.n;
	return true;
}

/* Exactly the terms of those events, and at least some. */
static void
check_terms(struct bw_store *s, const char *when)
{
	const struct bw_store_filter all = {.since = 0};
	struct wanted w = {.indexed = (uint64_t)fixture_number(
			       path, "SELECT indexed FROM meta")};
	uint64_t cursor = 0;
	sqlite3 *db = NULL;

	(void)sqlite3_open(path, &db);
	(void)sqlite3_prepare_v2(db,
	    "SELECT 1 FROM term WHERE h = ?1 AND seq = ?2", -1, &w.find, NULL);
	is_int(bw_store_read(
		   s, &all, false, SIZE_MAX, &cursor, look_for_terms, &w, &e),
	    BW_OK, "%s: read %s", when, e.msg);
	(void)sqlite3_finalize(w.find);
	(void)sqlite3_close(db);
	is_int(w.missing, 0, "%s: no term is missing", when);
	is_int(fixture_number(path, "SELECT count(*) FROM term"), w.terms,
	    "%s: and there are no others", when);
	is_int(fixture_number(path, "SELECT sum(n) FROM block"),
	    fixture_number(path,
		"SELECT count(*) FROM entry WHERE seq <= (SELECT "
		"indexed FROM meta)"),
	    "%s: blocks count these events", when);
	is_int(fixture_number(path,
		   "SELECT count(*) FROM block b WHERE oldest <> (SELECT "
		   "min(received) FROM entry WHERE seq BETWEEN low AND "
		   "high) OR newest <> (SELECT max(received) FROM entry "
		   "WHERE seq BETWEEN low AND high)"),
	    0, "%s: and have their times", when);
}

/* Two handles, as of two processes, take turns; a third one is always new. */
static void
test_processes(void)
{
	struct bw_store *s[2] = {start(), open_store()};
	int twice = 0, lost = 0;

	for (int i = 0; i < 3 * BWI_TAIL_MAX / 2; i++) {
		lost += append(s[i % 2], i) != BW_STORE_NEW;
		twice += append(s[(i + 1) % 2], i) == BW_STORE_NEW;
		if (i % 100 == 99) {
			struct bw_store *new = open_store();

			twice += append(new, i - 99) == BW_STORE_NEW;
			twice += append(new, i) == BW_STORE_NEW;
			bw_store_free(new);
		}
	}
	is_int(lost, 0, "each is new once");
	is_int(twice, 0, "for whatever process");
	ok(fixture_number(path, "SELECT indexed FROM meta") >= BWI_TAIL_MAX,
	    "there are terms in the table");
	ok(fixture_number(path, "SELECT max(seq) FROM entry") >
		fixture_number(path, "SELECT indexed FROM meta"),
	    "and there is a tail");
	check_terms(s[0], "two processes");
	bw_store_free(s[1]);
	stop(s[0]);
}

/* The tail of one handle is pruned by another one. */
static void
test_pruned(void)
{
	struct bw_store *s = start(), *other = open_store();
	uint64_t n;

	for (int i = 0; i < 20; i++)
		(void)append(s, i);
	is_int(bw_store_prune(other, INT64_MAX, 0, &n, &e), BW_OK, "pruned %s",
	    e.msg);
	is_int((long long)n, 20, "all of it");
	is_int(append(s, 1), BW_STORE_NEW, "a key of it is new");
	is_int((long long)fixture_number(path, "SELECT max(seq) FROM entry"),
	    21, "and has a new number");
	is_int(append(other, 1), BW_STORE_RUNNING, "known to both");
	check_terms(s, "pruned");
	is_int(fixture_number(path, "SELECT count(*) FROM term"), 0,
	    "no term is left over");
	bw_store_free(other);
	stop(s);
}

/* The calls of SQLite that a thread makes while counting. */
static _Atomic long steps;

/* Instead of SQLite's, for the library under test as well. */
int
sqlite3_reset(sqlite3_stmt *st)
{
	static __typeof__(&sqlite3_reset) reset;

	if (reset == NULL)
		*(void **)&reset = dlsym(RTLD_NEXT, "sqlite3_reset");
	steps++;
	return reset(st);
}

static long
steps_of(struct bw_store *s, const char *key)
{
	struct bw_store_event event = fixture_event("join", key);
	struct bw_store_result r;

	event.message = (struct bw_str){NULL, 0};
	event.call = BW_STR("conf-1");
	steps = 0;
	(void)fixture_append(s, &event, &r);
	return steps;
}

/* A conference has thousands of events of one id: a key is found at once. */
static void
test_conference(void)
{
	struct bw_store *s = start();
	char key[32];
	long few, many;

	(void)steps_of(s, "first");
	few = steps_of(s, "second");
	for (int i = 0; i < 2 * BWI_TAIL_MAX + 10; i++) {
		(void)snprintf(key, sizeof(key), "k-%d", i);
		(void)steps_of(s, key);
	}
	many = steps_of(s, "another");
	is_int(many, few, "a new key costs as much as among two");
	stop(s);
}

/* BW_STR for static initializers. */
#define TEXT(s) \
	{ \
		s, sizeof(s) - 1 \
	}
#define VOICE	  .family = TEXT("voice"), .type = TEXT("answer")
#define CALL	  .call = TEXT("c-1")
#define KEY	  .key = TEXT("k-1")
#define TYPE_TERM INT64_C(-6048649696186990592)
#define CALL_TERM INT64_C(3784816827565203325)
#define FROM_TERM INT64_C(-5806637248359170048)

/* Computed by another program. The hashes in stores stay as they are. */
static const struct {
	struct bw_store_event event;
	size_t n, keys;
	int64_t h[BWI_TERMS_MAX];
} hashed[] = {
    {{VOICE, CALL, KEY, .from = TEXT("+1"), .to = TEXT("+2")}, 4, 1,
	{CALL_TERM, FROM_TERM, INT64_C(-2984443667273482240), TYPE_TERM}},
    {{CALL, KEY, .family = TEXT("messaging"), .type = TEXT("sent"),
	 .message = TEXT("m-1")},
	3, 2,
	{CALL_TERM, INT64_C(-4786644517389213827),
	    INT64_C(1255943244458491904)}},
    {{VOICE, KEY, .from = TEXT("+1"), .to = TEXT("+1")}, 3, 1,
	{INT64_C(1365117890351718269), FROM_TERM, TYPE_TERM}},
    {{VOICE, CALL}, 2, 0, {INT64_C(3784816827247362048), TYPE_TERM}},
};

static void
test_hashes(void)
{
	for (size_t i = 0; i < sizeof(hashed) / sizeof(hashed[0]); i++) {
		struct bwi_terms t;

		bwi_terms_of(&hashed[i].event, &t);
		is_int((long long)t.n, (long long)hashed[i].n, "%zu: terms", i);
		is_int((long long)t.keys, (long long)hashed[i].keys,
		    "%zu: of the key", i);
		for (size_t k = 0; k < t.n; k++)
			is_int(t.h[k], hashed[i].h[k], "%zu: term %zu", i, k);
	}
}

/*
 * Keys and threads are shortened in the table and whole in its view, whatever
 * characters they have.
 */
static const struct {
	struct bw_str key;
	struct bw_str thread;
	struct bw_str from;
	long long bytes; /* of both in the table */
} texts[] = {
    {TEXT("/messages|messaging.sent:99:m-1"), TEXT("m-1+1919"), TEXT("+1919"),
	12},
    {TEXT("/messages/messages"), TEXT(""), TEXT(""), 2},
    {TEXT("none of them"), TEXT("+19195"), TEXT("+1919"), 14},
    {TEXT("\001\002"), TEXT("\007"), TEXT("+1919"), 3},
    {TEXT("m-1"), TEXT("m-1"), TEXT("\003"), 6},
    {TEXT("sent\xff\n'"), TEXT("\xc3"), TEXT("\xc3\xa9"), 5},
};

/* Does the view have these texts? */
static bool
is_in_view(struct bw_str key, struct bw_str thread)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	bool found;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db,
		"SELECT 1 FROM event WHERE CAST(key AS BLOB) = ?1 "
		"AND CAST(thread AS BLOB) = ?2",
		-1, &st, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	bwi_bind_blob(st, 1, key);
	bwi_bind_blob(st, 2, thread);
	found = sqlite3_step(st) == SQLITE_ROW;
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return found;
}

static bool
compare_texts(void *arg, const struct bw_store_row *r)
{
	size_t i = *(size_t *)arg;

	ok(bw_str_eq(r->event.key, texts[i].key), "%zu: key", i);
	ok(bw_str_eq(r->event.thread, texts[i].thread), "%zu: thread", i);
	return true;
}

static void
test_texts(void)
{
	const struct bw_store_filter all = {.since = 0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct bw_store *s = start();
		struct bw_store_event event = fixture_event("sent", NULL);
		struct bw_store_result r;
		uint64_t cursor = 0;

		event.key = texts[i].key;
		event.thread = texts[i].thread;
		event.from = texts[i].from;
		(void)fixture_append(s, &event, &r);
		(void)fixture_append(s, &event, &r);
		is_int(r.fate, BW_STORE_RUNNING, "%zu: recognized", i);
		is_int(bw_store_read(
			   s, &all, false, 9, &cursor, compare_texts, &i, &e),
		    BW_OK, "%zu: read %s", i, e.msg);
		ok(is_in_view(texts[i].key, texts[i].thread), "%zu: view", i);
		is_int(fixture_number(path,
			   "SELECT length(CAST(key AS BLOB)) + "
			   "length(CAST(thread AS BLOB)) FROM entry"),
		    texts[i].bytes, "%zu: bytes", i);
		stop(s);
	}
}

static bool
has_lengths(void *arg, const struct bw_store_row *r)
{
	*(int *)arg += r->event.key.n == 500000 && r->event.thread.n == 100000;
	return true;
}

/* Long texts: some are shortened to little, some are not. */
static void
test_long_texts(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store_event event = fixture_event("sent", NULL);
	char *text = malloc(500000);
	struct bw_store *s = start();
	struct bw_store_result r;
	uint64_t cursor = 0;
	int n = 0;

	memset(text, 'x', 500000);
	event.section = (struct bw_str){text, 1000};
	event.thread = (struct bw_str){text, 100000};
	event.key = (struct bw_str){text, 500000};
	(void)fixture_append(s, &event, &r);
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "long texts: recognized");
	is_int(bw_store_read(s, &all, false, 9, &cursor, has_lengths, &n, &e),
	    BW_OK, "long texts: read %s", e.msg);
	is_int(n, 1, "long texts: as they were");
	is_int(fixture_number(path, "SELECT length(thread) FROM entry"), 100,
	    "long texts: one is short in the table");
	free(text);
	stop(s);
}

/* A list that is refused takes its new form with it. */
static void
test_forms(void)
{
	struct bw_store_event events[2] = {
	    fixture_event("a new type", "k-1"), fixture_event("", NULL)};
	struct bw_store_filter f = {.type = BW_STR("a new type")};
	struct bw_store *s = start();
	struct bw_store_result r[2];
	enum bw_err err = BW_OK;

	events[1].family = BW_STR("unparsed");
	for (int i = 0; i < 5000 && err == BW_OK; i++)
		err =
		    bw_store_append(s, &events[1], 1, fixture_in(LONG), r, &e);
	is_int(bw_store_append(s, events, 2, fixture_in(LONG), r, &e),
	    BW_ERR_LIMIT, "a list is refused");
	is_int(fixture_append(s, events, r), BW_OK, "its first alone");
	is_int((long long)fixture_count(s, &f), 1, "is found");
	is_int(
	    fixture_number(path, "SELECT count(*) FROM form"), 2, "two forms");
	check_terms(s, "refused");
	stop(s);
}

/* Killed while the terms are written: all of them or none. */
static void
test_killed(void)
{
	struct bw_store *s = start();

	bw_store_free(s);
	for (int round = 0; round < 4; round++) {
		unsigned turn = 0;
		pid_t pid = fork();

		if (pid == 0) {
			s = open_store();
			for (int i = 0;; i++)
				(void)append(s, round * 100000 + i);
		}
		while (fixture_number(path, "SELECT max(seq) FROM entry") <
			   (round + 1) * (BWI_TAIL_MAX + 100) &&
		       tap_poll(&turn))
			;
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	s = open_store();
	check_terms(s, "killed");
	stop(s);
}

int
main(void)
{
	test_hashes();
	test_texts();
	test_long_texts();
	test_forms();
	test_processes();
	test_pruned();
	test_conference();
	test_killed();
	return tap_done();
}
