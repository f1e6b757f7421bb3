/* The page "Flow": the picture of the configuration, with its traffic. */
#include "config/config_internal.h"
#include "page/flow_picture.h"
#include "store/store_handle.h"

/* The times that may be looked at. */
static const struct {
	const char *since, *words;
	int64_t ms;
} times[] = {
    {"1h", "last hour", INT64_C(3600000)},
    {"24h", "last day", INT64_C(86400000)},
    {"7d", "last week", INT64_C(604800000)},
};

#define TIMES (sizeof(times) / sizeof(times[0]))

static const char *
no_class(void *arg, struct bw_str id)
{
	(void)arg;
	(void)id;
	return NULL;
}

/* Which of the times; TIMES: none of them. */
static size_t
find_time(const struct bwi_view *v)
{
	struct bw_str since = bwi_view_param(v, "since");
	size_t i = 0;

	while (
	    since.p != NULL && i < TIMES && !bw_str_is(since, times[i].since))
		i++;
	return i;
}

static void
put_times(struct bwi_view *v, size_t chosen)
{
	struct bwi_html *h = &v->html;

	bwi_html_class(h, "p", "acts");
	for (size_t i = 0; i < TIMES; i++) {
		char address[32] = "flow?since=";

		bwi_html_puts(h, " ");
		if (i == chosen) {
			bwi_view_put(v, "strong", NULL, times[i].words);
			continue;
		}
		memcpy(
		    address + 11, times[i].since, strlen(times[i].since) + 1);
		bwi_html_tag(h, "a");
		bwi_view_attr_up(v, "href", address);
		bwi_html_puts(h, times[i].words);
		bwi_html_end(h);
	}
	bwi_html_end(h);
}

static void
put_sum(struct bwi_view *v, const struct bwi_flow_traffic *t, size_t chosen)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "p");
	bwi_html_printf(h, "%u call%s in the %s", t->calls,
	    t->calls == 1 ? "" : "s", times[chosen].words);
	if (t->incomplete) {
		bwi_html_puts(h, ", as far as there was time to look: to ");
		bwi_view_time(v, t->back);
	}
	bwi_html_puts(h,
	    ". Lines are as wide as their traffic. What is red failed for "
	    "somebody.");
	bwi_html_end(h);
}

static void
put_flow(struct bwi_view *v, const struct bw_graph *g, size_t chosen)
{
	struct bwi_flow_marks marks = {no_class, NULL, true, false, NULL};
	const struct bw_store_filter filter = {
	    .family = BW_STR("voice"), .since = v->now - times[chosen].ms};
	struct bwi_flow_traffic traffic = {.n = 0};
	struct bw_store *store = bwi_view_store(v);
	enum bw_err err = BW_ERR_LIMIT;

	if (store != NULL)
		err = bwi_flow_traffic_read(
		    &traffic, g, v->request->config, store, &filter, v->until);
	if (err == BW_OK) {
		marks.traffic = &traffic;
		put_sum(v, &traffic, chosen);
	} else if (err != BW_ERR_LIMIT) {
		(void)bwi_view_store_failed(v, err);
	}
	bwi_flow_picture(v, g, &marks, "The flow and its traffic");
	bwi_flow_traffic_free(&traffic);
}

void
bwi_flow_write(struct bwi_view *v)
{
	size_t chosen = find_time(v);
	struct bw_graph *g;

	if (chosen == TIMES) {
		bwi_frame_sentence(v, 400, "Not understood",
		    "The traffic is that since 1h, 24h or 7d.");
		return;
	}
	bwi_frame_begin(v, "Flow");
	bwi_view_put(v, "p", "note",
	    "What callers hear, and where their choices lead. A rule opens "
	    "the events of its path.");
	put_times(v, chosen);
	bwi_frame_titled(v);
	g = bwi_flow_graph(v);
	if (g != NULL)
		put_flow(v, g, chosen);
	bw_graph_free(g);
	bwi_frame_end(v);
}
