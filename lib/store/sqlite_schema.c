/* The tables of the SQLite store, and their migration. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite.h"

/*
 * tables[n] migrates version n to n + 1, in the transaction that also sets the
 * version, so a crash leaves one of the two. bwcallback-store(5) describes the
 * tables.
 *
 * A large index whose entries are inserted in random order costs one page read
 * and one page written per row, which dominates the cost of appending. So there
 * is no index of keys alone: the index of call ids also contains the key, and
 * so does the index of message ids. These ids are random, too, but events with
 * the same id come close together. The indices contain only a hash of the key
 * (mark), so their upper pages fit into the cache.
 */
static const char *const tables[BWI_SQLITE_VERSION] = {
    "CREATE TABLE event ("
    " seq INTEGER PRIMARY KEY,"
    " received INTEGER NOT NULL,"
    " batch INTEGER NOT NULL,"
    " idx INTEGER NOT NULL,"
    " deliveries INTEGER NOT NULL DEFAULT 1,"
    " last INTEGER NOT NULL,"
    " claim INTEGER NOT NULL,"
    " section TEXT NOT NULL,"
    " method TEXT NOT NULL,"
    " content_type TEXT,"
    " family TEXT NOT NULL,"
    " type TEXT NOT NULL,"
    " key TEXT,"
    " mark INTEGER,"
    " user TEXT,"
    " request TEXT,"
    " body BLOB NOT NULL,"
    " call_id TEXT,"
    " message_id TEXT,"
    " from_number TEXT,"
    " to_number TEXT,"
    " thread TEXT) STRICT;"
    "CREATE INDEX event_call ON event (call_id, mark)"
    " WHERE call_id IS NOT NULL;"
    "CREATE INDEX event_message ON event (message_id, mark)"
    " WHERE message_id IS NOT NULL;"
    "CREATE INDEX event_mark ON event (mark)"
    " WHERE mark IS NOT NULL AND call_id IS NULL AND message_id IS NULL;"
    "CREATE INDEX event_family ON event (family);"
    "CREATE INDEX event_type ON event (type);"
    "CREATE INDEX event_received ON event (received);"
    "CREATE INDEX event_from ON event (from_number)"
    " WHERE from_number IS NOT NULL;"
    "CREATE INDEX event_to ON event (to_number) WHERE to_number IS NOT NULL;"
    "CREATE TABLE answer ("
    " seq INTEGER PRIMARY KEY,"
    " status INTEGER NOT NULL,"
    " fallback INTEGER NOT NULL,"
    " answered INTEGER NOT NULL,"
    " duration INTEGER NOT NULL,"
    " content_type TEXT,"
    " body BLOB) STRICT;"
    "CREATE TABLE counter ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " seq INTEGER NOT NULL) STRICT;"
    "INSERT INTO counter VALUES (1, 0);"
    "CREATE TABLE consumer ("
    " name TEXT PRIMARY KEY,"
    " position INTEGER NOT NULL,"
    " token INTEGER NOT NULL DEFAULT 0,"
    " family TEXT,"
    " type TEXT,"
    " call_id TEXT,"
    " message_id TEXT,"
    " number TEXT,"
    " since INTEGER NOT NULL,"
    " until INTEGER NOT NULL,"
    " created INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE work ("
    " consumer TEXT NOT NULL,"
    " seq INTEGER NOT NULL,"
    " thread TEXT,"
    " token INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0,"
    " since INTEGER NOT NULL DEFAULT 0,"
    " until INTEGER NOT NULL DEFAULT 0,"
    " dead INTEGER NOT NULL DEFAULT 0,"
    " why TEXT,"
    " PRIMARY KEY (consumer, seq)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX work_thread ON work (consumer, thread, seq)"
    " WHERE dead = 0;",

    "ALTER TABLE event ADD COLUMN query TEXT;"
    "ALTER TABLE consumer ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;",
};

/* How long creating tables waits for other processes that do the same. */
#define MAKING (INT64_C(3) * 1000000000)

/* The application id and version of the file, and whether it has tables. */
struct identity {
	int64_t version;
	int64_t id;
	int64_t objects;
};

/* In one statement: between two, another process may make the tables. */
static enum bw_err
get_identity(struct bwi_conn *c, struct identity *to, struct bw_error *e)
{
	static const char sql[] =
	    "SELECT (SELECT user_version FROM pragma_user_version),"
	    " (SELECT application_id FROM pragma_application_id),"
	    " (SELECT count(*) FROM sqlite_schema)";
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		to->version = sqlite3_column_int64(st, 0);
		to->id = sqlite3_column_int64(st, 1);
		to->objects = sqlite3_column_int64(st, 2);
		rc = rc == SQLITE_ROW ? SQLITE_OK : rc;
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, "version", e);
}

