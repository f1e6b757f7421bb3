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
#include "store/sqlite_packed.h"

/*
 * The view puts back what is shortened in the key and the thread: the inverse
 * of sqlite_entry.c.
 */
#define PUT_BACK(text) \
	"CASE typeof(" text ") WHEN 'text' THEN " \
	"replace(replace(replace(replace(replace(replace(replace(" text "," \
	" char(1), f.section), char(2), f.family), char(3), f.type)," \
	" char(4), coalesce(e.call_id, ''))," \
	" char(5), coalesce(e.message_id, ''))," \
	" char(6), coalesce(e.from_number, ''))," \
	" char(7), coalesce(e.to_number, ''))" \
	" ELSE CAST(" text " AS TEXT) END"

/*
 * An index whose entries are inserted in random order costs pages read and
 * written for every row, which dominated the cost of appending. So events have
 * no index but one table of terms (sqlite_term.h), which is written for many
 * events at once. What events have in common is in "form". A block describes
 * the events whose terms were written together, so that times select a range of
 * events.
 */
#define FORMS \
	"CREATE TABLE meta (" \
	" one INTEGER PRIMARY KEY CHECK (one = 1)," \
	" seq INTEGER NOT NULL," \
	" indexed INTEGER NOT NULL) STRICT;" \
	"CREATE TABLE form (" \
	" id INTEGER PRIMARY KEY," \
	" section TEXT NOT NULL," \
	" method TEXT NOT NULL," \
	" content_type TEXT," \
	" family TEXT NOT NULL," \
	" type TEXT NOT NULL," \
	" user TEXT," \
	" h INTEGER NOT NULL) STRICT;" \
	"CREATE INDEX form_value ON form" \
	" (family, type, section, method, content_type, user);"

#define ENTRY \
	"CREATE TABLE entry (" ENTRY_ROW "," \
	" call_id TEXT," \
	" message_id TEXT," \
	" from_number TEXT," \
	" to_number TEXT," \
	" key ANY," \
	" thread ANY," \
	" request TEXT," \
	" query TEXT," \
	" body BLOB NOT NULL) STRICT;"

#define TERMS \
	"CREATE TABLE term (" \
	" h INTEGER NOT NULL," \
	" seq INTEGER NOT NULL," \
	" PRIMARY KEY (h, seq)) STRICT, WITHOUT ROWID;" \
	"CREATE TABLE block (" \
	" high INTEGER PRIMARY KEY," \
	" low INTEGER NOT NULL," \
	" n INTEGER NOT NULL," \
	" oldest INTEGER," \
	" newest INTEGER) STRICT;" \
	"CREATE VIEW event AS SELECT e.seq, e.received, e.batch, e.idx," \
	" e.deliveries, coalesce(e.last, e.received) AS last," \
	" e.received + e.claim AS claim, f.section, f.method," \
	" f.content_type, f.family, f.type, " PUT_BACK( \
	    "e.key") " AS key," \
		     " f.user, e.request, e.body, e.call_id, e.message_id," \
		     " e.from_number, e.to_number, " PUT_BACK( \
			 "e.thread") " AS thread," \
				     " e.query FROM entry e CROSS JOIN form " \
				     "f ON f.id = e.form;"

#define EVENTS FORMS "INSERT INTO meta VALUES (1, 0, 0);" ENTRY TERMS

#define WRONG_INDEX \
	"CREATE INDEX answer_wrong ON answer (seq) WHERE " BWI_SQL_WRONG ";"

/*
 * "closed" counts the changes after closing, so that a copy of a closed segment
 * is known to be complete. "store" is the same in all segments of a store.
 */
#define SEGMENT_COLUMNS \
	"ALTER TABLE meta ADD COLUMN store INTEGER NOT NULL DEFAULT 0;" \
	"ALTER TABLE meta ADD COLUMN segment INTEGER NOT NULL DEFAULT 1;" \
	"ALTER TABLE meta ADD COLUMN first INTEGER NOT NULL DEFAULT 1;" \
	"ALTER TABLE meta ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;" \
	"ALTER TABLE meta ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;"
#define SEGMENTS SEGMENT_COLUMNS "UPDATE meta SET store = random();"

#define ANSWER \
	"CREATE TABLE answer (" \
	" seq INTEGER PRIMARY KEY," \
	" status INTEGER NOT NULL," \
	" fallback INTEGER NOT NULL," \
	" answered INTEGER NOT NULL," \
	" duration INTEGER NOT NULL," \
	" content_type TEXT," \
	" body BLOB," \
	" failed INTEGER NOT NULL," \
	" trace TEXT) STRICT;" WRONG_INDEX

