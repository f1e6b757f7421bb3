/* Steps of compacting a segment, and what comes between them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "segments_faults.h"
#include "store/pack.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"
#include "tests/tap/tap.h"

static bool
get_status(void *arg, const struct bw_store_row *r)
{
	*(int *)arg = r->answer.status;
	return true;
}

/* The answer to event 5 can be recorded, or is there. */
static void
check_answer(const char *how)
{
	struct bw_store *s;
	uint64_t cursor = 4;
	int status = 0;

	is_int(repeat(), BW_OK, "%s: an answer: %s", how, e.msg);
	s = open_store(url);
	e = (struct bw_error){0};
	is_int(bw_store_read(s, &(struct bw_store_filter){0}, false, 1, &cursor,
		   get_status, &status, &e),
	    BW_OK, "%s: %s", how, e.msg);
	is_int(status, 200, "%s: it is there", how);
	bw_store_free(s);
}

static struct bw_store_compaction compacted;

enum bw_err
compact_all(void)
{
	e = (struct bw_error){0};
	return bwi_compact(path, INT64_MAX, NULL, &compacted, &e);
}

/* The files of segments 2 that are no longer used, or not complete. */
static bool
is_left(const char *file)
{
	return is_temporary(file) || (strstr(file, ".000002") != NULL &&
					 strstr(file, ".packed") == NULL &&
					 strstr(file, ".filter") == NULL);
}

/* Both answer the same; afterwards there is only one. */
void
compact_check(const char *how)
{
	char name[200];

	check_events(url, ALL, how);
	(void)count_files(is_temporary);
	is_int(compact_all(), BW_OK, "%s: again: %s", how, e.msg);
	is_int(count_files(is_left), 0, "%s: nothing is left", how);
	(void)snprintf(name, sizeof(name), "%s.000002.packed", path);
	is_int(access(name, F_OK), 0, "%s: it is compacted", how);
	check_events(url, ALL "8", how);
	check_answer(how);
}

/* The segment is compacted before. */
void
compact_before(void)
{
	if (bwi_pack_available())
		is_int(compact_all(), BW_OK, "compacted: %s", e.msg);
}

static void
answer_late(void)
{
	is_int(repeat(), BW_OK, "a late answer: %s", e.msg);
}

static void
drop_now(void)
{
	is_int(drop(), BW_OK, "it is dropped: %s", e.msg);
}

/* What happens after the segment was copied, before the copy replaces it. */
static void
test_meanwhile(void)
{
	start();
	at_sync = answer_late;
	is_int(compact_all(), BW_OK, "a change meanwhile: %s", e.msg);
	ok(at_sync == NULL, "there was one");
	is_int((long long)compacted.segments, 1, "compacted");
	is_int(count_files(is_left), 0, "nothing is left");
	check_events(url, ALL, "a change meanwhile");
	check_answer("a change meanwhile");
	fixture_remove_dir(dir);

	start();
	at_sync = drop_now;
	is_int(compact_all(), BW_OK, "dropped meanwhile: %s", e.msg);
	ok(at_sync == NULL, "it was");
	is_int((long long)compacted.segments, 0, "it does not come back");
	is_int(count_files(is_removed), 0, "nothing is left");
	check_events(url, "67", "dropped meanwhile");
	fixture_remove_dir(dir);
}

/* The segment that is there twice: a process was killed, or files copied. */
static void
test_twice(void)
{
	char plain[200], away[200];
	struct bw_store *s;

	start();
	(void)snprintf(plain, sizeof(plain), "%s.000002", path);
	(void)snprintf(away, sizeof(away), "%s/away", dir);
	copy_file(plain, away);
	is_int(compact_all(), BW_OK, "compacted: %s", e.msg);
	copy_file(away, plain);
	is_int(repeat(), BW_OK, "a late answer: %s", e.msg);
	s = open_store(url);
	is_int((long long)append(s, 5).deliveries, 2, "the compacted one");
	bw_store_free(s);
	is_int(make_filters(), BW_OK, "maintenance: %s", e.msg);
	ok(access(plain, F_OK) != 0, "the other is removed");
	check_events(url, ALL, "twice");
	check_answer("twice");
	copy_file(away, plain);
	is_int(drop(), BW_OK, "dropped: %s", e.msg);
	is_int(count_files(is_removed), 0, "both are");
	check_events(url, "678", "twice, dropped");
	fixture_remove_dir(dir);
}

void
compact_meanwhile(void)
{
	test_meanwhile();
	test_twice();
}
