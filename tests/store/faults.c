/* The SQLite store with disk errors, locks and foreign files. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include <bwcallback/tools/store.h>

#include "fixture.h"
#include "store/sqlite_term.h"
#include "store/store.h"
#include "tests/tap/tap.h"

static char dir[64], path[128], url[160];
static struct bw_error e;

static struct bw_store *
start(void)
{
	struct bw_store *s = NULL;

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	e = (struct bw_error){0};
	if (bw_store_create(url, NULL, &e) != BW_OK ||
	    bw_store_open(url, &s, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
	return s;
}

static void
stop(struct bw_store *s)
{
	bw_store_free(s);
	fixture_remove_dir(dir);
}

static enum bw_err
append_within(struct bw_store *s, const char *key, int64_t time)
{
	struct bw_store_event event = fixture_event("message-sent", key);
	struct bw_store_result r;

	e = (struct bw_error){0};
	return bw_store_append(s, &event, 1, fixture_in(0) + time, &r, &e);
}

static enum bw_err
append(struct bw_store *s, const char *key)
{
	return append_within(s, key, LONG * SECOND);
}

static sqlite3 *
open_raw(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	return db;
}

static void
exec_raw(const char *sql)
{
	sqlite3 *db = open_raw();

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s: %s", sql, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

static void
test_locked(void)
{
	struct bw_store *s = start();
	sqlite3 *db = open_raw();

	(void)sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	is_int(append_within(s, "k-1", SECOND / 2), BW_ERR_BUSY,
	    "locked by another connection");
	(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	(void)sqlite3_close(db);
	is_int((long long)fixture_count(s, NULL), 0, "nothing was written");
	is_int(append(s, "k-1"), BW_OK, "then it is written");
	stop(s);
}

/* A limit on file size, like a full disk for one process. */
static void
test_full(void)
{
	struct rlimit all, none;
	struct bw_store *s = start();
	struct stat st;
	int i = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)getrlimit(RLIMIT_FSIZE, &all);
	is_int(append(s, "before"), BW_OK, "before");
	(void)stat(path, &st);
	none = all;
	none.rlim_cur = (rlim_t)st.st_size + 65536;
	(void)setrlimit(RLIMIT_FSIZE, &none);
	for (; i < 1000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "k-%d", i);
		if (append(s, key) != BW_OK)
			break;
	}
	/* SQLite reports only ENOSPC as full; the limit is another error. */
	ok(e.code == BW_ERR_FULL || e.code == BW_ERR_IO, "full: %s", e.msg);
	(void)setrlimit(RLIMIT_FSIZE, &all);
	is_int((long long)fixture_count(s, NULL), i + 1,
	    "exactly the acknowledged events are stored");
	is_int(append(s, "after"), BW_OK, "works again with room");
	stop(s);
}

static void
test_removed(void)
{
	struct bw_store *s = start();

	is_int(append(s, "k-1"), BW_OK, "before");
	(void)unlink(path);
	is_int(append(s, "k-2"), BW_OK, "the file was removed");
	is_int((long long)fixture_count(s, NULL), 1,
	    "an acknowledged event is in the new file");
	stop(s);
}

static void
test_damaged(void)
{
	struct bw_store *s = start();
	char junk[4096];
	FILE *f;

	is_int(append(s, "k-1"), BW_OK, "before");
	bw_store_free(s);
	f = fopen(path, "r+");
	memset(junk, 'x', sizeof(junk));
	(void)fwrite(junk, 1, sizeof(junk), f);
	(void)fclose(f);
	e = (struct bw_error){0};
	is_int(
	    bw_store_open(url, &s, &e), BW_ERR_CORRUPT, "damaged: %s", e.msg);
	stop(NULL);
}

static void
test_foreign(void)
{
	struct bw_store *s = start();

	bw_store_free(s);
	exec_raw("PRAGMA user_version = 99");
	e = (struct bw_error){0};
	is_int(
	    bw_store_open(url, &s, &e), BW_ERR_UNSUPPORTED, "a newer version");
	is_int(bw_store_create(url, NULL, NULL), BW_ERR_UNSUPPORTED,
	    "is not changed");
	(void)unlink(path);
	exec_raw("CREATE TABLE theirs (x); PRAGMA application_id = 5");
	is_int(bw_store_create(url, NULL, NULL), BW_ERR_UNSUPPORTED,
	    "another program's file is not changed");
	(void)unlink(path);
	exec_raw("PRAGMA application_id = 1113023330");
	is_int(bw_store_open(url, &s, NULL), BW_ERR_NOFILE,
	    "a file without tables is no store yet");
	is_int(bw_store_create(url, NULL, NULL), BW_OK, "it is made");
	is_int(bw_store_open(url, &s, NULL), BW_OK, "then it opens");
	stop(s);
}

