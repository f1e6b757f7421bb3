/*
 * Older tables are migrated: completely or not at all, once, also by several
 * processes at once. Newer tables are not changed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "store/sqlite.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

/* Steps after those of this program. */
#define COLUMN "ALTER TABLE entry ADD COLUMN note TEXT NOT NULL DEFAULT 'old'"
#define INDEX  "CREATE INDEX entry_note ON entry (note)"
#define WRONG \
	"CREATE TABLE more (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)"
#define ENDLESS \
	"CREATE TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL " \
	"SELECT i + 1 FROM n WHERE i < 100000000) SELECT i FROM n"

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

static void
start(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_result r;
	struct bw_store *s;

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	e = (struct bw_error){0};
	if (bw_store_create(url, NULL, &e) != BW_OK)
		tap_diag("%s", e.msg);
	s = open_store();
	(void)fixture_append(s, &event, &r);
	bw_store_free(s);
}

/* Migrate with these steps after those of this program. */
static enum bw_err
migrate(const char *first, const char *second)
{
	const char *steps[BWI_SQLITE_VERSION + 2] = {NULL};
	int n = BWI_SQLITE_VERSION + (second != NULL ? 2 : 1);
	struct bwi_conn c = {0};
	enum bw_err err;

	steps[BWI_SQLITE_VERSION] = first;
	steps[BWI_SQLITE_VERSION + 1] = second;
	e = (struct bw_error){0};
	err = bwi_conn_open(&c, path, &e);
	if (err == BW_OK)
		err = bwi_sqlite_migrate(&c, steps, n, &e);
	bwi_conn_close(&c);
	return err;
}

#define VERSION "SELECT user_version FROM pragma_user_version"
#define OBJECTS \
	"SELECT count(*) FROM sqlite_schema WHERE name IN ('more', 'numbers')"

static void
test_newer(void)
{
	struct bw_store *s;
	char want[128];

	start();
	is_int(
	    fixture_number(path, "SELECT auto_vacuum FROM pragma_auto_vacuum"),
	    2, "a new store can return pages to the file system");
	is_int(migrate(COLUMN, INDEX), BW_OK, "two steps: %s", e.msg);
	is_int(fixture_number(path, VERSION), BWI_SQLITE_VERSION + 2,
	    "the version");
	is_int(fixture_number(
		   path, "SELECT count(*) FROM entry WHERE note = 'old'"),
	    1, "with the old content");
	is_int(
	    migrate(COLUMN, INDEX), BW_OK, "again: nothing to do: %s", e.msg);

	s = open_store();
	ok(s == NULL && e.code == BW_ERR_UNSUPPORTED, "too new to open");
	(void)snprintf(want, sizeof(want),
	    "store: tables of version %d: this program supports up to %d",
	    BWI_SQLITE_VERSION + 2, BWI_SQLITE_VERSION);
	is_str(e.msg, want, "with this message");
	e = (struct bw_error){0};
	is_int(bw_store_create(url, NULL, &e), BW_ERR_UNSUPPORTED,
	    "nor can it be created: %s", e.msg);
	is_int(fixture_number(path, VERSION), BWI_SQLITE_VERSION + 2,
	    "it is not changed");
	fixture_remove_dir(dir);
}

/* A process of the previous version is still running. */
static void
test_while_open(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-2");
	struct bw_store_result r;
	struct bw_store *s;

	start();
	s = open_store();
	is_int(fixture_append(s, &event, &r), BW_OK, "before");
	is_int(migrate(COLUMN, NULL), BW_OK, "while it is open: %s", e.msg);
	event.key = BW_STR("k-3");
	e = (struct bw_error){0};
	is_int(bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e),
	    BW_ERR_UNSUPPORTED, "a program that is too old writes no more: %s",
	    e.msg);
	ok(strstr(e.msg, "this program supports up to") != NULL,
	    "with the reason");
	bw_store_free(s);
	is_int(fixture_number(path, "SELECT count(*) FROM event"), 2,
	    "nothing was written");
	fixture_remove_dir(dir);
}

