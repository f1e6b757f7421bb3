/* What came in the last hour, by section. */
#include "page/traffic.h"

#include <stdio.h>

#include "config/config_internal.h"
#include "page/list_parts.h"
#include "store/store.h"

#define HOUR (BWI_TRAFFIC_BARS * BWI_TRAFFIC_BAR)

static void
begin(struct bwi_traffic *t)
{
	const struct bw_config *c = t->view->request->config;

	for (size_t i = 0; i < c->nsections && t->n < BWI_TRAFFIC_SECTIONS;
	     i++) {
		if (!bwi_section_is_page(c->sections[i].kind))
			t->v[t->n++].path = c->sections[i].path;
	}
}

static struct bwi_traffic_section *
find(struct bwi_traffic *t, struct bw_str path)
{
	for (size_t i = 0; i < t->n; i++) {
		if (bw_str_eq(t->v[i].path, path))
			return &t->v[i];
	}
	return NULL;
}

static void
add_time(struct bwi_traffic_section *s, int64_t us)
{
	size_t i = 0;

	while (i + 1 < BWI_TRAFFIC_TIMES && (INT64_C(1) << i) < us)
		i++;
	s->times[i]++;
	if (us > s->slowest)
		s->slowest = us;
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct bwi_traffic *t = arg;
	struct bwi_traffic_section *s = find(t, r->event.section);
	int64_t age = t->view->now - r->event.received;
	size_t bar;

	t->back = r->event.received;
	if (s == NULL)
		return true;
	s->events++;
	s->fallbacks += r->answer.fallback;
	s->errors += r->answer.status >= 400;
	if (r->answer.status != 0)
		add_time(s, r->answer.duration);
	bar = age > 0 && age < HOUR ? (size_t)(age / BWI_TRAFFIC_BAR) : 0;
	s->bars[BWI_TRAFFIC_BARS - 1 - bar]++;
	if (bwi_view_answer_state(r) != BWI_STATE_BAD)
		return true;
	s->wrong[BWI_TRAFFIC_BARS - 1 - bar] = true;
	t->fallbacks += r->answer.fallback;
	t->errors += r->answer.status >= 400;
	if (t->wrong == 0) {
		t->wrong = r->seq;
		t->wrong_at = r->event.received;
		t->wrong_section = s->path;
	}
	return true;
}

static bool
see_any(void *arg, const struct bw_store_row *unused)
{
	struct bwi_traffic *t = arg;

	(void)unused;
	t->any = true;
	return false;
}

enum bw_err
bwi_traffic_read(struct bwi_traffic *t, struct bw_store *store)
{
	const struct bw_store_filter all = {.since = 0},
				     hour = {.since = t->view->now - HOUR};
	int64_t half = t->view->until - (t->view->until - t->view->begun) / 2;
	uint64_t cursor = 0;
	enum bw_err err;

	begin(t);
	err = bwi_store_read_until(
	    store, &all, true, 1, &cursor, half, see_any, t, NULL);
	cursor = 0;
	if (err == BW_OK)
		err = bwi_store_read_until(
		    store, &hour, true, SIZE_MAX, &cursor, half, take, t, NULL);
	if (err == BW_OK || t->back == 0)
		t->back = 0;
	else if (err == BW_ERR_BUSY)
		err = BW_OK;
	return err;
}

/* The time within which a part of the answers went out. */
static int64_t
percentile(const struct bwi_traffic_section *s, unsigned percent)
{
	unsigned all = 0, n = 0;
	size_t i;

	for (i = 0; i < BWI_TRAFFIC_TIMES; i++)
		all += s->times[i];
	for (i = 0; i < BWI_TRAFFIC_TIMES; i++) {
		n += s->times[i];
		if (all > 0 && (uint64_t)n * 100 >= (uint64_t)all * percent)
			break;
	}
	return (INT64_C(1) << i) < s->slowest ? INT64_C(1) << i : s->slowest;
}

/* One bar for each two minutes; the highest one has all the height. */
static void
put_bars(struct bwi_view *v, const struct bwi_traffic_section *s)
{
	struct bwi_html *h = &v->html;
	unsigned most = 1;

	for (size_t i = 0; i < BWI_TRAFFIC_BARS; i++)
		most = s->bars[i] > most ? s->bars[i] : most;
	bwi_html_class(h, "svg", "bars");
	bwi_html_attr_puts(h, "viewBox", "0 0 120 20");
	bwi_html_attr_int(h, "width", 120);
	bwi_html_attr_int(h, "height", 20);
	bwi_html_attr_puts(h, "aria-hidden", "true");
	for (size_t i = 0; i < BWI_TRAFFIC_BARS; i++) {
		int64_t height = (19 * (int64_t)s->bars[i] + most - 1) / most;

		if (height == 0)
			continue;
		bwi_html_tag(h, "rect");
		if (s->wrong[i])
			bwi_html_attr_puts(h, "class", "wrong");
		bwi_html_attr_int(h, "x", (int64_t)i * 4);
		bwi_html_attr_int(h, "y", 20 - height);
		bwi_html_attr_int(h, "width", 3);
		bwi_html_attr_int(h, "height", height);
		bwi_html_end(h);
	}
	bwi_html_end(h);
}

static void
put_number(struct bwi_view *v, unsigned n, enum bwi_state state)
{
	char text[16];

	bwi_html_class(&v->html, "td", "n");
	(void)snprintf(text, sizeof(text), "%u", n);
	if (n > 0 && state != BWI_STATE_NONE)
		bwi_view_state(v, state, text);
	else
		bwi_html_puts(&v->html, text);
	bwi_html_end(&v->html);
}

static void
put_ms(struct bwi_view *v, int64_t us)
{
	bwi_html_class(&v->html, "td", "n");
	bwi_view_ms(v, us);
	bwi_html_end(&v->html);
}

static void
put_section(struct bwi_view *v, const struct bwi_traffic_section *s)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_html_tag(h, "a");
	bwi_view_attr_query(v, "href", "events?section=", s->path);
	bwi_html_text(h, s->path);
	bwi_html_end(h);
	bwi_html_end(h);
	put_number(v, s->events, BWI_STATE_NONE);
	bwi_html_tag(h, "td");
	put_bars(v, s);
	bwi_html_end(h);
	put_ms(v, percentile(s, 50));
	put_ms(v, percentile(s, 99));
	put_ms(v, s->slowest);
	put_number(v, s->errors, BWI_STATE_BAD);
	put_number(v, s->fallbacks, BWI_STATE_BAD);
	bwi_html_end(h);
}

void
bwi_traffic_put(const struct bwi_traffic *t)
{
	static const char *const names[] = {"Section", "Events", "Every 2 min",
	    "p50 ms", "p99", "Slowest", "Errors", "Fallbacks", NULL};
	struct bwi_view *v = t->view;

	bwi_html_tag(&v->html, "h2");
	if (t->back != 0) {
		bwi_html_puts(&v->html, "Sections, since ");
		bwi_view_time(v, t->back);
	} else {
		bwi_html_puts(&v->html, "Sections, last hour");
	}
	bwi_html_end(&v->html);
	bwi_list_head(v, "list sections", names);
	for (size_t i = 0; i < t->n; i++)
		put_section(v, &t->v[i]);
	bwi_html_end(&v->html);
	bwi_html_end(&v->html);
}
