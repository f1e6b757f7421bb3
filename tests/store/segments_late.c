/*
 * What goes wrong in one closed segment of the SQLite store concerns only the
 * jobs that need it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "segments.h"
#include "store/sqlite.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

/* Jobs that are committed together, and what becomes of them. */
struct batch {
	struct bw_store *store;
	struct bw_store_write *jobs[8];
	size_t n;
	enum bw_err err[8];
	struct bw_store_result first[8];
};

static void
add_job(struct batch *b, struct bw_store_write *j)
{
	if (j == NULL)
		exit(1);
	b->jobs[b->n++] = j;
}

/* Append events with these keys; the second may be NULL. */
static void
add_events(struct batch *b, const char *key, const char *second)
{
	struct bw_store_event events[2] = {fixture_event("message-sent", key),
	    fixture_event("message-sent", second)};

	events[0].received = events[1].received = RECEIVED;
	add_job(b, bwi_job_new(b->store, events, second != NULL ? 2 : 1,
		       fixture_in(LONG)));
}

static void
add_answer(struct batch *b, uint64_t seq)
{
	const struct bw_store_answer a = {.status = 200, .answered = RECEIVED};
	struct bw_store_write *j = bwi_job_new_answer(b->store, seq, &a);

	if (j != NULL)
		bwi_job_add_waiter(j);
	add_job(b, j);
}

/*
 * The store's thread may run too, so the writer must know. No job is waited for
 * before all are queued: they are committed together.
 */
static void
commit(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->store->ops->submit(b->store, b->jobs[i]);
	for (size_t i = 0; i < b->n; i++) {
		const struct bw_store_result *r;

		e = (struct bw_error){0};
		b->err[i] = bw_store_write_wait(
		    b->jobs[i], BW_STORE_DURABLE, fixture_in(LONG), &r, &e);
		if (b->err[i] != BW_OK)
			tap_diag("job %zu: %s", i, e.msg);
		if (b->jobs[i]->n > 0)
			b->first[i] = r[0];
		bw_store_write_free(b->jobs[i], false);
	}
}

static sqlite3 *
run_in(unsigned segment, const char *sql)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(name(segment, ""), &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	return db;
}

/* Two new events, and in between a re-delivery and a late answer. */
static void
commit_four(struct batch *b, const char *first, const char *last)
{
	add_events(b, first, NULL);
	add_events(b, "k-2", NULL);
	add_answer(b, 3);
	add_events(b, last, NULL);
	commit(b);
	is_int(b->err[0], BW_OK, "%s: stored", first);
	is_int(b->first[0].fate, BW_STORE_NEW, "%s: new", first);
	is_int(b->err[3], BW_OK, "%s: stored", last);
	is_int(b->first[3].fate, BW_STORE_NEW, "%s: new", last);
}

/* A closed segment that is locked. */
static void
test_locked(void)
{
	struct bw_store *s = start();
	struct batch b = {.store = s}, again = {.store = s},
		     later = {.store = s};
	sqlite3 *db;

	fill(s);
	db = run_in(2, "BEGIN IMMEDIATE");
	commit_four(&b, "n-1", "n-2");
	is_int(b.err[1], BW_ERR_BUSY, "a re-delivery has to wait");
	is_int(b.err[2], BW_ERR_BUSY, "so has an answer");
	commit_four(&again, "n-3", "n-4");
	is_int(again.err[1], BW_ERR_BUSY, "still");
	(void)sqlite3_close(db);
	commit_four(&later, "n-5", "n-6");
	is_int(later.err[1], BW_OK, "no longer");
	is_int(later.first[1].fate, BW_STORE_RUNNING, "it is known");
	is_int((long long)later.first[1].deliveries, 2, "delivered twice");
	is_int(later.err[2], BW_OK, "nor the answer");
	is_int((long long)fixture_count(s, NULL), 14, "events");
	stop(s);
}

