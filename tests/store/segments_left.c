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

static void
put_byte(const char *file, long at, int c)
{
	FILE *f = fopen(file, "r+");

	if (f == NULL || fseek(f, at, SEEK_SET) != 0 || fputc(c, f) == EOF ||
	    fclose(f) != 0)
		tap_diag("%s: cannot be changed", file);
}

/* Every bit of its blocks is zero: they would deny all. */
static void
clear_blocks(const char *file)
{
	struct stat st = {.st_size = 0};

	(void)stat(file, &st);
	for (long at = 72; at < st.st_size; at++)
		put_byte(file, at, 0);
}

static void
shorten(const char *file)
{
	if (truncate(file, 100) != 0)
		tap_diag("%s: cannot be shortened", file);
}

static void
clear_head(const char *file)
{
	put_byte(file, 40, 0x55);
}

/* As a program of an older version made it: its first number ends with 1. */
static void
make_old(const char *file)
{
	put_byte(file, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 7 : 0, '1');
}

static const struct {
	void (*how)(const char *);
	bool remade; /* by the next maintenance, without a question before */
} damages[] = {{clear_blocks, false}, {shorten, false}, {clear_head, true},
    {make_old, true}};

/*
 * A damaged filter denies nothing, and is made again. A new handle reads a
 * block for a question, one that asks more often reads all.
 */
static void
test_damaged_filter(void)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct bw_store *s = start();
		struct bw_store_soundness sound;

		fill(s);
		bw_store_free(s);
		make_filters();
		damages[i].how(name(2, ".filter"));
		s = open_store();
		is_int(
		    bw_store_verify(s, 0, NULL, &sound, &e), BW_OK, "verify");
		is_int((long long)sound.warnings, damages[i].how != make_old,
		    "%zu: it is seen", i);
		is_int(append(s, "k-3", RECEIVED + 3 * DAY, 0).fate,
		    BW_STORE_RUNNING, "the segment is searched");
		is_int(is_there(2, ".filter"), damages[i].remade,
		    "it is removed if it was asked");
		make_filters();
		is_int(
		    bw_store_verify(s, 0, NULL, &sound, &e), BW_OK, "verify");
		is_int((long long)(sound.warnings + sound.errors), 0,
		    "it is made again");
		stop(s);
	}
}

/* The answer is the same with one block and with all of them. */
static void
test_questions(void)
{
	struct bw_store *s = start();

	fill(s);
	make_filters();
	for (int again = 0; again < 3; again++) {
		for (int i = 0; i < 8; i++) {
			char key[16];

			(void)snprintf(key, sizeof(key), "k-%d", i);
			is_int((long long)append(s, key, RECEIVED + i * DAY, 0)
				   .seq,
			    i + 1, "%s, %d", key, again);
		}
		is_int((long long)append(s,
			   again == 0	? "a"
			   : again == 1 ? "b"
					: "c",
			   RECEIVED + 3 * DAY, 0)
			   .seq,
		    9 + again, "a new one");
	}
	stop(s);
}

/* Readers open the first file only to search it, which takes no longer. */
static void
test_not_opened(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store *s = start();
	uint64_t cursor = 0, sum = 0;

	fill(s);
	bw_store_free(s);
	damage(name(1, ""));
	s = try_to_open();
	ok(s != NULL, "the first file is not needed: %s", e.msg);
	if (s == NULL)
		return;
	is_int((long long)read_all(s, &all, true, 0, 2), 87,
	    "to read the newest events");
	is_int(bw_store_read(s, &all, false, 9, &cursor, add_seq, &sum, &e),
	    BW_ERR_CORRUPT, "but to read all: %s", e.msg);
	stop(s);
}

/*
 * The first file was replaced by that of another store. Events are durable in
 * the newest segment, and all are there once the right file is put back.
 */
static void
test_mixed(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store_event event = fixture_event("message-sent", "x");
	struct bw_store *s = start();
	struct bw_store_result r;
	uint64_t cursor = 0, sum = 0;
	char url[200], path[200], away[200];

	fill(s);
	bw_store_free(s);
	(void)snprintf(url, sizeof(url), "sqlite:%s", name(1, "-other"));
	is_int(bw_store_create(url, NULL, &e), BW_OK, "another store");
	(void)snprintf(path, sizeof(path), "%s", name(1, ""));
	(void)snprintf(away, sizeof(away), "%s", name(1, "-away"));
	(void)rename(path, away);
	(void)rename(name(1, "-other"), path);
	s = try_to_open();
	ok(s != NULL, "it is opened: %s", e.msg);
	if (s == NULL)
		return;
	is_int(bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e), BW_OK,
	    "its newest segment takes events: %s", e.msg);
	is_int(bw_store_consumer(s, "work", &all, 0, &e), BW_ERR_CORRUPT,
	    "but no consumers: %s", e.msg);
	is_int(bw_store_read(s, &all, false, 9, &cursor, add_seq, &sum, &e),
	    BW_ERR_CORRUPT, "and is not read as a whole: %s", e.msg);
	bw_store_free(s);
	(void)rename(away, path);
	s = try_to_open();
	ok(s != NULL, "the right file is back: %s", e.msg);
	if (s == NULL)
		return;
	cursor = sum = 0;
	is_int(bw_store_read(s, &all, false, 99, &cursor, add_seq, &sum, &e),
	    BW_OK, "it is read: %s", e.msg);
	is_int((long long)cursor, (long long)r.seq, "to the new event");
	is_int((long long)sum, 123456789, "with all others");
	stop(s);
}

void
segments_left(void)
{
	test_not_opened();
	test_mixed();
	test_damaged_filter();
	test_questions();
	test_damaged_before();
	test_not_proven();
	test_swept(true);
	test_swept(false);
}