/* A backup from before the last update is restored while the store is open. */
static void
test_older(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-2");
	struct bw_store_result r;
	struct bw_store *s;

	start();
	s = open_store();
	is_int(fixture_append(s, &event, &r), BW_OK, "before");
	(void)unlink(path);
	is_int(fixture_number(path, "PRAGMA application_id = 1113023330"), -1,
	    "an older version");
	is_int(fixture_append(s, &event, &r), BW_OK, "is migrated");
	is_int(
	    fixture_number(path, VERSION), BWI_SQLITE_VERSION, "its version");
	bw_store_free(s);
	fixture_remove_dir(dir);
}

static void
test_failing(void)
{
	start();
	is_int(migrate(COLUMN, WRONG), BW_ERR_INTERNAL, "the second fails");
	ok(strstr(e.msg, "nowhere") != NULL, "with the reason: %s", e.msg);
	is_int(fixture_number(path, VERSION), BWI_SQLITE_VERSION,
	    "neither was done");
	is_int(fixture_number(path, "SELECT note FROM entry"), -1,
	    "not the first");
	is_int(fixture_number(path, OBJECTS), 0, "nor part of the second");
	is_int(migrate(COLUMN, INDEX), BW_OK, "then it succeeds: %s", e.msg);
	fixture_remove_dir(dir);
}

/* Bytes that the step has written so far. */
static off_t
log_size(void)
{
	char name[160];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s-wal", path);
	return stat(name, &st) == 0 ? st.st_size : 0;
}

static void
test_killed(void)
{
	unsigned turn = 0;
	int status = 0;
	pid_t pid;

	start();
	pid = fork();
	if (pid == 0)
		_exit(migrate(COLUMN, ENDLESS) != BW_OK);
	while (log_size() < 1 << 20 && tap_poll(&turn))
		;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status), "killed in the middle");
	is_int(fixture_number(path, VERSION), BWI_SQLITE_VERSION,
	    "nothing was done");
	is_int(fixture_number(path, OBJECTS), 0, "and no part is left");
	is_int(migrate(COLUMN, INDEX), BW_OK, "then it succeeds: %s", e.msg);
	is_int(fixture_number(
		   path, "SELECT count(*) FROM entry WHERE note = 'old'"),
	    1, "with the old content");
	fixture_remove_dir(dir);
}

#define PROCESSES 4

static void
test_together(void)
{
	pid_t pids[PROCESSES];
	int good = 0;

	start();
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(migrate(COLUMN, INDEX) != BW_OK);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		(void)waitpid(pids[i], &status, 0);
		good += status == 0;
	}
	is_int(good, PROCESSES, "several at once, each step once");
	is_int(fixture_number(path, VERSION), BWI_SQLITE_VERSION + 2,
	    "the version");
	fixture_remove_dir(dir);
}

/* What is left of a store whose maker was killed is no store yet. */
static void
test_unfinished(const char *sql, const char *what)
{
	struct bw_store *s = NULL;

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	fclose(fopen(path, "w"));
	if (sql != NULL)
		(void)fixture_number(path, sql);
	e = (struct bw_error){0};
	is_int(
	    bw_store_open(url, &s, &e), BW_ERR_NOFILE, "%s: %s", what, e.msg);
	e = (struct bw_error){0};
	is_int(bw_store_create(url, NULL, &e), BW_OK, "is made: %s", e.msg);
	s = open_store();
	ok(s != NULL, "and opened");
	bw_store_free(s);
	fixture_remove_dir(dir);
}

int
main(void)
{
	test_unfinished(NULL, "an empty file");
	test_unfinished("PRAGMA journal_mode = WAL", "a file without tables");
	test_newer();
	test_while_open();
	test_older();
	test_failing();
	test_killed();
	test_together();
	return tap_done();
}
