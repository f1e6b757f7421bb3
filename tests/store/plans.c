/*
 * Query plans: no statement that runs while a call waits, or that reads a large
 * store, scans a whole table.
 */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "store/sqlite.h"
#include "tests/tap/tap.h"

static struct bwi_conn conn;

static const struct {
	const char *name;
	const char *sql;
} statements[] = {
#define X(name, sql) {#name, sql},
#include "store/statements.def"
#undef X
};

/*
 * Scans that are allowed: of few rows. A block is a row for hundreds of events,
 * and of wrong answers there are few.
 */
static bool
is_fine(const char *step)
{
	static const char *const scans[] = {
	    "SCAN answer USING INDEX answer_wrong",
	    "SCAN answer_slim USING INDEX answer_wrong", "SCAN block", "SCAN c",
	    "SCAN consumer", "SCAN form",
	    "SCAN form USING COVERING INDEX form_value", "SCAN g", "SCAN meta",
	    "SCAN sqlite_schema", "SCAN CONSTANT ROW",
	    "USE TEMP B-TREE FOR DISTINCT"};

	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		if (strcmp(step, scans[i]) == 0)
			return true;
	}
	return strncmp(step, "SCAN (subquery", 14) == 0 ||
	       strncmp(step, "SCAN pragma_", 12) == 0;
}

/* Instead of SQLite's, for the library under test as well. */
static __typeof__(&sqlite3_prepare_v2) prepare;
static char found[1024]; /* what is slow in the texts that were prepared */
static int prepared;
static bool watching;

/* The steps of a plan that scan a table or sort, one a line. */
static void
find_slow(const char *sql, char slow[1024])
{
	char *explained = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *st = NULL;

	slow[0] = '\0';
	if (prepare(conn.db, explained, -1, &st, NULL) != SQLITE_OK)
		(void)snprintf(slow, 1024, "%s", sqlite3_errmsg(conn.db));
	sqlite3_free(explained);
	while (st != NULL && sqlite3_step(st) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(st, 3);
		size_t n = strlen(slow);

		if ((strncmp(step, "SCAN", 4) == 0 ||
			strstr(step, "TEMP B-TREE") != NULL) &&
		    !is_fine(step))
			(void)snprintf(slow + n, 1024 - n, "%s\n", step);
	}
	(void)sqlite3_finalize(st);
}

int
sqlite3_prepare_v2(
    sqlite3 *db, const char *sql, int n, sqlite3_stmt **st, const char **tail)
{
	if (watching) {
		char *text = sqlite3_mprintf("%.*s", n < 0 ? INT_MAX : n, sql);
		size_t used = strlen(found);
		char slow[1024];

		prepared++;
		find_slow(text, slow);
		(void)snprintf(found + used, sizeof(found) - used, "%s", slow);
		sqlite3_free(text);
	}
	return prepare(db, sql, n, st, tail);
}

/* Statements for a compacted segment only. */
static bool
is_for_packed(const char *name)
{
	return strcmp(name, "FIND_PACK") == 0 || strstr(name, "_SLIM") != NULL;
}

/* Those that a compacted segment gets. */
static bool
is_for_closed(const char *name)
{
	static const char *const names[] = {"STATE", "IDENTITY",
	    "MATCHES_AFTER", "TIMES", "CHANGED", "FIND_TERM", "GET_FIRST",
	    "HAS_EVENT", "UNPARSED_BYTES", "GET_ROW", "GET_MATCH", "TYPES",
	    "FIRST_SINCE", "LAST_UNTIL", "STATS", "RECEIVED", "STATE_AFTER"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return is_for_packed(name);
}

static void
test_statements(void)
{
	char slow[1024];

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
	     i++) {
		if (conn.packed ? !is_for_closed(statements[i].name)
				: is_for_packed(statements[i].name))
			continue;
		/* Transactions have no plan. */
		if (strchr(statements[i].sql, '(') == NULL &&
		    strstr(statements[i].sql, "WHERE") == NULL)
			continue;
		find_slow(statements[i].sql, slow);
		is_str(slow, "", "%s", statements[i].name);
	}
}

/* A filter with the members of these bits: call, message, number, and so on. */
static struct bw_store_filter
make_filter(unsigned bits)
{
	struct bw_store_filter f = {.since = 0};
	struct bw_str *const texts[] = {
	    &f.call, &f.message, &f.number, &f.type, &f.family};

	for (unsigned i = 0; i < 5; i++) {
		if (bits >> i & 1)
			*texts[i] = BW_STR("x");
	}
	f.since = bits >> 5 & 1;
	f.until = bits >> 6 & 1;
	return f;
}

