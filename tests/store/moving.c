/*
 * Events of versions 1 and 2 of the tables are moved to those of this version:
 * nothing is lost or changed, also by processes that are killed at any of their
 * writes and by several at once.
 */
/* pwrite() and pwrite64() are both defined here, each under its own name. */
#undef _TIME_BITS
#undef _FILE_OFFSET_BITS

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

/*
 * 2,500 events of all kinds, every tenth number missing: calls, messages,
 * neither; keys that have expired, that are absent, or that have characters
 * which shortening uses; values in one another.
 */
#define EVENTS 2500
static const char events_2[] =
    "INSERT INTO event WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
    " FROM n WHERE i < 2777), c(i, call, message) AS (SELECT i,"
    " CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN NULL ELSE 'c-' || (i / 8) END,"
    " CASE i % 4 WHEN 0 THEN 'm-' || (i / 12) WHEN 3 THEN 'm' END FROM n"
    " WHERE i % 10 <> 0)"
    "SELECT i, 1700000000000 + i * 977 % 5000, 1 + (i % 50 = 1), i % 50 = 1,"
    " 1 + i % 3, 1700000000000 + i * 977 % 5000 + i % 3 * 60000,"
    " 1700000008000 + i, CASE i % 7 WHEN 0 THEN '/' ELSE '/voice' END,"
    " CASE i % 9 WHEN 0 THEN 'GET' ELSE 'POST' END,"
    " CASE i % 5 WHEN 0 THEN NULL ELSE 'application/json' END,"
    " CASE i % 4 WHEN 0 THEN 'messaging' ELSE 'voice' END,"
    " CASE i % 11 WHEN 0 THEN '' ELSE 't' || (i % 6) END,"
    " CASE i % 13 WHEN 0 THEN NULL WHEN 1 THEN 'old' || i || ' ' || i"
    " WHEN 2 THEN '/voice|' || char(3) || i ELSE"
    " '/voice|voice.t' || (i % 6) || ':99:' || coalesce(call, message, i) || "
    "':'"
    " || i END, i * 1234567, CASE i % 3 WHEN 0 THEN NULL ELSE 'bw' END, 'r' || "
    "i,"
    " CAST('{\"n\":' || i || '}' AS BLOB), call, message,"
    " '+1919' || (i % 100), CASE i % 8 WHEN 0 THEN '+1919' || (i % 100) WHEN 1 "
    "THEN"
    " NULL WHEN 2 THEN '' ELSE '+1800' || (i % 3) END,"
    " CASE WHEN call IS NOT NULL THEN 'call:' || call WHEN i % 4 = 0 THEN"
    " 'between:+18001,+1919' || (i % 100) END,"
    " CASE i % 17 WHEN 0 THEN 'a=' || i END FROM c;"
    "INSERT INTO answer SELECT seq, 200, 0, received + 5, 900, NULL, NULL"
    " FROM event WHERE seq % 2 = 0;"
    "INSERT INTO counter VALUES (1, 2800);"
    "INSERT INTO consumer (name, position, since, until, created)"
    " VALUES ('work', 2000, 0, 0, 5);"
    "INSERT INTO work (consumer, seq, thread, dead, why)"
    " VALUES ('work', 77, 'call:c-9', 1, 'why');";

/* All columns but the mark; an expired key ended in a space and its number. */
#define COLUMNS(key) \
	"seq, received, batch, idx, deliveries, last, claim, section, " \
	"method, content_type, family, type, " key ", user, request, " \
	"hex(body), call_id, message_id, from_number, to_number, thread, " \
	"query"
#define KEY_2 "CASE WHEN key LIKE 'old%' THEN 'old' || seq ELSE key END"

static char dir[64], path[128], url[160];
static struct bw_error e;

/* The number of writes until this process kills itself; 0: never. */
static long writes_left;