/*
 * *version: version of the existing tables, at most known; 0 for an empty file.
 */
static enum bw_err
get_version(struct bwi_conn *c, int known, int64_t *version, struct bw_error *e)
{
	struct identity file = {0, 0, 0};
	enum bw_err err = get_identity(c, &file, e);

	*version = file.version;
	if (err != BW_OK)
		return err;
	if (file.id != BWI_SQLITE_ID && (file.objects > 0 || file.id != 0)) {
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "store: the file belongs to another program");
	}
	if (*version > known || *version < 0) {
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "store: tables of version %lld: this program supports "
		    "up to %d",
		    (long long)*version, known);
	}
	return BW_OK;
}

enum bw_err
bwi_sqlite_check(struct bwi_conn *c, struct bw_error *e)
{
	int64_t version;
	enum bw_err err = get_version(c, BWI_SQLITE_VERSION, &version, e);

	if (err == BW_OK && version < BWI_SQLITE_VERSION) {
		err = bw_error_set(e, BW_ERR_CONFIG, 0,
		    "store: tables of version %lld, expected %d; restart "
		    "bwcallback.fcgi, which updates them",
		    (long long)version, BWI_SQLITE_VERSION);
	}
	if (err != BW_OK)
		bwi_conn_close(c);
	return err;
}

static enum bw_err
step_up(struct bwi_conn *c, const char *const *steps, int n, struct bw_error *e)
{
	int64_t version;
	enum bw_err err = get_version(c, n, &version, e);
	char pragmas[96];

	for (; err == BW_OK && version < n; version++)
		err = bwi_conn_exec(c, steps[version], "tables", e);
	(void)snprintf(pragmas, sizeof(pragmas),
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    BWI_SQLITE_ID, n);
	if (err == BW_OK)
		err = bwi_conn_exec(c, pragmas, "version", e);
	return err;
}

enum bw_err
bwi_sqlite_migrate(
    struct bwi_conn *c, const char *const *steps, int n, struct bw_error *e)
{
	enum bw_err err;

	err = bwi_conn_do(c, BWI_SQL_BEGIN, "lock", e);
	if (err == BW_OK)
		err = step_up(c, steps, n, e);
	if (err == BW_OK)
		err = bwi_conn_do(c, BWI_SQL_COMMIT, "commit", e);
	if (err != BW_OK)
		bwi_conn_rollback(c);
	return err;
}

/* Create the file ourselves: SQLite would use mode 0644 at most, not 0640. */
static enum bw_err
make_file(const char *path, struct bw_error *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0 && errno == EEXIST)
		return BW_OK;
	if (fd < 0)
		return errno == ENOENT
			   ? bw_error_set(e, BW_ERR_NOFILE, errno,
				 "%s: store: the folder does not exist", path)
			   : bwi_fs_error(e, errno, path, "store");
	close(fd);
	if (bwi_fs_sync_dir(path) != 0)
		return bwi_fs_error(e, errno, path, "store");
	return BW_OK;
}

static void
report_journal(const char *path, const struct bw_reporter *r)
{
	struct bw_finding f = {
	    .severity = BW_SEVERITY_WARNING,
	    .file = path,
	    .text = "the store is on a network file system, where SQLite "
		    "cannot use its write-ahead log: it is slower, and only "
		    "safe if that file system's locks are; a local disk is "
		    "better",
	};

	if (r != NULL && r->fn != NULL && bwi_fs_is_shared(path))
		r->fn(r->arg, &f);
}

enum bw_err
bwi_sqlite_create_until(const char *path, int64_t deadline,
    const struct bw_reporter *r, struct bw_error *e)
{
	struct bwi_conn c = {0};
	enum bw_err err;

	if (*path == '\0' || *path == ':') {
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "store: write sqlite:PATH");
	}
	err = make_file(path, e);
	if (err == BW_OK)
		err = bwi_conn_open_until(&c, path, deadline, e);
	if (err == BW_OK)
		err = bwi_sqlite_migrate(&c, tables, BWI_SQLITE_VERSION, e);
	bwi_conn_close(&c);
	if (err == BW_OK && bwi_fs_sync_dir(path) != 0)
		err = bwi_fs_error(e, errno, path, "store");
	if (err == BW_OK)
		report_journal(path, r);
	return err;
}

enum bw_err
bwi_sqlite_create(
    const char *path, const struct bw_reporter *r, struct bw_error *e)
{
	return bwi_sqlite_create_until(path, bw_monotonic_ns() + MAKING, r, e);
}