/* Filters by the answer: some use an index, the last does not. */
static const struct bw_store_filter by_answer[] = {
    {.failed = true},
    {.fallback = true},
    {.slow = BWI_STORE_SLOW},
    {.statuses = {500, 503}},
    {.statuses = {200}},
};

/* The filter of the bits with the answer of another. */
static struct bw_store_filter
make_answer_filter(unsigned bits, size_t i)
{
	struct bw_store_filter f = by_answer[i], other = make_filter(bits);

	f.call = other.call;
	f.message = other.message;
	f.number = other.number;
	f.type = other.type;
	f.family = other.family;
	f.since = other.since;
	f.until = other.until;
	return f;
}

static void
watch(void)
{
	found[0] = '\0';
	prepared = 0;
	watching = true;
}

/*
 * The events of a call or a message are sorted, because there are few: their
 * terms are in the order of their keys.
 */
static bool
is_sorted(const struct bw_store_filter *f)
{
	return f->call.p != NULL || f->message.p != NULL;
}

static void
check_finding(const struct bw_store_filter *f, unsigned bits)
{
	struct bw_error e = {0};
	struct bwi_find find;

	watch();
	if (bwi_find_open(&find, &conn, f, bits >> 7 != 0, 0, &e) != BW_OK)
		tap_diag("%s", e.msg);
	bwi_find_close(&find);
	watching = false;
	is_int(prepared, 2, "filter %02x: terms and tail", bits);
	is_str(found, is_sorted(f) ? "USE TEMP B-TREE FOR ORDER BY\n" : "",
	    "filter %02x", bits);
}

static void
test_finding(void)
{
	for (unsigned bits = 0; bits < 256; bits++) {
		struct bw_store_filter f = make_filter(bits);

		check_finding(&f, bits);
		for (size_t i = 0; i < sizeof(by_answer) / sizeof(*by_answer);
		     i++) {
			f = make_answer_filter(bits, i);
			check_finding(&f, bits);
		}
	}
}

static void
check_report(const struct bw_store_filter *f, unsigned bits)
{
	struct bw_buf sql;
	char slow[1024];

	bw_buf_init(&sql, 4096);
	bw_buf_puts(&sql, "SELECT count(*) FROM entry e");
	bwi_sqlite_put_filter(&sql, &conn, f);
	bw_buf_putc(&sql, '\0');
	find_slow(sql.p, slow);
	is_str(slow, "", "report %02x", bits);
	bw_buf_free(&sql);
}

/* Reports read the events that are selected, in any order. */
static void
test_reports(void)
{
	for (unsigned bits = 0; bits < 128; bits++) {
		struct bw_store_filter f = make_filter(bits);

		check_report(&f, bits);
		for (size_t i = 0; i < sizeof(by_answer) / sizeof(*by_answer);
		     i++) {
			f = make_answer_filter(bits, i);
			check_report(&f, bits);
		}
	}
}

/* As if there had been events of one type. */
static void
fill(void)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO meta (one, seq, indexed) VALUES (1, 0, 0);"
	    "UPDATE meta SET indexed = 1000;"
	    "INSERT INTO block VALUES (1000, 1, 1000, 0, 2);"
	    "INSERT INTO form (section, method, family, type, h) "
	    "VALUES ('/x', 'POST', 'x', 'x', 1);";

	if (sqlite3_exec(conn.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(conn.db));
}

/* All in a file of one kind. */
static void
test(const char *dir, const char *name,
    enum bw_err (*create)(struct bwi_conn *, struct bw_error *))
{
	struct bw_error e = {0};
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL || fclose(f) != 0 ||
	    bwi_conn_open(&conn, path, &e) != BW_OK ||
	    create(&conn, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
	test_statements();
	fill();
	test_finding();
	test_reports();
	bwi_conn_close(&conn);
}

int
main(void)
{
	char dir[64];

	*(void **)&prepare = dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
	fixture_make_dir(dir);
	test(dir, "events.db", bwi_sqlite_create_tables);
	conn.packed = true;
	test(dir, "events.db.000002.packed", bwi_sqlite_create_packed);
	fixture_remove_dir(dir);
	return tap_done();
}
