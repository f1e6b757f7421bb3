/* Compacting closed segments while the store is in use. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "segments.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

/* Odd events of the segment that is compared: more than one group. */
#define MANY 200
/* The number of one more event. */
#define LATE (MANY + 2)

static const struct bw_store_filter everything = {.since = 0};

/* Event i: each member is there or not, empty or not, and of several sizes. */
static void
append_odd(struct bw_store *s, unsigned i)
{
	static const char *const texts[] = {"", "x", "+19195550101", "a\tb"};
	static char body[300000];
	struct bw_store_event event = fixture_event("message-sent", NULL);
	struct bw_store_result r;
	char key[32], call[32];

	(void)snprintf(key, sizeof(key), "key-%u", i);
	(void)snprintf(call, sizeof(call), "c-%u", i / 3);
	memset(body, (int)('a' + i % 26), sizeof(body));
	body[i % 7] = '\0';
	event.key = i % 5 != 0 ? fixture_text(key) : (struct bw_str){NULL, 0};
	event.received = RECEIVED + i;
	event.message.p = NULL;
	if (i % 3 == 0)
		event.call = fixture_text(call);
	if (i % 4 == 1)
		event.message = fixture_text(call);
	event.from = fixture_text(i % 2 == 0 ? texts[2] : NULL);
	event.thread = fixture_text(i % 6 == 0 ? NULL : texts[i % 4]);
	event.query = fixture_text(i % 8 == 0 ? texts[i % 4] : NULL);
	event.request = fixture_text(i % 9 == 0 ? NULL : texts[i / 9 % 4]);
	event.body = (struct bw_str){body, i % 50 == 7 ? 200000 : i % 11};
	event.batch = 1 + (int)(i % 3);
	event.index = (int)(i % 3);
	(void)fixture_append(s, &event, &r);
}

static void
answer_odd(struct bw_store *s, uint64_t seq)
{
	struct bw_store_answer a = {.status = seq % 10 == 0 ? 500 : 200,
	    .answered = RECEIVED + (int64_t)seq,
	    .duration = (int64_t)seq,
	    .fallback = seq % 7 == 0,
	    .failed = seq % 20 == 0};

	if (seq % 2 == 0)
		a.content_type = BW_STR("application/xml");
	if (seq % 3 != 0)
		a.body = BW_STR("<Response/>\n\xc3\xa9");
	if (seq % 4 == 0)
		a.trace = BW_STR("{}");
	e = (struct bw_error){0};
	is_int(bw_store_record_answer_wait(s, seq, &a, fixture_in(LONG), &e),
	    BW_OK, "an answer: %s", e.msg);
}

static void
put(FILE *f, struct bw_str s)
{
	fprintf(f, s.p == NULL ? "-|" : "%zu:", s.n);
	if (s.p != NULL)
		fwrite(s.p, 1, s.n, f);
}

static bool
put_row(void *arg, const struct bw_store_row *r)
{
	const struct bw_store_event *v = &r->event;
	const struct bw_str texts[] = {v->section, v->method, v->content_type,
	    v->family, v->type, v->key, v->user, v->request, v->body, v->call,
	    v->message, v->from, v->to, v->thread, v->query,
	    r->answer.content_type, r->answer.body, r->answer.trace};
	FILE *f = arg;

	fprintf(f, "%llu %lld %d %d %lld %u %lld %d %d %lld %lld %d ",
	    (unsigned long long)r->seq, (long long)v->received, v->batch,
	    v->index, (long long)v->claim, r->deliveries, (long long)r->last,
	    r->answer.status, r->answer.fallback, (long long)r->answer.answered,
	    (long long)r->answer.duration, r->answer.failed);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put(f, texts[i]);
	fputc('\n', f);
	return true;
}

