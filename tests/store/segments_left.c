/* What is left of segments: damaged ones, and files of killed processes. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "segments.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

static void
run_sql(unsigned segment, const char *sql)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(name(segment, ""), &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

static void
empty(const char *file)
{
	if (truncate(file, 0) != 0)
		tap_diag("%s: cannot be emptied", file);
}

static struct bw_store *
try_to_open(void)
{
	struct bw_store *s = NULL;
	char url[200];

	(void)snprintf(url, sizeof(url), "sqlite:%s", name(1, ""));
	e = (struct bw_error){0};
	return bw_store_open(url, &s, &e) == BW_OK ? s : NULL;
}

/* What tells that the damaged segment was closed. */
enum proof {
	PROOF_MARK = 1,
	PROOF_FILTER = 2
};

/* The segment that takes events has none yet; the one before is damaged. */
static struct bw_store *
start_damaged(unsigned proof, void (*how)(const char *))
{
	struct bw_store *s = start();

	fill(s);
	rotate();
	bw_store_free(s);
	if ((proof & PROOF_FILTER) != 0)
		make_filters();
	if ((proof & PROOF_MARK) == 0)
		run_sql(5, "UPDATE meta SET dropped = 0");
	how(name(4, ""));
	return try_to_open();
}

static void
test_damaged_before(void)
{
	static const unsigned proofs[] = {PROOF_MARK, PROOF_FILTER};
	static void (*const ways[])(const char *) = {damage, empty};

	for (size_t i = 0; i < 4; i++) {
		struct bw_store *s = start_damaged(proofs[i / 2], ways[i % 2]);
		struct bw_store_result r;

		ok(s != NULL, "%zu: it is opened: %s", i, e.msg);
		if (s == NULL)
			continue;
		r = append(s, "new", RECEIVED + 9 * DAY, 0);
		is_int(r.fate, BW_STORE_NEW, "a new event");
		is_int((long long)r.seq, 9, "with the next number");
		is_int(append(s, "k-3", RECEIVED + 7 * DAY, 50000).fate,
		    BW_STORE_RUNNING, "older segments are searched");
		stop(s);
	}
}

/* It may not have been closed: then its numbers would be given twice. */
static void
test_not_proven(void)
{
	struct bw_store *s = start_damaged(0, damage);

	ok(s == NULL, "without a proof it is not opened");
	is_int(e.code, BW_ERR_CORRUPT, "it is damaged: %s", e.msg);
	stop(s);

	/* A filter of another life of the segment proves nothing. */
	bw_store_free(start_damaged(PROOF_FILTER, damage));
	run_sql(5, "UPDATE meta SET first = 12, seq = 11, indexed = 11");
	s = try_to_open();
	is_int(e.code, BW_ERR_CORRUPT, "nor with a filter of other events: %s",
	    e.msg);
	stop(s);
}

static void
make_file(const char *file, bool old)
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	FILE *f = fopen(file, "w");

	if (f == NULL || fclose(f) != 0 ||
	    (old && utimensat(AT_FDCWD, file, times, 0) != 0))
		tap_diag("%s: cannot be made", file);
}

/* A file beside the store; stays: it is none that a killed process left. */
static const struct {
	const char *end;
	bool old;
	bool stays;
} files[] = {
    {".000009.filter", false, false},
    {".000009-shm", false, false},
    {".000009-wal", true, true}, /* a segment may have been moved away */
    {".000008.dropped", false, false},
    {".000008-wal", false, false},
    {".000008.filter", false, false},
    {".000003.dropped", false, false}, /* a backup was restored */
    {".000003.other", true, true},
    {".new-abcdef", true, false},
    {".new-abcdef-wal", true, false},
    {".new-ghijkl", false, true}, /* another process makes it now */
    {".newer", true, true},
};

static void
test_swept(bool pruning)
{
	const struct bw_store_filter all = {0};
	struct bw_store *s = start();

	fill(s);
	make_filters();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		make_file(name(1, files[i].end), files[i].old);
	if (pruning)
		is_int((long long)prune(s, RECEIVED), 0, "nothing is old");
	else
		make_filters();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		is_int(is_there(1, files[i].end), files[i].stays, "%s",
		    files[i].end);
	ok(is_there(3, ".filter"), "the others stay");
	is_int((long long)read_all(s, &all, false, 0, 9), 12345678, "events");
	stop(s);
}

void
segments_left(void)
{
	test_damaged_before();
	test_not_proven();
	test_swept(true);
	test_swept(false);
}