/* Instead of the C library's, for SQLite, which is why it is visible. */
BW_EXPORT ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	static __typeof__(&pwrite64) real;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
	if (writes_left > 0 && --writes_left == 0)
		(void)kill(getpid(), SIGKILL);
	return real(fd, p, n, at);
}

BW_EXPORT ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite64(fd, p, n, at);
}

/* The tables of version 2. The caller frees them. */
static char *
read_tables(void)
{
	char name[1024];
	char *sql;
	size_t n;

	(void)snprintf(
	    name, sizeof(name), "%s/store/version_2.sql", tap_data_dir());
	sql = tap_read_file(name, &n);
	if (sql == NULL) {
		printf("Bail out! %s: cannot be read\n", name);
		exit(1);
	}
	return sql;
}

static void
run_sql(const char *sql)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

/* The text of all rows of a query. The caller frees it. */
static char *
dump(const char *sql)
{
	struct bw_buf b;
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;

	bw_buf_init(&b, (size_t)1 << 26);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	while (st != NULL && sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			struct bw_str s = bwi_column(st, i);

			bw_buf_str(&b, s.p != NULL ? s : BW_STR("NULL"));
			bw_buf_putc(&b, '\t');
		}
		bw_buf_putc(&b, '\n');
	}
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	bw_buf_putc(&b, '\0');
	return b.p;
}

static int64_t
number(const char *sql)
{
	char *text = dump(sql);
	int64_t n = strtoll(text, NULL, 10);

	free(text);
	return n;
}

/* A store of version 2; returns its events. */
static char *
start(void)
{
	char *tables = read_tables();

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	e = (struct bw_error){0};
	run_sql(tables);
	run_sql(events_2);
	free(tables);
	return dump("SELECT " COLUMNS(KEY_2) " FROM event ORDER BY seq");
}

/* The events are those, found by their terms, and nothing is left over. */
static void
check_moved(const char *want, const char *how)
{
	char *got = dump("SELECT " COLUMNS("key") " FROM event ORDER BY seq");

	ok(strcmp(got, want) == 0 && strlen(want) > EVENTS * 50,
	    "%s: the events are the same", how);
	is_int(number("SELECT count(*) FROM sqlite_schema WHERE tbl_name IN "
		      "('event_2', 'counter')"),
	    0, "%s: the old tables are gone", how);
	is_int(number("SELECT user_version FROM pragma_user_version"),
	    BWI_SQLITE_VERSION, "%s: the version", how);
	is_int(number("SELECT sum(n) FROM block"), EVENTS, "%s: blocks", how);
	is_int(number("SELECT count(*) FROM entry e WHERE NOT EXISTS (SELECT 1 "
		      "FROM form f JOIN term t ON t.h = f.h "
		      "WHERE f.id = e.form AND t.seq = e.seq)"),
	    0, "%s: each has a term of its type", how);
	is_int(number("SELECT count(DISTINCT seq) FROM term"), EVENTS,
	    "%s: and no others have", how);
	is_int(number("SELECT count(*) FROM pragma_integrity_check WHERE "
		      "integrity_check = 'ok'"),
	    1, "%s: the file is sound", how);
	free(got);
}

static bool
add_deliveries(void *arg, const struct bw_store_row *r)
{
	*(uint64_t *)arg += r->deliveries;
	return true;
}

static uint64_t
count_deliveries(struct bw_store *s, const struct bw_store_filter *f)
{
	uint64_t cursor = 0, n = 0;

	is_int(bw_store_read(s, f, false, 9, &cursor, add_deliveries, &n, &e),
	    BW_OK, "they are read: %s", e.msg);
	return n;
}

