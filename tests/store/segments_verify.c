/* Verifying the segments of the SQLite store. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "segments.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

static void
add_text(void *arg, const struct bw_finding *f)
{
	char *text = arg;
	size_t n = strlen(text);

	(void)snprintf(text + n, 512 - n, "%s; ", f->text);
}

/* The errors and warnings; text: all. */
static uint64_t
verify(struct bw_store *s, unsigned how, char text[512])
{
	const struct bw_reporter r = {add_text, text};
	struct bw_store_soundness v;

	text[0] = '\0';
	e = (struct bw_error){0};
	is_int(bw_store_verify(s, how, &r, &v, &e), BW_OK, "verify: %s", e.msg);
	return v.errors + v.warnings;
}

static void
run_sql(const char *file, const char *sql)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(file, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

/* What is wrong, and what verifying says of it. */
static const struct {
	unsigned segment;
	enum {
		BOTH,
		PLAIN,
		PACKED
	} kind;
	const char *sql;
	const char *text;
} wrongs[] = {
    {1, BOTH, "UPDATE consumer SET position = 99",
	"consumer work is at event 99"},
    {1, BOTH, "INSERT INTO work (consumer, seq) VALUES ('work', 7)",
	"work after its place"},
    {2, PLAIN, "DELETE FROM entry WHERE seq = 3",
	"1 events that are not counted"},
    {2, PACKED, "DELETE FROM entry_slim WHERE seq = 3",
	"1 events that are not counted"},
    {2, PACKED, "DELETE FROM entry_slim WHERE seq = 3",
	"its groups have 2 events instead of 1"},
    {2, PACKED, "UPDATE pack SET rows = x'00'",
	"the group with event 3 is damaged"},
    {2, PACKED, "UPDATE pack SET first = 2",
	"the group with event 2 is damaged"},
    {2, BOTH, "UPDATE meta SET first = 4", "begins with event 4"},
    {2, BOTH, "DELETE FROM term WHERE seq = 3", "not found by their type"},
    {2, PLAIN,
	"INSERT INTO answer VALUES (9, 200, 0, 1, 1, NULL, NULL, 0, NULL)",
	"answers without an event"},
    {2, PACKED,
	"INSERT INTO answer_slim VALUES (9, 200, 0, 1, 1, 0, 1, NULL, NULL, "
	"NULL)",
	"answers without an event"},
    {2, PLAIN,
	"UPDATE entry SET key = 'k', received = 1; "
	"UPDATE block SET oldest = 1, newest = 1",
	"stored twice"},
    {2, BOTH, "INSERT INTO term VALUES (77, 3)", "its filter denies 1"},
};

static void
test_verify(void)
{
	const struct bw_store_filter all = {0};
	struct bw_store *s;
	char text[512];

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		if (wrongs[i].kind == (compacted ? PLAIN : PACKED))
			continue;
		s = start();
		fill(s);
		make_filters();
		is_int(bw_store_consumer(s, "work", &all, 5, &e), BW_OK,
		    "a consumer");
		is_int((long long)verify(s, 0, text), 0, "sound: %s", text);
		run_sql(name(wrongs[i].segment, ""), wrongs[i].sql);
		ok(verify(s, 0, text) > 0 &&
			strstr(text, wrongs[i].text) != NULL,
		    "%s: %s", wrongs[i].text, text);
		stop(s);
	}
}

/* A damaged segment gets another name, and the rest is read again. */
static void
test_set_aside(void)
{
	struct bw_store *s = start(), *other;
	uint64_t cursor = 0, all = 0;
	char text[512];

	fill(s);
	bw_store_free(s);
	damage(name(2, ""));
	s = open_store();
	other = open_store();
	ok(bw_store_read(other, &(struct bw_store_filter){0}, false, 9, &cursor,
	       add_seq, &all, &e) == BW_ERR_CORRUPT,
	    "it is damaged");
	is_int(
	    (long long)verify(s, BW_STORE_VERIFY_QUICK, text), 1, "%s", text);
	ok(is_there(2, "") && strstr(text, "--set-aside") != NULL,
	    "it says how");
	is_int((long long)verify(s, BW_STORE_VERIFY_SET_ASIDE, text), 1, "%s",
	    text);
	ok(!is_there(2, "") &&
		is_there(2, compacted ? ".packed.damaged" : ".damaged"),
	    "it is set aside");
	is_int((long long)read_all(
		   other, &(struct bw_store_filter){0}, false, 0, 9),
	    125678, "the others are read");
	is_int(
	    (long long)append(s, "new", RECEIVED, 0).seq, 9, "and it goes on");
	is_int((long long)verify(s, 0, text), 0, "nothing else is wrong: %s",
	    text);
	(void)unlink(name(3, ""));
	bw_store_free(other);
	other = open_store();
	is_int((long long)verify(other, 0, text), 1, "a missing one: %s", text);
	bw_store_free(other);
	stop(s);
}

static bool
take_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	(void)r;
	*(struct bw_store_lease *)arg = *l;
	return true;
}

static uint64_t
handle_next(struct bw_store *s)
{
	struct bw_store_lease l = {.seq = 0};

	e = (struct bw_error){0};
	is_int(bw_store_lease(s, "work", 9, 600000, take_lease, &l, &e), BW_OK,
	    "lease: %s", e.msg);
	if (l.seq != 0)
		is_int(bw_store_settle(
			   s, "work", &l, BW_STORE_DONE, 0, BW_STR(""), &e),
		    BW_OK, "settle: %s", e.msg);
	return l.seq;
}

/* Events that are lost do not hold up the later ones of their thread. */
static void
test_lost_work(void)
{
	const struct bw_store_filter all = {0};
	struct bw_store *s = start();
	char text[512];

	fill(s);
	is_int(bw_store_consumer(s, "work", &all, 0, &e), BW_OK, "a consumer");
	bw_store_free(s);
	run_sql(name(1, ""), "INSERT INTO work (consumer, seq, thread) SELECT "
			     "'work', value, 't' "
			     "FROM json_each('[1, 2, 3, 4, 5, 6, 7, 8]');"
			     "UPDATE consumer SET position = 8");
	s = open_store();
	is_int((long long)handle_next(s), 1, "the first of the thread");
	is_int((long long)handle_next(s), 2, "the next");
	bw_store_free(s);
	damage(name(2, ""));
	s = open_store();
	struct bw_store_lease l;
	ok(bw_store_lease(s, "work", 9, 0, take_lease, &l, &e) != BW_OK ||
		fixture_number(name(1, ""), "SELECT count(*) FROM work") == 6,
	    "while the segment may come back, its work stays");
	is_int(fixture_number(name(1, ""), "SELECT count(*) FROM work"), 6,
	    "all of it");
	is_int((long long)verify(s, BW_STORE_VERIFY_SET_ASIDE, text), 1, "%s",
	    text);
	is_int((long long)handle_next(s), 5, "the first that is left");
	is_int((long long)handle_next(s), 6, "and so on");
	is_int(fixture_number(name(1, ""), "SELECT count(*) FROM work"), 2,
	    "the rest");
	stop(s);
}

void
segments_verify(void)
{
	test_lost_work();
	test_verify();
	test_set_aside();
}
