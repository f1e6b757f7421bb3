/* The size of the spool that belongs to a store. */
#include <stdio.h>

#include <bwcallback/tools/store.h>

#include "fixture.h"
#include "tests/tap/tap.h"

static struct bw_error e;

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		tap_diag("%s: cannot be written", path);
}

static void
test_spooled(void)
{
	char dir[64], url[128], file[128];
	enum bw_err err = BW_ERR_NOMEM;
	uint64_t bytes = 7;
	unsigned long n;

	fixture_make_dir(dir);
	(void)snprintf(url, sizeof(url), "sqlite:%s/x.db", dir);
	(void)snprintf(file, sizeof(file), "%s/x.db.spool", dir);
	is_int(bw_store_spooled(url, &bytes, &e), BW_OK, "no spool");
	ok(bytes == 0, "no bytes");
	write_file(file, "seven..");
	for (n = 1; n < 50 && err == BW_ERR_NOMEM; n++) {
		tap_fail_alloc(n);
		err = bw_store_spooled(url, &bytes, &e);
		tap_fail_alloc(0);
	}
	ok(n > 2, "it fails without memory");
	is_int(err, BW_OK, "%lu failed allocations", n - 2);
	ok(bytes == 7, "so many bytes");
	fixture_remove_dir(dir);
}

static void
test_memory(void)
{
	uint64_t bytes = 7;

	is_int(bw_store_spooled("mem:", &bytes, &e), BW_OK, "memory");
	ok(bytes == 0, "has no spool");
}

int
main(void)
{
	test_spooled();
	test_memory();
	return tap_done();
}