static void
check_use(void)
{
	struct bw_store_event event = fixture_event("t1", NULL);
	struct bw_store_filter f = {.call = BW_STR("c-100")};
	uint64_t before;
	struct bw_store *s = NULL;
	struct bw_store_stats stats;
	struct bw_store_result r;

	is_int(bw_store_open(url, &s, &e), BW_OK, "it opens: %s", e.msg);
	is_int((long long)fixture_count(s, &f), 4, "a call's events");
	before = count_deliveries(s, &f);
	event.call = BW_STR("c-100");
	event.message.p = NULL;
	event.key = BW_STR("/voice|voice.t4:99:c-100:802");
	(void)fixture_append(s, &event, &r);
	is_int((long long)r.seq, 802, "a re-delivery is recognized");
	is_int(r.fate, BW_STORE_ANSWERED, "and was answered");
	is_int((long long)count_deliveries(s, &f), (long long)before + 1,
	    "once more");
	event.key = BW_STR("new");
	(void)fixture_append(s, &event, &r);
	is_int((long long)r.seq, 2801, "numbers go on");
	is_int(bw_store_stats(s, &stats, &e), BW_OK, "stats: %s", e.msg);
	is_int((long long)stats.events, EVENTS + 1, "all events");
	is_int(stats.oldest, 1700000000000, "the oldest");
	bw_store_free(s);
	is_int(number("SELECT count(*) FROM work JOIN consumer ON name = "
		      "consumer WHERE why = 'why' AND position = 2000"),
	    1, "consumers and their work are kept");
}

/* On a slow machine it returns before all events are moved. */
static enum bw_err
move_all(void)
{
	enum bw_err err = bw_store_create(url, NULL, &e);

	for (unsigned turn = 0; err == BW_ERR_BUSY && tap_poll(&turn);) {
		e = (struct bw_error){0};
		err = bw_store_create(url, NULL, &e);
	}
	return err;
}

static void
test_whole(void)
{
	char *want = start();

	is_int(move_all(), BW_OK, "moved: %s", e.msg);
	check_moved(want, "at once");
	check_use();
	free(want);
	fixture_remove_dir(dir);
}

/* Version 1 had no queries, and no times at which consumers were seen. */
static void
test_version_1(void)
{
	char *want;

	free(start());
	run_sql("UPDATE event SET query = NULL");
	want = dump("SELECT " COLUMNS(KEY_2) " FROM event ORDER BY seq");
	run_sql("ALTER TABLE consumer DROP COLUMN seen;"
		"ALTER TABLE event DROP COLUMN query; PRAGMA user_version = 1");
	is_int(move_all(), BW_OK, "moved: %s", e.msg);
	check_moved(want, "from version 1");
	check_use();
	free(want);
	fixture_remove_dir(dir);
}

/* Version 3 had neither failed answers nor traces, nor segments. */
static void
test_version_3(void)
{
	char *want = start();
	struct bw_store *s = NULL;

	is_int(move_all(), BW_OK, "moved: %s", e.msg);
	run_sql(
	    "UPDATE answer SET fallback = 1 WHERE seq = 6;"
	    "UPDATE answer SET duration = 2000000 WHERE seq = 8;"
	    "UPDATE answer SET status = 404 WHERE seq = 802;"
	    "DROP INDEX answer_wrong;"
	    "ALTER TABLE answer DROP COLUMN failed;"
	    "ALTER TABLE answer DROP COLUMN trace;"
	    "ALTER TABLE meta DROP COLUMN store;"
	    "ALTER TABLE meta DROP COLUMN segment;"
	    "ALTER TABLE meta DROP COLUMN first;"
	    "ALTER TABLE meta DROP COLUMN closed;"
	    "ALTER TABLE meta DROP COLUMN dropped; PRAGMA user_version = 3");
	is_int(bw_store_open(url, &s, &e), BW_ERR_CONFIG, "it is too old");
	e = (struct bw_error){0};
	is_int(move_all(), BW_OK, "updated: %s", e.msg);
	check_moved(want, "from version 3");
	is_int(number("SELECT group_concat(seq, '') FROM answer INDEXED BY "
		      "answer_wrong WHERE " BWI_SQL_WRONG),
	    68802, "what was wrong is found");
	check_use();
	free(want);
	fixture_remove_dir(dir);
}

