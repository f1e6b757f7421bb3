/* Pages say what their script may follow. */
#include "page/live.h"

#include "store/store.h"

static bool
see_newest(void *arg, const struct bw_store_row *r)
{
	*(uint64_t *)arg = r->seq;
	return false;
}

static void
put(struct bwi_view *v, const char *how, uint64_t after, struct bw_str call)
{
	struct bwi_html *h = &v->html;

	bwi_html_class(h, "p", "live");
	bwi_html_attr_puts(h, "id", "live");
	bwi_html_attr_puts(h, "data-how", how);
	bwi_html_attr_int(h, "data-after", (int64_t)after);
	bwi_view_attr_up(v, "data-base", "");
	if (call.p != NULL)
		bwi_html_attr(h, "data-call", call);
	bwi_html_end(h);
}

void
bwi_live_put(struct bwi_view *v, struct bw_store *store, const char *how)
{
	static const struct bw_store_filter all = {.since = 0};
	uint64_t cursor = 0, newest = 0;
	enum bw_err err = BW_ERR_UNSUPPORTED;

	if (store != NULL)
		err = bwi_store_read_until(store, &all, true, 1, &cursor,
		    v->until, see_newest, &newest, NULL);
	/* Without a file nothing has come yet: the first event makes it. */
	if (err == BW_OK || err == BW_ERR_NOFILE)
		put(v, how, newest, (struct bw_str){NULL, 0});
}

void
bwi_live_put_call(struct bwi_view *v, struct bw_str call, uint64_t last)
{
	put(v, "page", last, call);
}
