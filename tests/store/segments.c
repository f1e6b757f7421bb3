/* The segments of the SQLite store: files that are closed, dropped, copied. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "segments.h"
#include "store/pack.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

static char dir[64], path[128], url[160];
bool compacted;
struct bw_error e;

struct bw_store *
open_store(void)
{
	struct bw_store *s = NULL;

	e = (struct bw_error){0};
	if (bw_store_open(url, &s, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
	return s;
}

struct bw_store *
start(void)
{
	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	if (bw_store_create(url, NULL, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return open_store();
}

void
stop(struct bw_store *s)
{
	bw_store_free(s);
	fixture_remove_dir(dir);
}

void
rotate(void)
{
	struct bwi_segments g = {.path = path};

	e = (struct bw_error){0};
	is_int(bwi_segments_update(&g, fixture_in(LONG), &e), BW_OK,
	    "segments: %s", e.msg);
	is_int(bwi_segments_rotate(&g, &e), BW_OK, "a segment is closed: %s",
	    e.msg);
	bwi_segments_close(&g);
	if (compacted)
		(void)compact(INT64_MAX);
}

/* Compact the closed segments that are older. */
unsigned
compact(int64_t before)
{
	struct bw_store_compaction r;

	e = (struct bw_error){0};
	is_int(bwi_compact(path, before, NULL, &r, &e), BW_OK, "compact: %s",
	    e.msg);
	return (unsigned)r.segments;
}

/* Make the filters of closed segments; none is full. */
void
make_filters(void)
{
	const struct bwi_segment_limit never = {
	    UINT64_C(1) << 40, UINT64_C(1) << 40};
	atomic_bool go_on = false;

	e = (struct bw_error){0};
	is_int(bwi_maintain(path, &never, &go_on, &e), BW_OK, "filters: %s",
	    e.msg);
}

static struct bw_store_event
make_event(const char *key, int64_t received, int64_t claim)
{
	struct bw_store_event event = fixture_event("message-sent", key);

	event.received = received;
	event.claim = claim;
	return event;
}

struct bw_store_result
append(struct bw_store *s, const char *key, int64_t received, int64_t claim)
{
	struct bw_store_event event = make_event(key, received, claim);
	struct bw_store_result r = {0};

	(void)fixture_append(s, &event, &r);
	return r;
}

void
record(struct bw_store *s, uint64_t seq)
{
	const struct bw_store_answer a = {.status = 200, .answered = RECEIVED};

	e = (struct bw_error){0};
	is_int(bw_store_record_answer_wait(s, seq, &a, fixture_in(LONG), &e),
	    BW_OK, "an answer: %s", e.msg);
}

const char *
name(unsigned number, const char *end)
{
	static char names[4][160];
	static unsigned i;
	char *to = names[i++ % 4];

	if (number == 1)
		(void)snprintf(to, 160, "%s%s", path, end);
	else
		(void)snprintf(to, 160, "%s.%06u%s", path, number, end);
	if (number > 1 && *end == '\0' && access(to, F_OK) != 0) {
		(void)snprintf(to, 160, "%s.%06u.packed", path, number);
		if (access(to, F_OK) != 0)
			to[strlen(to) - strlen(".packed")] = '\0';
	}
	return to;
}

bool
is_there(unsigned number, const char *end)
{
	return access(name(number, end), F_OK) == 0;
}