/* All that reading gives, for several filters; the caller frees it. */
static char *
read_text(struct bw_store *s, size_t *size)
{
	const struct bw_store_filter filters[] = {everything,
	    {.call = BW_STR("c-7")}, {.message = BW_STR("c-9")},
	    {.number = BW_STR("+19195550101")},
	    {.type = BW_STR("message-sent"), .since = RECEIVED + 30},
	    {.failed = true}, {.fallback = true}, {.statuses = {500}},
	    {.number = BW_STR("+19195550101"), .failed = true}};
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]) * 2; i++) {
		uint64_t cursor = 0;

		e = (struct bw_error){0};
		is_int(bw_store_read(s, &filters[i / 2], i % 2 == 1, 9999,
			   &cursor, put_row, f, &e),
		    BW_OK, "read: %s", e.msg);
		fprintf(f, "count %llu\n",
		    (unsigned long long)fixture_count(s, &filters[i / 2]));
	}
	(void)fclose(f);
	return text;
}

static void
is_same(char *a, size_t n, char *b, size_t m, const char *what)
{
	ok(n == m && memcmp(a, b, n) == 0, "%s: %zu, %zu bytes", what, n, m);
	free(a);
	free(b);
}

/* The second of three segments has all kinds of events. */
static struct bw_store *
start_odd(void)
{
	struct bw_store *s = start();

	(void)append(s, "first", RECEIVED - 1, 0);
	rotate();
	for (unsigned i = 0; i < MANY; i++)
		append_odd(s, i);
	(void)append(s, "late", RECEIVED + MANY - 1, 0);
	for (uint64_t seq = 2; seq <= MANY; seq++) {
		if (seq % 3 != 0)
			answer_odd(s, seq);
	}
	rotate();
	make_filters();
	return s;
}

/* Whatever is read is the same, also for a handle that was open. */
static void
test_same(void)
{
	struct bw_store *s = start_odd(), *other = open_store();
	struct bw_store_soundness sound;
	size_t n[4];
	char *text[4];

	text[0] = read_text(s, &n[0]);
	text[1] = read_text(other, &n[1]);
	is_int(compact(RECEIVED + MANY - 1), 0, "it is too new");
	is_int(compact(RECEIVED + MANY), 1, "it is older");
	is_int(compact(RECEIVED + MANY), 0, "once");
	ok(!is_there(2, "-wal") && is_there(2, ".packed"), "its files");
	text[2] = read_text(other, &n[2]);
	is_same(text[1], n[1], text[2], n[2], "the same");
	bw_store_free(other);
	other = open_store();
	text[3] = read_text(other, &n[3]);
	is_same(text[0], n[0], text[3], n[3], "for a new handle too");
	is_int(bw_store_verify(s, 0, NULL, &sound, &e), BW_OK, "verify");
	is_int((long long)(sound.errors + sound.warnings), 0, "it is sound");
	is_int((long long)sound.events, MANY + 2, "events");
	bw_store_free(other);
	stop(s);
}

static bool
get_row(void *arg, const struct bw_store_row *r)
{
	int *to = arg;

	to[0] = r->answer.status;
	to[1] = (int)r->deliveries;
	to[2] = (int)r->answer.body.n;
	return true;
}

/* The answer's status, the deliveries, the length of the answer's body. */
static void
look(struct bw_store *s, uint64_t seq, int to[3])
{
	uint64_t cursor = seq - 1;

	to[0] = to[1] = to[2] = -1;
	e = (struct bw_error){0};
	is_int(
	    bw_store_read(s, &everything, false, 1, &cursor, get_row, to, &e),
	    BW_OK, "read: %s", e.msg);
}

static void
record_body(struct bw_store *s, uint64_t seq, int status, struct bw_str body)
{
	const struct bw_store_answer a = {
	    .status = status, .answered = RECEIVED, .body = body};

	e = (struct bw_error){0};
	is_int(bw_store_record_answer_wait(s, seq, &a, fixture_in(LONG), &e),
	    BW_OK, "an answer: %s", e.msg);
}

