/* Tables: files as spreadsheets write them, and invalid files. */
#include "data/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tap/tap.h"

static char path[64];

static void
write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(text, 1, n, f) != n || fclose(f) != 0)
		exit(1);
}

static const struct {
	const char *text;
	const char *key;
	const char *column;
	const char *want; /* NULL: no such row */
} good[] = {
    {"k,v\na,1\nb,2\n", "b", "v", "2"},
    {"k,v\na,1\nb,2", "b", "v", "2"},
    {"k,v\r\na,1\r\nb,2\r\n", "a", "v", "1"},
    {"\xef\xbb\xbfk,v\na,1\n", "a", "v", "1"},
    {"v,k\n1,a\n", "a", "v", "1"},
    {"k,v\n\"a\",\"x, \"\"y\"\"\n z\"\n", "a", "v", "x, \"y\"\n z"},
    {"k,v\n\"\",\n\n,\r\na,1\n", "a", "v", "1"},
    {"k,v\na,\n", "a", "v", ""},
    {"k,v\na,1\n", "c", "v", NULL},
    {"k,v\na,1\n", "", "v", NULL},
    {"k,v\n", "a", "v", NULL},
    {"k,v\na, 1 \n", "a", "v", " 1 "},
    {"k,v\na,x\"y\n", "a", "v", "x\"y"},
    {"\nk,v\na,1\n", "a", "v", "1"},
};

static const struct {
	const char *text;
	const char *want; /* message after the file's name */
} bad[] = {
    {"", ":1: empty: the first line must name the columns"},
    {"\n,,\n", ":1: empty: the first line must name the columns"},
    {"a,b\n", ":1: no column named \"k\""},
    {"k,\n", ":1: column without a name"},
    {"k,v,v\n", ":1: two columns named \"v\""},
    {"k,v\na,1,2\n", ":2: 3 fields, but 2 columns"},
    {"k,v\n\na\n", ":3: 1 fields, but 2 columns"},
    {"k,v\n,1\n", ":2: empty key column \"k\""},
    {"k,v\na,1\nb,2\na,3\n", ":4: duplicate key \"a\""},
    {"k,v\n\"a\"\"\n\n\",1\nb,2\nb,3\n", ":6: duplicate key \"b\""},
    {"k,v\na,\"1\n\n", ":2: unterminated quoted field"},
    {"k,v\na,\"1\"x\n",
	":2: text after a closing quote: put the whole field in quotes and "
	"double the quotes inside"},
    {"k,v\na,\xe9\n", ":2: not UTF-8: save the table as \"CSV UTF-8\""},
};

static void
test_good(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct bw_error e = {0};
		struct bwi_table *t = NULL;
		const char *key = good[i].key, *col = good[i].column;

		write_file(good[i].text, strlen(good[i].text));
		if (!ok(bwi_table_open(&t, path, BW_STR("k"), &e) == BW_OK,
			"table %zu: %s", i, e.msg))
			continue;
		is_text(
		    bwi_table_get(t, (struct bw_str){key, strlen(key)},
			bwi_table_column(t, (struct bw_str){col, strlen(col)})),
		    good[i].want, "table %zu, key %s", i, key);
		bwi_table_free(t);
	}
}

static void
test_bad(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bw_error e = {0};
		struct bwi_table *t = NULL;

		write_file(bad[i].text, strlen(bad[i].text));
		ok(bwi_table_open(&t, path, BW_STR("k"), &e) != BW_OK,
		    "bad table %zu is refused", i);
		is_str(e.msg + strlen(path), bad[i].want,
		    "bad table %zu: message", i);
	}
}

static void
test_rest(void)
{
	struct bw_error e = {0};
	struct bwi_table *t = NULL;

	write_file("k\0,v\n", 5);
	is_int(bwi_table_open(&t, path, BW_STR("k"), &e), BW_ERR_ENCODING,
	    "a NUL");
	e = (struct bw_error){0};
	is_int(bwi_table_open(&t, "/nonexistent/x.csv", BW_STR("k"), &e),
	    BW_ERR_NOFILE, "no file");
	is_str(e.msg, "/nonexistent/x.csv: No such file or directory",
	    "no file: message");
	e = (struct bw_error){0};
	is_int(bwi_table_open(&t, "/tmp", BW_STR("k"), &e), BW_ERR_NOFILE,
	    "a folder");
	bwi_table_free(NULL);
}

static void
test_many(void)
{
	FILE *f = fopen(path, "wb");
	struct bw_error e = {0};
	struct bwi_table *t = NULL;
	bool all = true;

	if (f == NULL)
		exit(1);
	fputs("k,v\n", f);
	for (int i = 0; i < 5000; i++)
		fprintf(f, "key%d,%d\n", i, i * 7);
	if (fclose(f) != 0)
		exit(1);
	if (!ok(bwi_table_open(&t, path, BW_STR("k"), &e) == BW_OK,
		"5000 rows"))
		return;
	is_int((long long)bwi_table_rows(t), 5000, "5000 rows: number of rows");
	for (int i = 0; i < 5000 && all; i++) {
		char key[32], want[32];
		int n = snprintf(key, sizeof(key), "key%d", i);

		snprintf(want, sizeof(want), "%d", i * 7);
		all = bw_str_is(
		    bwi_table_get(t, (struct bw_str){key, (size_t)n}, 1), want);
	}
	ok(all, "5000 rows: every key is found");
	bwi_table_free(t);
}

static void
test_no_memory(void)
{
	unsigned long n = 0;
	enum bw_err err;

	write_file(good[5].text, strlen(good[5].text));
	do {
		struct bwi_table *t = NULL;

		tap_fail_alloc(++n);
		err = bwi_table_open(&t, path, BW_STR("k"), NULL);
		bwi_table_free(t);
	} while (err == BW_ERR_NOMEM && n < 100);
	tap_fail_alloc(0);
	is_int(err, BW_OK, "every allocation failed in turn (%lu)", n);
	ok(n > 3, "the test made allocations fail");
}

int
main(void)
{
	snprintf(path, sizeof(path), "/tmp/t_table.%ld", (long)getpid());
	test_good();
	test_bad();
	test_rest();
	test_many();
	test_no_memory();
	unlink(path);
	return tap_done();
}
