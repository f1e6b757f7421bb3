/* bwcallback store compact: compress the full files of a store. */
#include <stdio.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/store_option.h"
#include "cli/store/store.h"

static void
print_result(const struct bw_store_compaction *r)
{
	printf("%llu files compacted", (unsigned long long)r->segments);
	if (r->segments > 0)
		printf(": %llu bytes instead of %llu",
		    (unsigned long long)r->after,
		    (unsigned long long)r->before);
	putchar('\n');
}

enum bw_err
store_compact(const struct store_options *o, struct bw_error *e)
{
	struct bw_store_compaction r = {.segments = 0};
	struct bw_store *s = NULL;
	enum bw_err err = store_get(o->store, o->config, &s, e);

	if (err == BW_OK)
		err = bw_store_compact(s, bw_realtime_ms() - o->older, &r, e);
	bw_store_free(s);
	if (err == BW_OK || r.segments > 0)
		print_result(&r);
	return err;
}