/* As a user without write permission; root always has it. */
static void
test_read_only(void)
{
	struct bw_store *s = start();
	bool root = geteuid() == 0;

	bw_store_free(s);
	s = NULL;
	(void)chmod(path, 0444);
	(void)chmod(dir, 0555);
	if (root && seteuid(65534) != 0)
		tap_diag("seteuid: %s", strerror(errno));
	e = (struct bw_error){0};
	is_int(bw_store_open(url, &s, &e), BW_ERR_READONLY, "not writable: %s",
	    e.msg);
	(void)snprintf(url, sizeof(url), "sqlite:%s/other.db", dir);
	is_int(bw_store_create(url, NULL, &e), BW_ERR_READONLY, "nor created");
	if (root && seteuid(0) != 0)
		tap_diag("seteuid: %s", strerror(errno));
	(void)chmod(dir, 0755);
	stop(NULL);
}

static void
test_files(void)
{
	struct bw_store *s = start();
	struct stat st = {0};

	(void)stat(path, &st);
	is_int(st.st_mode & 0137, 0, "not readable by others");
	stop(s);
	is_int(bw_store_create("sqlite:", NULL, NULL), BW_ERR_USAGE, "no path");
	is_int(bw_store_create("sqlite::memory:", NULL, NULL), BW_ERR_USAGE,
	    "no file");
	is_int(bw_store_create("sqlite:no/such/folder.db", NULL, NULL),
	    BW_ERR_NOFILE, "no folder");
}

static int
count_raw(const char *sql)
{
	sqlite3 *db = open_raw();
	sqlite3_stmt *st = NULL;
	int n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

/* SQLite's allocations; the nth from now fails, 0: none. */
static sqlite3_mem_methods real;
static _Atomic unsigned long fail_at, allocations;

static bool
fails(void)
{
	return ++allocations == fail_at;
}

static void *
malloc_or_fail(int n)
{
	return fails() ? NULL : real.xMalloc(n);
}

static void *
realloc_or_fail(void *p, int n)
{
	return fails() ? NULL : real.xRealloc(p, n);
}

/* Call before any use of SQLite. */
static void
hook_memory(void)
{
	sqlite3_mem_methods hooked;

	(void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
	hooked = real;
	hooked.xMalloc = malloc_or_fail;
	hooked.xRealloc = realloc_or_fail;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &hooked) != SQLITE_OK)
		tap_diag("SQLite was in use already");
}

static bool
store_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	(void)r;
	*(struct bw_store_lease *)arg = *l;
	return true;
}

/* Create and use a store in all ways; returns the first error. */
static enum bw_err
use_store(const char *key)
{
	const struct bw_store_filter all = {.family = BW_STR("messaging")};
	const struct bw_store_answer a = {.status = 200};
	struct bw_store_event event = fixture_event("message-sent", key);
	struct bw_store_event known = fixture_event("message-sent", NULL);
	struct bw_store_lease l = {.seq = 0};
	struct bw_store_result r = {.seq = 0};
	struct bw_store *s = NULL;
	struct bw_store_stats stats;
	uint64_t n;
	enum bw_err err = bw_store_open(url, &s, &e);

	if (err == BW_OK)
		err = bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e);
	known.answer = a;
	if (err == BW_OK)
		err = bw_store_append(s, &known, 1, fixture_in(LONG), &r, &e);
	if (err == BW_OK)
		err = bw_store_record_answer_wait(
		    s, r.seq, &a, fixture_in(LONG), &e);
	if (err == BW_OK)
		err = bw_store_consumer(s, "work", &all, 0, &e);
	if (err == BW_OK)
		err = bw_store_lease(s, "work", 9, 60000, store_lease, &l, &e);
	if (err == BW_OK && l.seq != 0)
		err = bw_store_settle(
		    s, "work", &l, BW_STORE_DONE, 0, BW_STR(""), &e);
	if (err == BW_OK)
		err = bw_store_stats(s, &stats, &e);
	if (err == BW_OK)
		err = bw_store_prune(s, 1, 0, &n, &e);
	bw_store_free(s);
	return err;
}

/*
 * Each allocation of SQLite fails in turn. SQLite recovers or the call fails;
 * acknowledged events are stored.
 */
static void
test_memory(void)
{
	enum bw_err err = BW_OK, wrong = BW_OK;
	unsigned long n, failures = 0;
	struct bw_store *s = start();
	char key[32];

	bw_store_free(s);
	for (n = 1; n < 20000; n += 1 + n / 100) {
		(void)snprintf(key, sizeof(key), "k-%lu", n);
		e = (struct bw_error){0};
		allocations = 0;
		fail_at = n;
		err = use_store(key);
		fail_at = 0;
		if (err == BW_OK && allocations < n)
			break;
		failures += err != BW_OK;
		if (err != BW_OK && err != BW_ERR_NOMEM)
			wrong = err;
		if (err != BW_OK && err != BW_ERR_NOMEM)
			tap_diag("%lu: %s", n, e.msg);
	}
	is_int(err, BW_OK, "finally it works: %s", e.msg);
	is_int(wrong, BW_OK, "every error was out of memory");
	ok(failures > 20, "%lu failed allocations", failures);
	e = (struct bw_error){0};
	is_int(use_store("last"), BW_OK, "and still works: %s", e.msg);
	is_int(count_raw("SELECT count(*) FROM entry WHERE key IS NULL AND seq "
			 "NOT IN (SELECT seq FROM answer)"),
	    0, "no event is without the answer that came with it");
	stop(NULL);
}