/* Keys are recognised in every segment, with filters and without. */
static void
test_keys(void)
{
	static const char *const keys[] = {"a", "b", "c"};
	struct bw_store *s = start();
	struct bw_store_result r;

	for (int i = 0; i < 3; i++) {
		r = append(s, keys[i], RECEIVED, 50000);
		is_int((long long)r.seq, i + 1, "number %d", i + 1);
		rotate();
	}
	ok(is_there(2, "") && is_there(4, ""), "each has a file");
	for (int i = 0; i < 3; i++) {
		r = append(s, keys[i], RECEIVED, 50000);
		is_int(
		    (long long)r.seq, i + 1, "%s: its first delivery", keys[i]);
		is_int(r.fate, BW_STORE_RUNNING, "%s: is handled", keys[i]);
		record(s, r.seq);
	}
	make_filters();
	ok(is_there(1, ".filter") && is_there(3, ".filter"), "with filters");
	ok(!is_there(4, ".filter"), "but for the last");
	bw_store_free(s);
	s = open_store();
	for (int i = 0; i < 3; i++) {
		r = append(s, keys[i], RECEIVED, 50000);
		is_int(r.fate, BW_STORE_ANSWERED, "%s: answered", keys[i]);
		is_int(r.deliveries, 3, "%s: three times", keys[i]);
	}
	r = append(s, "d", RECEIVED, 50000);
	is_int(r.fate, BW_STORE_NEW, "another is new");
	is_int((long long)r.seq, 4, "with the next number");
	r = append(s, "a", RECEIVED + 8 * DAY, 50000);
	is_int(r.fate, BW_STORE_NEW, "a key that is over");
	is_int((long long)fixture_count(s, NULL), 5, "events");
	stop(s);
}

/* A claim in a closed segment is given away once. */
static void
test_claims(void)
{
	struct bw_store *s = start(), *other = open_store();
	struct bw_store_result r;

	(void)append(s, "a", RECEIVED, 0);
	rotate();
	r = append(other, "a", RECEIVED, 50000);
	is_int(r.fate, BW_STORE_TAKEN, "over: taken");
	r = append(s, "a", RECEIVED, 50000);
	is_int(r.fate, BW_STORE_RUNNING, "once");
	bw_store_free(other);
	stop(s);
}

bool
add_seq(void *arg, const struct bw_store_row *r)
{
	uint64_t *all = arg;

	*all = *all * 10 + r->seq;
	return true;
}

uint64_t
read_all(struct bw_store *s, const struct bw_store_filter *f, bool newest,
    uint64_t cursor, size_t max)
{
	uint64_t all = 0;

	e = (struct bw_error){0};
	is_int(bw_store_read(s, f, newest, max, &cursor, add_seq, &all, &e),
	    BW_OK, "read: %s", e.msg);
	return all;
}

/* Eight events, two in each segment. */
void
fill(struct bw_store *s)
{
	for (int i = 0; i < 8; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k-%d", i);
		(void)append(s, key, RECEIVED + i * DAY, 50000);
		if (i % 2 == 1 && i < 7)
			rotate();
	}
}

static void
test_reading(void)
{
	struct bw_store_filter f = {.since = 0};
	struct bw_store *s = start();
	struct bw_store_stats stats;

	fill(s);
	make_filters();
	is_int((long long)read_all(s, &f, false, 0, 99), 12345678, "all");
	is_int((long long)read_all(s, &f, true, 0, 99), 87654321, "backwards");
	is_int((long long)read_all(s, &f, false, 3, 3), 456, "from a cursor");
	is_int((long long)read_all(s, &f, true, 5, 2), 43, "backwards");
	f.since = RECEIVED + 3 * DAY;
	f.until = RECEIVED + 6 * DAY;
	is_int((long long)read_all(s, &f, false, 0, 99), 456, "of some days");
	f = (struct bw_store_filter){.number = BW_STR("+19195550101")};
	is_int((long long)read_all(s, &f, true, 0, 99), 87654321, "a number's");
	f.number = BW_STR("+19195550199");
	is_int((long long)read_all(s, &f, true, 0, 99), 0, "another's");
	is_int(bw_store_stats(s, &stats, &e), BW_OK, "stats");
	is_int((long long)stats.events, 8, "events");
	is_int((long long)stats.first, 1, "first");
	is_int((long long)stats.last, 8, "last");
	is_int(stats.newest, RECEIVED + 7 * DAY, "newest");
	stop(s);
}

static bool
settle_one(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	struct bw_store_lease *to = arg;

	(void)r;
	*to = *l;
	return false;
}