/*
 * tables[0] makes the tables of this version; tables[n] migrates version n to
 * n + 1, in the transaction that also sets the version, so a crash leaves one
 * of the two. The events of version 2 are then moved in many transactions:
 * sqlite_move.c. bwcallback-store(5) describes the tables.
 */
static const char *const tables[BWI_SQLITE_VERSION] = {
    EVENTS ANSWER SEGMENTS
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
    " created INTEGER NOT NULL,"
    " seen INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
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

    "ALTER TABLE event RENAME TO " BWI_SQLITE_OLD ";" EVENTS
    "UPDATE meta SET seq = (SELECT seq FROM counter);"
    "DROP TABLE counter;",

    "ALTER TABLE answer ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE answer ADD COLUMN trace TEXT;" WRONG_INDEX,

    SEGMENTS,
};

/* Of a segment but the first. The caller updates the row of "meta". */
static const char *const segment_tables[BWI_SQLITE_VERSION] = {
    EVENTS ANSWER SEGMENTS};

/* Of a compacted segment. */
static const char *const packed_tables[BWI_SQLITE_VERSION] = {
    FORMS PACKED_ENTRY TERMS PACKED_ANSWER SEGMENT_COLUMNS};

/* How long creating tables waits for other processes that do the same. */
#define MAKING (INT64_C(3) * 1000000000)

/* The application id and version of the file, and whether it has tables. */
struct identity {
	int64_t version;
	int64_t id;
	int64_t objects;
	int64_t old; /* tables with events of an older version */
};

static enum bw_err
get_numbers(struct bwi_conn *c, const char *sql, int64_t *numbers, int n,
    struct bw_error *e)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		for (int i = 0; rc == SQLITE_ROW && i < n; i++)
			numbers[i] = sqlite3_column_int64(st, i);
		rc = rc == SQLITE_ROW ? SQLITE_OK : rc;
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, "version", e);
}

static enum bw_err
read_identity(struct bwi_conn *c, struct identity *to, struct bw_error *e)
{
	static const char objects[] =
	    "SELECT count(*), count(iif(name = '" BWI_SQLITE_OLD "', 1, NULL)) "
	    "FROM sqlite_schema";
	int64_t v[2] = {0};
	enum bw_err err = get_numbers(c, objects, v, 2, e);

	to->objects = v[0];
	to->old = v[1];
	if (err == BW_OK)
		err = get_numbers(c, "PRAGMA user_version", &to->version, 1, e);
	return err == BW_OK
		   ? get_numbers(c, "PRAGMA application_id", &to->id, 1, e)
		   : err;
}

/*
 * In one transaction: without it, another process may make the tables
 * meanwhile. After an error it may still be open.
 */
static enum bw_err
get_identity(struct bwi_conn *c, struct identity *to, struct bw_error *e)
{
	bool begun = sqlite3_get_autocommit(c->db) == 0;
	enum bw_err err =
	    begun ? BW_OK : bwi_conn_exec(c, "BEGIN", "version", e);

	if (err == BW_OK)
		err = read_identity(c, to, e);
	if (err == BW_OK && !begun)
		err = bwi_conn_exec(c, "COMMIT", "version", e);
	return err;
}

/*
 * *file: its version is at most known; 0 for an empty file.
 */
static enum bw_err
get_known(
    struct bwi_conn *c, int known, struct identity *file, struct bw_error *e)
{
	enum bw_err err = get_identity(c, file, e);

	if (err != BW_OK)
		return err;
	if (file->id != BWI_SQLITE_ID && (file->objects > 0 || file->id != 0)) {
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "store: the file belongs to another program");
	}
	if (file->version > known || file->version < 0) {
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "store: tables of version %lld: this program supports "
		    "up to %d",
		    (long long)file->version, known);
	}
	return BW_OK;
}

/* The number of rows of a table with events of an older version. */
static enum bw_err
count_old(
    struct bwi_conn *c, const char *table, uint64_t *n, struct bw_error *e)
{
	char sql[64];
	sqlite3_stmt *st;
	int rc;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		*n = (uint64_t)sqlite3_column_int64(st, 0);
		rc = rc == SQLITE_ROW ? SQLITE_OK : rc;
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, "events", e);
}

enum bw_err
bwi_sqlite_tables(
    const char *path, struct bw_store_tables *out, struct bw_error *e)
{
	struct identity file = {.version = 0};
	struct bwi_conn c = {0};
	enum bw_err err = bwi_conn_open(&c, path, e);

	out->newest = BWI_SQLITE_VERSION;
	if (err == BW_OK)
		err = get_known(&c, BWI_SQLITE_VERSION, &file, e);
	out->version = (int)file.version;
	if (err == BW_OK && file.old != 0)
		err = count_old(&c, BWI_SQLITE_OLD, &out->events, e);
	else if (err == BW_OK && out->version > 0 &&
		 out->version < BWI_SQLITE_TERMS)
		err = count_old(&c, "event", &out->events, e);
	bwi_conn_close(&c);
	return err;
}