/* What comes late, through a handle that has the old file open. */
static void
test_late(void)
{
	struct bw_store *s = start_odd(), *reader = open_store();
	struct bw_store_result r;
	int is[3];

	r = append(s, "late", RECEIVED + MANY, 0);
	look(reader, LATE, is);
	is_int(is[1], 2, "delivered twice");
	is_int(is[0], 0, "not answered");
	is_int(compact(INT64_MAX), 1, "compacted");
	r = append(s, "late", RECEIVED + MANY, 50000);
	is_int((long long)r.seq, LATE, "known");
	is_int(r.fate, BW_STORE_TAKEN, "taken over");
	is_int((long long)r.deliveries, 3, "delivered three times");
	r = append(s, "late", RECEIVED + MANY, 50000);
	is_int(r.fate, BW_STORE_RUNNING, "once");
	record_body(s, LATE, 201, BW_STR("late"));
	record_body(s, LATE, 202, BW_STR("later"));
	look(reader, LATE, is);
	is_int(is[0], 201, "answered once, for a reader that was open");
	is_int(is[1], 4, "and its deliveries");
	is_int(is[2], 4, "and the body");
	record_body(s, 20, 203, BW_STR("mended"));
	look(reader, 20, is);
	is_int(is[0], 203, "a failed answer is replaced");
	is_int(is[2], 6, "its body");
	record_body(s, 2, 299, BW_STR("x"));
	look(reader, 2, is);
	is_int(is[0], 200, "another stays");
	is_int(is[2], 14, "its body");
	is_int(append(s, "late", RECEIVED + MANY, 0).fate, BW_STORE_ANSWERED,
	    "a repetition gets the late answer");
	bw_store_free(reader);
	stop(s);
}

