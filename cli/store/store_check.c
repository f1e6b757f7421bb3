/* bwcallback store check: could acknowledged events be lost? */
#include "cli/store/store.h"

#include <bwcallback/tools/store.h>

#include "cli/common/findings.h"
#include "cli/common/store_option.h"

static enum bw_err
check_one(void *arg, const struct bw_config_store *which, struct bw_error *e)
{
	const struct bw_reporter reporter = {findings_take, arg};

	return bw_store_check(which->url, &reporter, e);
}

enum bw_err
store_check(const struct store_options *o, struct bw_error *e)
{
	struct findings all = {.n = 0};
	enum bw_err err = store_each(o->store, o->config, check_one, &all, e);

	if (err == BW_OK && all.failed)
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "out of memory");
	if (err == BW_OK && all.errors > 0)
		err = bw_error_set(
		    e, BW_ERR_CONFIG, 0, "store: it is not safe as it is");
	findings_print(&all, o->json);
	findings_free(&all);
	return err;
}
