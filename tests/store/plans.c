/*
 * Query plans: no statement that runs while a call waits, or that reads a large
 * store, scans a whole table.
 */
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

/* Scans that are allowed: few rows, or only run by a command. */
static bool
is_fine(const char *name, const char *step)
{
	return strcmp(step, "SCAN c") == 0 || /* consumers */
	       strcmp(step, "SCAN counter") == 0 ||
	       strcmp(step, "SCAN CONSTANT ROW") == 0 ||
	       strncmp(step, "SCAN (subquery", 14) == 0 ||
	       strncmp(step, "SCAN pragma_", 12) == 0 ||
	       strcmp(name, "STATS") == 0;
}

/* The steps of a plan that scan a table or sort, one a line. */
static char *
find_slow(const char *name, const char *sql)
{
	static char slow[1024];
	char *explained = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *st = NULL;

	slow[0] = '\0';
	if (sqlite3_prepare_v2(conn.db, explained, -1, &st, NULL) != SQLITE_OK)
		(void)snprintf(
		    slow, sizeof(slow), "%s", sqlite3_errmsg(conn.db));
	sqlite3_free(explained);
	while (st != NULL && sqlite3_step(st) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(st, 3);
		size_t n = strlen(slow);

		if ((strncmp(step, "SCAN", 4) == 0 && !is_fine(name, step)) ||
		    strstr(step, "TEMP B-TREE") != NULL)
			(void)snprintf(
			    slow + n, sizeof(slow) - n, "%s\n", step);
	}
	(void)sqlite3_finalize(st);
	return slow;
}

static void
test_statements(void)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
	     i++) {
		/* Transactions have no plan. */
		if (strchr(statements[i].sql, '(') == NULL &&
		    strstr(statements[i].sql, "WHERE") == NULL)
			continue;
		is_str(find_slow(statements[i].name, statements[i].sql), "",
		    "%s", statements[i].name);
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

static void
test_queries(void)
{
	for (unsigned bits = 0; bits < 256; bits++) {
		struct bw_store_filter f = make_filter(bits);
		const struct bwi_query q = {
		    .what = "SELECT " BWI_SQL_COLUMNS BWI_SQL_FROM,
		    .filter = &f,
		    .newest_first = bits >> 7 != 0,
		    .bounded = true,
		};
		struct bw_buf sql;
		const char *slow;

		bw_buf_init(&sql, 4096);
		bwi_sqlite_put_query(&sql, &q);
		bw_buf_putc(&sql, '\0');
		slow = find_slow("query", sql.p);
		/* One call has few events, so sorting them is fine. */
		if (f.call.p != NULL || f.message.p != NULL)
			ok(strstr(slow, "SCAN") == NULL, "filter %02x", bits);
		else
			is_str(slow, "", "filter %02x", bits);
		bw_buf_free(&sql);
	}
}

int
main(void)
{
	struct bw_error e = {0};
	char dir[64], path[128];

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/events.db", dir);
	if (bwi_sqlite_create(path, NULL, &e) != BW_OK ||
	    bwi_conn_open(&conn, path, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		return 1;
	}
	test_statements();
	test_queries();
	bwi_conn_close(&conn);
	fixture_remove_dir(dir);
	return tap_done();
}