/* A write that fails in a closed segment. */
static void
test_failing(void)
{
	struct bw_store *s = start();
	struct batch b = {.store = s}, two = {.store = s};

	fill(s);
	(void)sqlite3_close(run_in(2,
	    compacted ? "CREATE TRIGGER no_update BEFORE UPDATE ON entry_slim "
			"BEGIN SELECT RAISE(ABORT, 'no'); END"
		      : "CREATE TRIGGER no_update BEFORE UPDATE ON entry BEGIN "
			"SELECT RAISE(ABORT, 'no'); END"));
	commit_four(&b, "n-1", "n-2");
	ok(b.err[1] != BW_OK, "the re-delivery fails");
	is_int(b.err[2], BW_OK, "the answer does not");
	add_events(&two, "n-3", "k-2");
	add_events(&two, "n-4", NULL);
	commit(&two);
	ok(two.err[0] != BW_OK, "a job of two events, one of which fails");
	is_int(two.err[1], BW_OK, "another one");
	is_int((long long)two.first[1].seq, 11, "has the next number");
	is_int((long long)fixture_count(s, NULL), 11, "events");
	stop(s);
}

/* The transaction of a closed segment fails when it is committed. */
static void
test_not_committed(void)
{
	struct bw_store *s = start();
	struct batch b = {.store = s};

	fill(s);
	(void)sqlite3_close(run_in(2,
	    "CREATE TABLE child (x INTEGER REFERENCES parent (x) DEFERRABLE "
	    "INITIALLY DEFERRED);"
	    "CREATE TABLE parent (x INTEGER PRIMARY KEY);"));
	(void)sqlite3_close(run_in(2,
	    compacted
		? "CREATE TRIGGER bad_child AFTER UPDATE ON entry_slim BEGIN "
		  "INSERT INTO child VALUES (1); END"
		: "CREATE TRIGGER bad_child AFTER UPDATE ON entry BEGIN "
		  "INSERT INTO child VALUES (1); END"));
	(void)read_all(s, &(struct bw_store_filter){.since = 0}, false, 0, 9);
	is_int(append(s, "k-3", RECEIVED + 3 * DAY, 0).fate, BW_STORE_RUNNING,
	    "the segment is open");
	(void)sqlite3_exec(bwi_sqlite_of(s)->append.list[1]->conn.db,
	    "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	commit_four(&b, "n-1", "n-2");
	ok(b.err[1] != BW_OK, "the re-delivery fails");
	is_int((long long)fixture_count(s, NULL), 10, "events");
	stop(s);
}

static void
damage_table(unsigned segment, const char *table)
{
	char sql[128], junk[4096];
	int64_t page, size;
	int fd;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
	page = fixture_number(name(segment, ""), sql);
	size = fixture_number(
	    name(segment, ""), "SELECT page_size FROM pragma_page_size");
	fd = open(name(segment, ""), O_WRONLY);
	memset(junk, 'x', sizeof(junk));
	if (pwrite(fd, junk, sizeof(junk), (page - 1) * size) != 4096)
		tap_diag("cannot damage %s", table);
	(void)close(fd);
}

/* Damage that shows only after something was written. */
static void
test_damaged_late(void)
{
	struct bw_store *s = start();
	struct batch b = {.store = s}, answers = {.store = s};

	fill(s);
	bw_store_free(s);
	damage_table(2, compacted ? "answer_slim" : "answer");
	answers.store = s = open_store();
	add_answer(&answers, 3);
	add_events(&answers, "n-1", NULL);
	commit(&answers);
	is_int(answers.err[0], BW_OK, "an answer there is not recorded");
	is_int(answers.err[1], BW_OK, "a new event is stored");
	e = (struct bw_error){0};
	ok(bw_store_take_warning(s, &e), "with a warning: %s", e.msg);
	bw_store_free(s);

	b.store = s = open_store();
	commit_four(&b, "n-2", "n-3");
	is_int(b.err[1], BW_OK, "nor is its event known");
	is_int(b.first[1].fate, BW_STORE_NEW, "it is new");
	is_int(fixture_number(name(4, ""), "SELECT count(*) FROM entry"), 6,
	    "all of them are stored");
	stop(s);
}

/* A failure does not make the filters be read again. */
static void
test_filters(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store *s = start();
	struct batch b = {.store = NULL};
	struct bwi_sqlite *of;
	sqlite3 *db;

	fill(s);
	make_filters();
	bw_store_free(s);
	b.store = s = open_store();
	of = bwi_sqlite_of(s);
	(void)append(s, "n-1", RECEIVED, 0);
	ok(of->append.list[1]->filter.name != NULL, "a filter is known");
	db = run_in(4, "CREATE TRIGGER no_insert BEFORE INSERT ON entry BEGIN "
		       "SELECT RAISE(ABORT, 'no'); END");
	(void)unlink(name(2, ".filter"));
	add_events(&b, "n-2", NULL);
	commit(&b);
	ok(b.err[0] != BW_OK, "a batch fails");
	(void)sqlite3_exec(db, "DROP TRIGGER no_insert", NULL, NULL, NULL);
	(void)sqlite3_close(db);
	is_int(append(s, "n-3", RECEIVED, 0).fate, BW_STORE_NEW, "then none");
	ok(of->append.n == 4 && of->append.list[1]->filter.name != NULL,
	    "the filter is still known");

	(void)fixture_count(s, &(struct bw_store_filter){.call = BW_STR("c")});
	damage(name(3, ""));
	ok(of->shared.list[0]->filter.name != NULL, "readers know filters");
	(void)unlink(name(1, ".filter"));
	uint64_t cursor = 0, seqs = 0;
	is_int(bw_store_read(s, &all, false, 9, &cursor, add_seq, &seqs, &e),
	    BW_ERR_CORRUPT, "reading fails: %s", e.msg);
	is_int((long long)fixture_count(
		   s, &(struct bw_store_filter){.call = BW_STR("c")}),
	    0, "another reads");
	ok(of->shared.n == 4 && of->shared.list[0]->filter.name != NULL,
	    "the filter is still known");
	stop(s);
}

static enum bw_err
append_unparsed(struct bw_store *s, const char *key, struct bw_str body)
{
	struct bw_store_event event =
	    fixture_event(bw_err_name(BW_ERR_SYNTAX), key);
	struct bw_store_result r = {0};

	event.family = BW_STR("unparsed");
	event.received = RECEIVED;
	event.body = body;
	event.message.p = NULL;
	e = (struct bw_error){0};
	return bw_store_append(s, &event, 1, fixture_in(LONG), &r, &e);
}

/* A body that cannot be decoded needs no segment without such ones. */
static void
test_unparsed(void)
{
	struct bw_store *s = start();
	size_t half = BWI_STORE_MAX_UNPARSED_BYTES / 2 + 1;
	char *big = malloc(half);

	if (big == NULL)
		exit(1);
	memset(big, 'x', half);
	is_int(append_unparsed(s, "u-1", (struct bw_str){big, half}), BW_OK,
	    "a large one: %s", e.msg);
	fill(s);
	make_filters();
	bw_store_free(s);
	damage(name(2, ""));
	(void)unlink(name(3, ".filter"));
	damage(name(3, ""));
	s = open_store();
	is_int(append_unparsed(s, "u-2", BW_STR("x")), BW_OK,
	    "one more, whatever is damaged: %s", e.msg);
	ok(bwi_sqlite_of(s)->append.list[1]->conn.db == NULL &&
		!bwi_sqlite_of(s)->append.list[1]->damaged,
	    "a segment without any is not opened");
	is_int(append_unparsed(s, "u-3", (struct bw_str){big, half}),
	    BW_ERR_LIMIT, "those of all segments are counted: %s", e.msg);
	free(big);
	stop(s);
}

/* The process that dropped the segment was killed before it counted that. */
static void
test_given_up(void)
{
	struct bw_store *s = start();
	unsigned turn = 0;

	fill(s);
	is_int((long long)fixture_count(s, NULL), 8, "all are open");
	is_int(append(s, "k-2", RECEIVED, 0).fate, BW_STORE_RUNNING, "twice");
	(void)unlink(name(2, ""));
	while (count_deleted() > 0 && tap_poll(&turn))
		;
	is_int(count_deleted(), 0, "the room is given back");
	is_int((long long)fixture_count(s, NULL), 6, "the others are read");
	stop(s);
}

void
segments_late(void)
{
	test_locked();
	test_failing();
	test_not_committed();
	test_damaged_late();
	test_filters();
	test_unparsed();
	test_given_up();
}
