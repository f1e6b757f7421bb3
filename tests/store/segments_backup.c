/* Backups of segments. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "segments.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

static ino_t
inode(const char *file)
{
	struct stat st = {.st_ino = 0};

	(void)stat(file, &st);
	return st.st_ino;
}

static void
check_copy(const char *to)
{
	struct bw_store *copy = NULL;
	char copy_url[800];

	(void)snprintf(copy_url, sizeof(copy_url), "sqlite:%s", to);
	e = (struct bw_error){0};
	is_int(bw_store_open(copy_url, &copy, &e), BW_OK, "a store: %s", e.msg);
	is_int((long long)read_all(
		   copy, &(struct bw_store_filter){0}, false, 0, 99),
	    12345678, "with all events");
	is_int(append(copy, "k-1", RECEIVED, 0).fate, BW_STORE_RUNNING,
	    "it knows the keys");
	is_int(
	    (long long)append(copy, "new", RECEIVED, 0).seq, 9, "and goes on");
	bw_store_free(copy);
}

/* Closed segments that have not changed are stored once. */
static void
test_backup(void)
{
	struct bw_store *s = start();
	char to[3][200], part[3][2][240];

	fill(s);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(
		    to[i], sizeof(to[i]), "%s-copy-%d.db", name(1, ""), i);
		for (int k = 0; k < 2; k++)
			(void)snprintf(part[i][k], sizeof(part[i][k]),
			    "%.199s.%06d%s", to[i], k + 2,
			    compacted ? ".packed" : "");
		if (i == 2)
			record(s, 5);
		e = (struct bw_error){0};
		is_int(bw_store_backup(s, to[i], NULL, NULL, &e), BW_OK,
		    "backup %d: %s", i, e.msg);
	}
	ok(inode(part[0][0]) == inode(part[1][0]) && inode(part[0][0]) != 0,
	    "the second has the same file");
	ok(inode(part[0][1]) == inode(part[1][1]), "of each");
	ok(inode(part[1][0]) == inode(part[2][0]), "so has the third,");
	ok(inode(part[1][1]) != inode(part[2][1]),
	    "but not of the one that was changed");
	ok(bw_store_backup(s, to[0], NULL, NULL, NULL) != BW_OK,
	    "a backup is never replaced");
	bw_store_free(s);
	check_copy(to[2]);
	stop(NULL);
}

/* What an interrupted backup left is neither replaced nor completed. */
static void
test_leftovers(void)
{
	static const char *const ends[] = {
	    ".000002", ".000009", ".part", ".000003"};
	struct bw_store *s = start();

	fill(s);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char to[100], left[120];

		(void)snprintf(to, sizeof(to), "%s-copy.db", name(1, ""));
		(void)snprintf(left, sizeof(left), "%s%s", to, ends[i]);
		(void)fclose(fopen(left, "w"));
		e = (struct bw_error){0};
		ok(bw_store_backup(s, to, NULL, NULL, &e) != BW_OK &&
			strstr(e.msg, left) != NULL,
		    "%s: refused: %s", ends[i], e.msg);
		ok(access(left, F_OK) == 0 && access(to, F_OK) != 0,
		    "nothing is removed or made");
		(void)unlink(left);
		is_int(bw_store_backup(s, to, NULL, NULL, &e), BW_OK,
		    "then it is made");
		check_copy(to);
		for (int k = 1; k <= 4; k++) {
			(void)snprintf(left, sizeof(left),
			    k > 1 ? "%s.%06d" : "%s", to, k);
			(void)unlink(left);
			(void)snprintf(
			    left, sizeof(left), "%s.%06d.packed", to, k);
			(void)unlink(left);
		}
	}
	stop(s);
}

void
segments_backup(void)
{
	test_backup();
	test_leftovers();
}
