/* Exporting the events of all segments into one database. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "segments.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

static char to[200], to_url[220];

static uint64_t
export_to(struct bw_store *s, const struct bw_store_filter *f, const char *end)
{
	uint64_t n = 99;

	(void)snprintf(to, sizeof(to), "%s", name(1, end));
	(void)snprintf(to_url, sizeof(to_url), "sqlite:%s", to);
	e = (struct bw_error){0};
	is_int(bw_store_export(s, f, to, &n, &e), BW_OK, "export: %s", e.msg);
	return n;
}

static struct bw_store *
open_exported(void)
{
	struct bw_store *s = NULL;

	e = (struct bw_error){0};
	is_int(bw_store_open(to_url, &s, &e), BW_OK, "a store: %s", e.msg);
	return s;
}

static bool
copy_row(void *arg, const struct bw_store_row *r)
{
	char *text = arg;
	size_t n = strlen(text);

	(void)snprintf(text + n, 2000 - n, "%d %.*s %u %lld %lld %d %.*s\n",
	    (int)r->seq, (int)r->event.key.n, r->event.key.p, r->deliveries,
	    (long long)r->last, (long long)r->event.claim, r->answer.status,
	    (int)r->event.body.n, r->event.body.p);
	return true;
}

static void
put_rows(struct bw_store *s, char text[2000])
{
	uint64_t cursor = 0;

	text[0] = '\0';
	is_int(bw_store_read(s, &(struct bw_store_filter){.since = 0}, false,
		   99, &cursor, copy_row, text, &e),
	    BW_OK, "read: %s", e.msg);
}

/* All there is about each event, in one file with the tables of a store. */
static void
test_all(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store *s = start(), *other;
	struct bw_store_soundness sound;
	char rows[2][2000];

	fill(s);
	record(s, 3);
	is_int(append(s, "k-4", RECEIVED + 4 * DAY + 1, 50000).fate,
	    BW_STORE_RUNNING, "a second delivery");
	put_rows(s, rows[0]);
	is_int((long long)export_to(s, &all, "-export"), 8, "all");
	is_int(fixture_number(to, "SELECT count(*) FROM event "
				  "JOIN form USING (type)"),
	    8, "to be read with SQL");
	is_int(fixture_number(to, "SELECT key = 'k-4' AND deliveries = 2 "
				  "FROM event WHERE seq = 5"),
	    1, "as the tables are described");
	is_int(fixture_number(to, "SELECT status FROM answer WHERE seq = 3"),
	    200, "with answers");
	ok(access(name(1, "-export-wal"), F_OK) != 0, "it has no log");
	other = open_exported();
	put_rows(other, rows[1]);
	is_str(rows[1], rows[0], "the same rows");
	is_int(bw_store_verify(other, 0, NULL, &sound, &e), BW_OK, "verify");
	is_int((long long)(sound.errors + sound.warnings), 0, "it is sound");
	is_int((long long)append(other, "new", RECEIVED, 0).seq, 9, "goes on");
	bw_store_free(other);
	stop(s);
}

/* Only what is selected; its numbers have gaps. */
static void
test_some(void)
{
	const struct bw_store_filter none = {.since = RECEIVED + 99 * DAY};
	const struct bw_store_filter some = {
	    .since = RECEIVED + 3 * DAY, .until = RECEIVED + 5 * DAY};
	struct bw_store *s = start(), *other;

	fill(s);
	is_int((long long)export_to(s, &some, "-some"), 2, "some");
	other = open_exported();
	is_int((long long)read_all(
		   other, &(struct bw_store_filter){.since = 0}, false, 0, 9),
	    45, "these");
	is_int(append(other, "k-4", RECEIVED + 4 * DAY, 0).fate,
	    BW_STORE_RUNNING, "which it knows");
	bw_store_free(other);
	is_int((long long)export_to(s, &none, "-none"), 0, "none");
	is_int(fixture_number(to, "SELECT count(*) FROM event"), 0, "tables");
	stop(s);
}

/* Nothing is replaced, or left when it fails. */
static void
test_refused(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store *s = start();
	uint64_t n = 99;
	struct stat st;

	fill(s);
	(void)fclose(fopen(name(1, "-there"), "w"));
	e = (struct bw_error){0};
	ok(bw_store_export(s, &all, name(1, "-there"), &n, &e) != BW_OK &&
		strstr(e.msg, "-there") != NULL,
	    "a file that is there: %s", e.msg);
	ok(stat(name(1, "-there"), &st) == 0 && st.st_size == 0, "stays");
	is_int((long long)n, 0, "none is exported");
	e = (struct bw_error){0};
	ok(bw_store_export(s, &all, "/nowhere/x.db", &n, &e) != BW_OK,
	    "no folder: %s", e.msg);
	damage(name(3, ""));
	e = (struct bw_error){0};
	is_int(bw_store_export(s, &all, name(1, "-damaged"), &n, &e),
	    BW_ERR_CORRUPT, "a damaged segment: %s", e.msg);
	ok(!is_there(1, "-damaged"), "nothing is left");
	stop(s);
}

void
segments_export(void)
{
	test_all();
	test_some();
	test_refused();
}