/* A segment has its tables before it has its name. */
static bool
is_overwritten(
    const struct bwi_conn *c, const struct identity *file, enum bw_err err)
{
	return c->fixed && (err == BW_OK || err == BW_ERR_UNSUPPORTED) &&
	       (file->id != BWI_SQLITE_ID || file->version <= 0);
}

enum bw_err
bwi_sqlite_check(struct bwi_conn *c, struct bw_error *e)
{
	struct identity file = {.version = 0};
	enum bw_err err = get_known(c, BWI_SQLITE_VERSION, &file, e);

	if (is_overwritten(c, &file, err)) {
		*e = (struct bw_error){0};
		err = bw_error_set(e, BW_ERR_CORRUPT, 0,
		    "store: a segment without tables: it was emptied or "
		    "overwritten");
	} else if (err == BW_OK && file.version == 0) {
		/*
		 * The process that created the file was killed before it
		 * created the tables.
		 */
		err = bw_error_set(e, BW_ERR_NOFILE, 0,
		    "store: has no tables yet; bwcallback.fcgi creates them");
	} else if (err == BW_OK && file.version < BWI_SQLITE_VERSION) {
		err = bw_error_set(e, BW_ERR_CONFIG, 0,
		    "store: tables of version %lld, expected %d; restart "
		    "bwcallback.fcgi, which updates them",
		    (long long)file.version, BWI_SQLITE_VERSION);
	} else if (err == BW_OK && file.old != 0) {
		err = bw_error_set(e, BW_ERR_CONFIG, 0,
		    "store: its events are being moved to tables of version "
		    "%d; wait for bwcallback.fcgi, which does it",
		    BWI_SQLITE_VERSION);
	}
	if (err != BW_OK)
		bwi_conn_close(c);
	return err;
}

static enum bw_err
step_up(struct bwi_conn *c, const char *const *steps, int n, struct bw_error *e)
{
	struct identity file = {.version = 0};
	enum bw_err err = get_known(c, n, &file, e);
	int64_t version = file.version;
	char pragmas[96];

	while (err == BW_OK && version < n) {
		err = bwi_conn_exec(c, steps[version], "tables", e);
		version = version == 0 ? BWI_SQLITE_VERSION : version + 1;
	}
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

enum bw_err
bwi_sqlite_create_tables(struct bwi_conn *c, struct bw_error *e)
{
	return bwi_sqlite_migrate(c, tables, BWI_SQLITE_VERSION, e);
}

enum bw_err
bwi_sqlite_create_segment(struct bwi_conn *c, struct bw_error *e)
{
	return bwi_sqlite_migrate(c, segment_tables, BWI_SQLITE_VERSION, e);
}

enum bw_err
bwi_sqlite_create_packed(struct bwi_conn *c, struct bw_error *e)
{
	return bwi_sqlite_migrate(c, packed_tables, BWI_SQLITE_VERSION, e);
}

/*
 * Segments without the store's own file: a new one would give the same numbers
 * to other events.
 */
static enum bw_err
check_alone(const char *path, struct bw_error *e)
{
	uint64_t *numbers;
	size_t n;
	enum bw_err err = bwi_segment_list(path, &numbers, &n, e);

	bwi_free(numbers);
	if (err != BW_OK || n == 0)
		return err;
	return bw_error_set(e, BW_ERR_CORRUPT, 0,
	    "%s: store: this file is missing, but not its segments; restore "
	    "the store from a backup, or move the segments away",
	    path);
}

/* Create the file ourselves: SQLite would use mode 0644 at most, not 0640. */
static enum bw_err
make_file(const char *path, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	int fd;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		err = check_alone(path, e);
	if (err != BW_OK)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
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

/* Until the deadline. */
static enum bw_err
move_events(struct bwi_conn *c, int64_t deadline, struct bw_error *e)
{
	enum bw_err err;
	bool more;

	do {
		err = bwi_sqlite_move(c, &more, e);
	} while (err == BW_OK && more && bw_monotonic_ns() < deadline);
	if (err != BW_OK || !more)
		return err;
	return bw_error_set(e, BW_ERR_BUSY, 0,
	    "store: its events are being moved to tables of version %d",
	    BWI_SQLITE_VERSION);
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
		err = bwi_sqlite_create_tables(&c, e);
	if (err == BW_OK)
		err = move_events(&c, deadline, e);
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