/* True: it was killed; false: it has moved everything. */
static bool
kill_at(long writes)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		writes_left = writes;
		_exit(move_all() != BW_OK);
	}
	(void)waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status))
		is_int(status, 0, "a process that was not killed succeeds");
	return WIFSIGNALED(status);
}

/* At each write up to the first transaction, then at ever later ones. */
static void
test_killed(void)
{
	char *want = start();
	long kills = 0, unopened = 0;

	while (kill_at(1 + kills * kills / 4)) {
		struct bw_store *s = NULL;

		kills++;
		unopened += bw_store_open(url, &s, &e) == BW_ERR_CONFIG;
		bw_store_free(s);
	}
	ok(kills > 20, "%ld kills", kills);
	ok(unopened > kills / 2, "%ld times it was not complete", unopened);
	check_moved(want, "killed");
	check_use();
	free(want);
	fixture_remove_dir(dir);
}

#define PROCESSES 3

static void
test_together(void)
{
	char *want = start();
	pid_t pids[PROCESSES];
	int good = 0;

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(move_all() != BW_OK);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		(void)waitpid(pids[i], &status, 0);
		good += status == 0;
	}
	is_int(good, PROCESSES, "several processes at once");
	check_moved(want, "together");
	free(want);
	fixture_remove_dir(dir);
}

/* A step ends at the deadline; meanwhile programs get a sentence. */
static void
test_steps(void)
{
	char *want = start();
	struct bw_store *s = NULL;
	struct bw_store_tables t;
	int steps = 0;
	enum bw_err err;

	err = bwi_sqlite_create_until(path, 0, NULL, &e);
	is_int(err, BW_ERR_BUSY, "no time: %s", e.msg);
	e = (struct bw_error){0};
	is_int(bw_store_open(url, &s, &e), BW_ERR_CONFIG, "not yet: %s", e.msg);
	ok(strstr(e.msg, "being moved") != NULL, "with the reason");
	is_int(bw_store_tables(url, &t, &e), BW_OK, "tables: %s", e.msg);
	is_int(t.version, BWI_SQLITE_VERSION, "the new tables are there");
	ok(t.events > 0 && t.events <= EVENTS, "%llu events are to be moved",
	    (unsigned long long)t.events);
	while (err == BW_ERR_BUSY && steps++ < 100)
		err = bwi_sqlite_create_until(path, 0, NULL, &e);
	is_int(err, BW_OK, "in steps: %s", e.msg);
	ok(steps > 10, "%d steps", steps);
	check_moved(want, "in steps");
	free(want);
	fixture_remove_dir(dir);
}

/* The responder moves the events before it writes one. */
static void
test_responder(void)
{
	struct bw_store_event event = fixture_event("t1", "new");
	char *want = start();
	struct bw_store *s = NULL;
	struct bw_store_result r = {0};
	sqlite3 *other = NULL;
	enum bw_err err;

	is_int(bwi_store_attach(url, &s, &e), BW_OK, "a responder starts");
	/* As if another one moved them: on a fast machine it takes no time. */
	if (sqlite3_open(path, &other) != SQLITE_OK ||
	    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL) !=
		SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(other));
	err = bw_store_append(s, &event, 1, fixture_in(0), &r, &e);
	/* Busy, unless the writer is so slow that it has not looked at it. */
	ok(err == BW_ERR_BUSY || err == BW_ERR_DEADLINE,
	    "an event that cannot wait: %s", e.msg);
	(void)sqlite3_close(other);
	e = (struct bw_error){0};
	is_int(bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e), BW_OK,
	    "one that can: %s", e.msg);
	is_int((long long)r.seq, 2801, "has the next number");
	bw_store_free(s);
	run_sql("DELETE FROM entry WHERE seq > 2800");
	check_moved(want, "by a responder");
	free(want);
	fixture_remove_dir(dir);
}

int
main(void)
{
	test_whole();
	test_version_1();
	test_version_3();
	test_killed();
	test_together();
	test_steps();
	test_responder();
	return tap_done();
}