/* Give the only event the terms of another one of this key, too. */
static void
add_terms_of(const char *key)
{
	struct bw_store_event event = fixture_event("message-sent", key);
	struct bwi_terms terms;
	char sql[128];

	bwi_terms_of(&event, &terms);
	for (size_t i = 0; i < terms.n; i++) {
		(void)snprintf(sql, sizeof(sql),
		    "INSERT OR IGNORE INTO term VALUES (%lld, 1)",
		    (long long)terms.h[i]);
		exec_raw(sql);
	}
}

/* Two keys, ids or numbers with the same hash are different. */
static void
test_same_hash(void)
{
	struct bw_store_filter f = {.call = {.p = NULL}};
	struct bw_store *s = start();
	uint64_t n;

	is_int(append(s, "k-1"), BW_OK, "one");
	is_int(bw_store_prune(s, 1, 0, &n, &e), BW_OK, "its terms are written");
	add_terms_of("k-2");
	is_int(append(s, "k-2"), BW_OK, "another of the same hash");
	is_int((long long)fixture_count(s, NULL), 2, "are two");
	is_int(append(s, "k-2"), BW_OK, "the second again");
	is_int((long long)fixture_count(s, NULL), 2, "is a re-delivery");
	exec_raw("UPDATE entry SET message_id = 'm-2', from_number = 'x' "
		 "WHERE seq = 1");
	f.message = BW_STR("m-1");
	is_int((long long)fixture_count(s, &f), 1, "a message's events");
	f = (struct bw_store_filter){.number = BW_STR("+19195550101")};
	is_int((long long)fixture_count(s, &f), 1, "a number's events");
	stop(s);
}

static bool
count_steps(void *arg, int64_t done, int64_t all)
{
	++*(int *)arg;
	return done <= all;
}

static void
test_backup(void)
{
	struct bw_store *s = start(), *copy = NULL;
	char to[128], to_url[160];
	int steps = 0;

	for (int i = 0; i < 20; i++)
		(void)append(s, NULL);
	(void)snprintf(to, sizeof(to), "%s/copy.db", dir);
	(void)snprintf(to_url, sizeof(to_url), "sqlite:%s", to);
	is_int(bw_store_backup(s, to, count_steps, &steps, &e), BW_OK,
	    "backup %s", e.msg);
	ok(steps > 0, "reports progress");
	is_int(bw_store_open(to_url, &copy, &e), BW_OK, "is a store");
	is_int((long long)fixture_count(copy, NULL), 20, "with all events");
	bw_store_free(copy);
	ok(bw_store_backup(s, to, NULL, NULL, NULL) != BW_OK,
	    "never replaces a file");
	stop(s);
}

/* The connection that locks the file until another thread sleeps. */
static sqlite3 *holder;

/* Replaces the C library's function, also for the library under test. */
int
nanosleep(const struct timespec *time, struct timespec *left)
{
	sqlite3 *db = holder;

	holder = NULL;
	if (db != NULL)
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	errno = clock_nanosleep(CLOCK_REALTIME, 0, time, left);
	return errno == 0 ? 0 : -1;
}

/* Another process is creating the same file. */
static void
test_begun(void)
{
	struct bw_store *s = NULL;
	sqlite3 *db;

	bw_store_free(start());
	exec_raw("PRAGMA journal_mode = DELETE");
	db = open_raw();
	is_int(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK,
	    "locked by another connection");
	holder = db;
	e = (struct bw_error){0};
	is_int(bw_store_open(url, &s, &e), BW_OK, "opening waits: %s", e.msg);
	ok(holder == NULL, "until it is unlocked");
	(void)sqlite3_close(db);
	stop(s);
}

/* When the tables are looked for, another process has just made them. */
static bool make_now;

/* Instead of SQLite's, for the library under test as well. */
int
sqlite3_prepare_v2(
    sqlite3 *db, const char *sql, int n, sqlite3_stmt **st, const char **tail)
{
	static __typeof__(&sqlite3_prepare_v2) prepare;

	if (prepare == NULL)
		*(void **)&prepare = dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
	if (make_now && strstr(sql, "sqlite_schema") != NULL) {
		make_now = false;
		is_int(
		    bw_store_create(url, NULL, &e), BW_OK, "made: %s", e.msg);
	}
	return prepare(db, sql, n, st, tail);
}

static void
test_made_meanwhile(void)
{
	struct bw_store *s = NULL;

	bw_store_free(start());
	(void)unlink(path);
	exec_raw("PRAGMA journal_mode = WAL");
	e = (struct bw_error){0};
	make_now = true;
	is_int(bw_store_open(url, &s, &e), BW_OK,
	    "tables that are made meanwhile are no other program's: %s", e.msg);
	ok(!make_now, "they were");
	stop(s);
}

int
main(void)
{
	hook_memory();
	test_files();
	test_memory();
	test_locked();
	test_begun();
	test_made_meanwhile();
	test_full();
	test_removed();
	test_same_hash();
	test_damaged();
	test_foreign();
	test_read_only();
	test_backup();
	return tap_done();
}