/* Handle the next event, or make it a dead letter. */
static uint64_t
handle(struct bw_store *s, enum bw_store_outcome what)
{
	struct bw_store_lease l = {.seq = 0};

	e = (struct bw_error){0};
	is_int(bw_store_lease(s, "work", 1, 60000, settle_one, &l, &e), BW_OK,
	    "lease: %s", e.msg);
	if (l.seq != 0)
		is_int(
		    bw_store_settle(s, "work", &l, what, 0, BW_STR("why"), &e),
		    BW_OK, "settle: %s", e.msg);
	return l.seq;
}

uint64_t
prune(struct bw_store *s, int64_t before)
{
	uint64_t n = 0;

	e = (struct bw_error){0};
	is_int(bw_store_prune(s, before, 0, &n, &e), BW_OK, "prune: %s", e.msg);
	return n;
}

int
count_deleted(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *f;
	int n = 0;

	while (d != NULL && (f = readdir(d)) != NULL) {
		char to[512];
		ssize_t len =
		    readlinkat(dirfd(d), f->d_name, to, sizeof(to) - 1);

		to[len > 0 ? len : 0] = '\0';
		n += strstr(to, "events.db") != NULL &&
		     strstr(to, "(deleted)") != NULL;
	}
	if (d != NULL)
		(void)closedir(d);
	return n;
}

static bool
get_held(void *arg, const struct bw_store_consumer_state *c)
{
	*(uint64_t *)arg = c->held;
	return true;
}

/* A segment goes when its events are old and every consumer has had them. */
static void
test_dropping(void)
{
	const struct bw_store_filter all = {0};
	struct bw_store *s = start(), *other = open_store();
	uint64_t held = 0;
	unsigned turn = 0;

	fill(s);
	make_filters();
	is_int(bw_store_consumer(s, "work", &all, 0, &e), BW_OK, "a consumer");
	is_int((long long)fixture_count(other, NULL), 8, "another process");
	is_int((long long)prune(s, INT64_MAX), 0, "nothing is dropped");
	is_int(bw_store_consumers(s, INT64_MAX, get_held, &held, &e), BW_OK,
	    "consumers");
	is_int((long long)held, 8, "it holds all");
	for (uint64_t i = 1; i <= 6; i++)
		is_int((long long)handle(
			   s, i == 3 ? BW_STORE_DEAD : BW_STORE_DONE),
		    (long long)i, "in order");
	is_int((long long)prune(s, RECEIVED + 5 * DAY), 2,
	    "one is too new, one has a dead letter: the first has neither");
	ok(is_there(2, "") && is_there(3, "") && is_there(1, ""), "they stay");
	is_int((long long)prune(s, RECEIVED + 6 * DAY), 2, "then one is old");
	ok(!is_there(3, "") && !is_there(3, ".filter"), "its files are gone");
	is_int((long long)fixture_count(other, NULL), 4, "for all processes");
	is_int((long long)read_all(other, &all, false, 0, 9), 3478, "the rest");
	while (count_deleted() > 0 && tap_poll(&turn))
		;
	is_int(count_deleted(), 0, "the room is given back");
	is_int((long long)append(other, "k-4", RECEIVED + 4 * DAY, 0).fate,
	    BW_STORE_NEW, "what was dropped is not known");
	is_int((long long)append(s, "k-3", RECEIVED + 3 * DAY, 0).fate,
	    BW_STORE_RUNNING, "what was not is");
	bw_store_free(other);
	stop(s);
}

/* Pruning by size drops segments before it deletes events one by one. */
static void
test_size(void)
{
	struct bw_store *s = start();
	struct bw_store_stats stats;
	uint64_t n;

	fill(s);
	is_int(bw_store_stats(s, &stats, &e), BW_OK, "stats");
	is_int(bw_store_prune(s, 0, stats.bytes - 1, &n, &e), BW_OK, "prune");
	ok(n > 0 && n < 6, "some are dropped");
	is_int((long long)read_all(s, &(struct bw_store_filter){0}, true, 0, 2),
	    87, "the newest stay");
	is_int((long long)append(s, "new", RECEIVED + 9 * DAY, 0).seq, 9,
	    "numbers are not reused");
	stop(s);
}

