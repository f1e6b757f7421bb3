#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/tap/tap.h"

struct bw_str
fixture_text(const char *s)
{
	return (struct bw_str){s, s != NULL ? strlen(s) : 0};
}

int64_t
fixture_in(int seconds)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec + seconds) * SECOND + t.tv_nsec;
}

void
fixture_make_dir(char path[64])
{
	(void)snprintf(path, 64, "%s", "store-test-XXXXXX");
	if (mkdtemp(path) == NULL) {
		perror("mkdtemp");
		exit(1);
	}
}

void
fixture_remove_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *f;

	while (d != NULL && (f = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), f->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	if (rmdir(path) != 0)
		perror(path);
}

struct bw_store_event
fixture_event(const char *type, const char *key)
{
	return (struct bw_store_event){
	    .received = 1700000000000,
	    .section = BW_STR("/messages"),
	    .method = BW_STR("POST"),
	    .content_type = BW_STR("application/json"),
	    .family = BW_STR("messaging"),
	    .type = fixture_text(type),
	    .key = fixture_text(key),
	    .user = BW_STR("bandwidth"),
	    .request = BW_STR("r-1"),
	    .body = BW_STR("{\"n\":1}"),
	    .batch = 1,
	    .message = BW_STR("m-1"),
	    .from = BW_STR("+19195550101"),
	    .to = BW_STR("+19195550102"),
	    .claim = 50000,
	};
}

enum bw_err
fixture_append(struct bw_store *s, const struct bw_store_event *event,
    struct bw_store_result *r)
{
	struct bw_error e = {0};
	enum bw_err err = bw_store_append(s, event, 1, fixture_in(LONG), r, &e);

	if (err != BW_OK)
		tap_diag("append: %s", e.msg);
	return err;
}

static bool
add_one(void *arg, const struct bw_store_row *r)
{
	(void)r;
	++*(size_t *)arg;
	return true;
}

size_t
fixture_count(struct bw_store *s, const struct bw_store_filter *f)
{
	const struct bw_store_filter all = {0};
	struct bw_error e = {0};
	uint64_t cursor = 0;
	size_t n = 0;

	if (bw_store_read(s, f != NULL ? f : &all, false, SIZE_MAX, &cursor,
		add_one, &n, &e) != BW_OK)
		tap_diag("read: %s", e.msg);
	return n;
}

int64_t
fixture_number(const char *path, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;
	sqlite3 *db;

	if (sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}