/* A row of a group is named, the others are read. */
static void
test_damaged_group(void)
{
	struct bw_store *s = start_odd();
	uint64_t cursor = 100;
	sqlite3 *db = NULL;
	int is[3];

	is_int(compact(INT64_MAX), 1, "compacted");
	if (sqlite3_open(name(2, ""), &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"UPDATE pack SET rows = substr(rows, 1, length(rows) - 1) "
		"WHERE first = (SELECT max(first) FROM pack "
		"WHERE first <= 150)",
		NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	look(s, 3, is);
	is_int(is[1], 1, "another group");
	e = (struct bw_error){0};
	is_int(
	    bw_store_read(s, &everything, false, 99, &cursor, get_row, is, &e),
	    BW_ERR_CORRUPT, "%s", e.msg);
	ok(strstr(e.msg, ".000002.packed") != NULL &&
		strstr(e.msg, "the group with event") != NULL,
	    "the file, the group");
	is_int(append(s, "new", RECEIVED + DAY, 0).fate, BW_STORE_NEW,
	    "a new event is stored");
	stop(s);
}

/* An answer without an event, so that segment 2 and its copy differ. */
static void
make_odd(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(name(2, ""), &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"INSERT INTO answer VALUES (99, 200, 0, 1, 1, NULL, NULL, 0, "
		"NULL)",
		NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

/* A segment that cannot be copied as it is stays; the others are compacted. */
static void
test_refused(void)
{
	struct bw_store_compaction r;
	struct bw_store *s = start();

	fill(s);
	make_odd();
	e = (struct bw_error){0};
	is_int(bw_store_compact(s, INT64_MAX, &r, &e), BW_ERR_CORRUPT,
	    "an answer without an event: %s", e.msg);
	ok(strstr(e.msg, ".000002") != NULL, "the file");
	is_int((long long)r.segments, 1, "the other is compacted");
	ok(is_there(2, "") && !is_there(2, ".packed") && is_there(3, ".packed"),
	    "the files");
	is_int((long long)read_all(s, &everything, false, 0, 99), 12345678,
	    "all events");
	stop(s);
}

/* A responder does it by itself, when it has been told to. */
static void
test_maintenance(void)
{
	struct bw_store *s = start();
	unsigned turn = 0;

	fill(s);
	make_filters();
	bw_store_free(s);
	s = open_store();
	/* As if it had looked long ago. */
	bwi_sqlite_of(s)->maintenance.next = 0;
	bwi_store_compact(s, INT64_C(100) * 365 * DAY);
	(void)append(s, "n-1", RECEIVED + 8 * DAY, 0);
	bw_store_free(s);
	ok(!is_there(2, ".packed"), "nothing is so old");
	s = open_store();
	bwi_sqlite_of(s)->maintenance.next = 0;
	bwi_store_compact(s, DAY);
	(void)append(s, "n-2", RECEIVED + 8 * DAY, 0);
	while (!(is_there(2, ".packed") && is_there(3, ".packed")) &&
	       tap_poll(&turn))
		;
	ok(is_there(2, ".packed") && is_there(3, ".packed"), "compacted");
	bw_store_free(s);
	s = open_store();
	is_int((long long)read_all(s, &everything, false, 0, 8), 12345678,
	    "with its events");
	stop(s);
}

/* A segment that cannot be compacted is not copied again each minute. */
static void
test_failing(void)
{
	struct bw_store *s = start();
	struct bwi_maintenance *m;
	unsigned turn = 0;

	fill(s);
	make_filters();
	make_odd();
	bw_store_free(s);
	s = open_store();
	m = &bwi_sqlite_of(s)->maintenance;
	m->next = 0;
	bwi_store_compact(s, DAY);
	(void)append(s, "n-1", RECEIVED + 8 * DAY, 0);
	while (!(is_there(3, ".packed") && !atomic_load(&m->running)) &&
	       tap_poll(&turn))
		;
	ok(is_there(2, "") && is_there(3, ".packed"), "the other is compacted");
	ok(m->next > bw_monotonic_ns() + INT64_C(600) * 1000000000,
	    "the next try is not soon");
	stop(s);
}

/* Rounds of a store that is used by several processes. */
#define ROUNDS 12
#define EACH   10

/* Close segments and compact them, until it is killed. */
static pid_t
start_compacting(const char *path)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (unsigned turn = 0; tap_poll(&turn);) {
		struct bw_store_compaction r;
		struct bw_error ignored = {0};
		struct bwi_segments g = {.path = path};
		enum bw_err err;

		if (bwi_segments_update(&g, fixture_in(LONG), &ignored) ==
			BW_OK &&
		    bwi_segments_rotate(&g, &ignored) != BW_OK)
			_exit(1);
		bwi_segments_close(&g);
		err = bwi_compact(path, INT64_MAX, NULL, &r, &ignored);
		(void)err;
	}
	_exit(1);
}

static bool
check_row(void *arg, const struct bw_store_row *r)
{
	unsigned *wrong = arg;

	*wrong += r->answer.status != 200 || r->deliveries != 2;
	return true;
}

/*
 * Two processes compact what this one appends, delivers again and answers. They
 * are killed and replaced now and then.
 */
static void
test_together(void)
{
	struct bw_store *s = start(), *reader = open_store();
	unsigned wrong = 0, news = 0;
	uint64_t cursor = 0;
	char path[160];
	pid_t pids[2];

	(void)snprintf(path, sizeof(path), "%s", name(1, ""));
	for (int i = 0; i < 2; i++)
		pids[i] = start_compacting(path);
	for (unsigned i = 0; i < ROUNDS * EACH; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "t-%u", i);
		news += append(s, key, RECEIVED, 50000).fate == BW_STORE_NEW;
		if (i % EACH == EACH - 1) {
			for (unsigned k = i + 1 - EACH; k <= i; k++) {
				(void)snprintf(key, sizeof(key), "t-%u", k);
				news += append(s, key, RECEIVED, 50000).fate ==
					BW_STORE_NEW;
				record(s, k + 1);
			}
			is_int((long long)fixture_count(reader, NULL), i + 1,
			    "a reader sees all");
			(void)kill(pids[i / EACH % 2], SIGKILL);
			(void)waitpid(pids[i / EACH % 2], NULL, 0);
			pids[i / EACH % 2] = start_compacting(path);
		}
	}
	for (int i = 0; i < 2; i++) {
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
	is_int(news, ROUNDS * EACH, "each key is new once");
	e = (struct bw_error){0};
	is_int(bw_store_read(reader, &everything, false, 9999, &cursor,
		   check_row, &wrong, &e),
	    BW_OK, "read: %s", e.msg);
	is_int(wrong, 0, "each was delivered twice, and has its answer");
	is_int((long long)cursor, ROUNDS * EACH, "to the last one");
	(void)compact(INT64_MAX);
	ok(is_there(2, ".packed"), "some are compacted");
	bw_store_free(reader);
	stop(s);
}

void
segments_compact(void)
{
	test_same();
	test_late();
	test_damaged_group();
	test_refused();
	test_maintenance();
	test_failing();
	test_together();
}