/* What an operator may do wrong is refused, and nothing is made worse. */
static void
test_missing(void)
{
	struct bw_store_event event = fixture_event("message-sent", "x");
	struct bw_store *s = start();
	struct bw_store_result r;

	fill(s);
	(void)unlink(name(4, ""));
	e = (struct bw_error){0};
	is_int(bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e),
	    BW_ERR_CORRUPT, "the last is missing: %s", e.msg);
	ok(strstr(e.msg, "missing") != NULL, "it says so");
	ok(!is_there(4, ""), "none is made");
	stop(s);

	s = start();
	fill(s);
	bw_store_free(s);
	(void)unlink(path);
	e = (struct bw_error){0};
	is_int(bw_store_create(url, NULL, &e), BW_ERR_CORRUPT,
	    "the first is missing: %s", e.msg);
	ok(!is_there(1, ""), "none is made");
	stop(NULL);

	s = start();
	fill(s);
	bw_store_free(s);
	(void)rename(name(3, ""), name(2, ""));
	s = open_store();
	e = (struct bw_error){0};
	uint64_t cursor = 0, all = 0;
	is_int(bw_store_read(s, &(struct bw_store_filter){0}, false, 9, &cursor,
		   add_seq, &all, &e),
	    BW_ERR_CORRUPT, "one under another name: %s", e.msg);
	stop(s);
}

void
damage(const char *file)
{
	char junk[8192];
	FILE *f = fopen(file, "r+");

	memset(junk, 'x', sizeof(junk));
	(void)fwrite(junk, 1, sizeof(junk), f);
	(void)fclose(f);
}

/* Appending does not depend on closed segments. */
static void
test_damaged(void)
{
	struct bw_store *s = start();

	fill(s);
	bw_store_free(s);
	damage(name(2, ""));
	s = open_store();
	is_int(append(s, "new", RECEIVED + 7 * DAY, 0).fate, BW_STORE_NEW,
	    "a new event");
	e = (struct bw_error){0};
	ok(bw_store_take_warning(s, &e), "with a warning: %s", e.msg);
	is_int(append(s, "k-1", RECEIVED + 7 * DAY, 50000).fate,
	    BW_STORE_RUNNING, "older segments are searched");
	record(s, 3);
	stop(s);
}

/* A file of version 3 becomes the first segment as it is. */
static void
test_version_3(void)
{
	static const char sql[] = "DROP INDEX answer_wrong;"
				  "ALTER TABLE answer DROP COLUMN failed;"
				  "ALTER TABLE answer DROP COLUMN trace;"
				  "ALTER TABLE meta DROP COLUMN store;"
				  "ALTER TABLE meta DROP COLUMN segment;"
				  "ALTER TABLE meta DROP COLUMN first;"
				  "ALTER TABLE meta DROP COLUMN closed;"
				  "ALTER TABLE meta DROP COLUMN dropped;"
				  "PRAGMA user_version = 3";
	struct bw_store *s = start();
	sqlite3 *db;

	(void)append(s, "a", RECEIVED, 50000);
	bw_store_free(s);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	s = NULL;
	is_int(bw_store_open(url, &s, &e), BW_ERR_CONFIG, "too old");
	is_int(bw_store_create(url, NULL, &e), BW_OK, "is updated");
	s = open_store();
	is_int(append(s, "a", RECEIVED, 50000).fate, BW_STORE_RUNNING,
	    "with its events");
	rotate();
	is_int((long long)append(s, "b", RECEIVED, 50000).seq, 2, "goes on");
	is_int(fixture_number(name(2, ""), "SELECT first FROM meta"), 2,
	    "in another segment");
	stop(s);
}

/* Whether closed segments are compacted or not. */
static void
test_all(void)
{
	test_keys();
	test_claims();
	test_reading();
	segments_families();
	test_dropping();
	test_size();
	test_missing();
	test_damaged();
	segments_late();
	segments_left();
	segments_verify();
	segments_backup();
	segments_export();
}

int
main(void)
{
	test_all();
	test_version_3();
	if (!bwi_pack_available())
		return tap_done();
	compacted = true;
	test_all();
	compacted = false;
	segments_compact();
	return tap_done();
}
