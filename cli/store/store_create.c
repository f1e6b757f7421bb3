/* bwcallback store create: the administrator's step for a database. */
#include "cli/store/store.h"

#include <stdio.h>

#include <bwcallback/tools/store.h>

#include "cli/common/findings.h"

/* Maximum size of the statements. */
#define MAX_SQL ((size_t)1 << 20)

static enum bw_err
print_sql(const char *url, struct bw_error *e)
{
	struct bw_buf b;
	enum bw_err err;

	bw_buf_init(&b, MAX_SQL);
	err = bw_store_sql(url, &b, e);
	if (err == BW_OK && fwrite(b.p, 1, b.n, stdout) != b.n)
		err = bw_error_set(e, BW_ERR_IO, 0, "standard output: error");
	bw_buf_free(&b);
	return err;
}

enum bw_err
store_create(const struct store_options *o, struct bw_error *e)
{
	const struct bw_reporter reporter = {.fn = finding_complain};

	return o->dry_run ? print_sql(o->argv[0], e)
			  : bw_store_create(o->argv[0], &reporter, e);
}
