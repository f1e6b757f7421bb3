/* The pages of consumers, and of one with its dead letters. */
#include <stdio.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "base/decimal.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/consumer_state.h"
#include "page/list_parts.h"
#include "store/store.h"

/* Dead letters on one page. */
#define MAX_DEAD 50

struct list {
	struct bwi_view *view;
	struct bw_str only; /* one consumer; p NULL: all */
	size_t n;
	uint64_t dead;
};

static void
put_row(struct list *l, const struct bw_store_consumer_state *s)
{
	static const char *const names[] = {
	    "Name", "State", "Behind", "Oldest", "Dead", "Last seen", NULL};
	struct bwi_view *v = l->view;
	struct bwi_html *h = &v->html;

	if (l->n == 0)
		bwi_list_head(v, "list events", names);
	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link(v, NULL, "consumers", s->name);
	bwi_html_text(h, s->name);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_html_tag(h, "td");
	bwi_consumer_put_state(v, s);
	bwi_html_end(h);
	bwi_list_number(v, "Behind");
	bwi_html_int(h, (int64_t)(s->pending + s->ahead));
	bwi_html_end(h);
	bwi_html_tag(h, "td");
	if (s->oldest != 0)
		bwi_view_age(v, s->oldest);
	bwi_html_end(h);
	bwi_list_number(v, "Dead");
	bwi_html_int(h, (int64_t)s->dead);
	bwi_html_end(h);
	bwi_html_tag(h, "td");
	bwi_html_attr_puts(h, "data-name", "Last seen");
	if (s->seen != 0)
		bwi_view_time(v, s->seen);
	bwi_html_end(h);
	bwi_html_end(h);
}

static bool
take(void *arg, const struct bw_store_consumer_state *s)
{
	struct list *l = arg;

	if (l->only.p != NULL && !bw_str_eq(l->only, s->name))
		return true;
	put_row(l, s);
	l->n++;
	l->dead += s->dead;
	return true;
}

/* The table of all consumers, or of one. */
static void
put_table(struct list *l, struct bw_store *store)
{
	struct bwi_view *v = l->view;
	size_t depth = v->html.depth;
	enum bw_err err =
	    bwi_store_consumers_until(store, 0, v->until, take, l, NULL);

	bwi_html_end_to(&v->html, depth);
	if (!bwi_view_store_failed(v, err) && l->n == 0)
		bwi_view_put(v, "p", "empty",
		    "There is no consumer: bwcallback-consume(1) makes one.");
}

void
bwi_consumers_write(struct bwi_view *v)
{
	struct list l = {.view = v};
	struct bw_store *store;

	bwi_frame_begin(v, "Consumers");
	bwi_view_put(v, "p", "note", "Programs that handle events afterwards.");
	bwi_frame_titled(v);
	store = bwi_view_store(v);
	if (store != NULL)
		put_table(&l, store);
	bwi_frame_end(v);
}

/* What can be done to dead letters. */
static const struct deed {
	const char *action;
	const char *one, *all; /* words of buttons */
	const char *result;    /* the parameter with how many */
	const char *done, *none;
	enum bw_err (*run)(struct bw_store *, const char *name, uint64_t seq,
	    size_t *n, struct bw_error *);
} deeds[] = {
    {"retry", "Try again", "Try all again", "retried", "will be tried again.",
	"It was tried again already.", bw_store_revive},
    {"drop", "Drop", "Drop all", "dropped",
	"dropped: the consumer is done with it.", "It was gone already.",
	bw_store_drop_dead},
};

#define NDEEDS (sizeof(deeds) / sizeof(deeds[0]))

struct letters {
	struct bwi_view *view;
	size_t n;
	bool more;
};

static void
put_letter(struct letters *l, const struct bw_store_lease *lease,
    struct bw_str why, const struct bw_store_row *r)
{
	static const char *const names[] = {
	    "Time (UTC)", "Event", "From", "Tries", "Why", "Act", NULL};
	struct bwi_view *v = l->view;
	struct bwi_html *h = &v->html;
	char object[24];
	int n;

	if (l->n == 0)
		bwi_list_head(v, "list events", names);
	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link_int(v, NULL, "event", lease->seq);
	bwi_view_time(v, r->event.received);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_REMARK, r->event.type);
	bwi_list_cell(v, BW_MASK_NUMBER, r->event.from);
	bwi_list_number(v, "Tries");
	bwi_html_int(h, lease->tries);
	bwi_html_end(h);
	bwi_html_tag(h, "td");
	bwi_view_value(v, BW_MASK_REMARK, why);
	bwi_html_end(h);
	bwi_html_class(h, "td", "n");
	n = snprintf(
	    object, sizeof(object), "%llu", (unsigned long long)lease->seq);
	for (size_t i = 0; i < NDEEDS; i++)
		bwi_act_put(v, BWI_MAY_ACT, deeds[i].action,
		    (struct bw_str){object, (size_t)n}, deeds[i].one, NULL);
	bwi_html_end(h);
	bwi_html_end(h);
}

static bool
take_letter(void *arg, const struct bw_store_lease *lease, struct bw_str why,
    const struct bw_store_row *r)
{
	struct letters *l = arg;

	if (l->n == MAX_DEAD || bw_monotonic_ns() > l->view->until) {
		l->more = true;
		return false;
	}
	put_letter(l, lease, why, r);
	l->n++;
	return true;
}

static void
put_letters(struct bwi_view *v, struct bw_store *store, const char *name)
{
	struct letters l = {.view = v};
	size_t depth;
	enum bw_err err;

	bwi_view_put(v, "h2", NULL, "Dead letters");
	depth = v->html.depth;
	err = bw_store_dead(store, name, take_letter, &l, NULL);
	bwi_html_end_to(&v->html, depth);
	if (bwi_view_store_failed(v, err))
		return;
	if (l.n == 0) {
		bwi_view_put(v, "p", "empty", "It has given up no event.");
		return;
	}
	if (l.more)
		bwi_view_put(v, "p", "note more", "These are the oldest ones.");
	bwi_html_class(&v->html, "div", "more");
	for (size_t i = 0; i < NDEEDS; i++)
		bwi_act_put(v, BWI_MAY_ACT, deeds[i].action, BW_STR("all"),
		    deeds[i].all, NULL);
	bwi_html_end(&v->html);
}

/* What an act of this page did, after the redirection to it. */
static void
put_done(struct bwi_view *v)
{
	int64_t n;

	for (size_t i = 0; i < NDEEDS; i++) {
		const struct deed *d = &deeds[i];

		if (!bwi_decimal_parse(
			bwi_view_param(v, d->result), INT32_MAX, &n))
			continue;
		bwi_html_class(&v->html, "p", "done");
		bwi_html_attr_puts(&v->html, "role", "status");
		if (n == 0)
			bwi_html_puts(&v->html, d->none);
		else
			bwi_html_printf(
			    &v->html, "%lld %s", (long long)n, d->done);
		bwi_html_end(&v->html);
	}
}

/* The name, terminated; false: it cannot be a consumer's name. */
static bool
get_name(const struct bwi_view *v, char out[BW_STORE_MAX_NAME + 1])
{
	if (v->id.n > BW_STORE_MAX_NAME ||
	    memchr(v->id.p, '\0', v->id.n) != NULL)
		return false;
	memcpy(out, v->id.p, v->id.n);
	out[v->id.n] = '\0';
	return true;
}

static void
write_missing(struct bwi_view *v, enum bw_err err)
{
	bwi_view_missing(
	    v, "Consumer", err, "There is no consumer of this name.");
}

static bool
no_letter(void *unused, const struct bw_store_lease *lease, struct bw_str why,
    const struct bw_store_row *r)
{
	(void)unused;
	(void)lease;
	(void)why;
	(void)r;
	return false;
}

/* The store, if it has the consumer; otherwise the answer is written. */
static struct bw_store *
find(struct bwi_view *v, char name[BW_STORE_MAX_NAME + 1])
{
	struct bwi_store_handle *handle = v->request->section->store;
	struct bw_store *store = NULL;
	enum bw_err err = BW_OK;

	if (get_name(v, name) && handle != NULL)
		err = bwi_store_handle_store(handle, &store, NULL);
	if (store != NULL)
		err = bw_store_dead(store, name, no_letter, NULL, NULL);
	if (store != NULL && err == BW_OK)
		return store;
	write_missing(v, err == BW_ERR_NOTFOUND ? BW_OK : err);
	return NULL;
}

void
bwi_consumer_write(struct bwi_view *v)
{
	char name[BW_STORE_MAX_NAME + 1];
	struct list l = {.view = v, .only = v->id};
	struct bw_store *store = find(v, name);

	if (store == NULL)
		return;
	bwi_frame_begin(v, name);
	bwi_view_put(v, "p", "note", "consumer");
	bwi_frame_titled(v);
	put_done(v);
	put_table(&l, store);
	put_letters(v, store, name);
	bwi_frame_end(v);
}

/* "12": event 12; "all": 0 */
static bool
parse_object(struct bw_str s, uint64_t *seq)
{
	int64_t n = 0;

	if (!bw_str_is(s, "all") &&
	    (!bwi_decimal_parse(s, INT64_MAX, &n) || n == 0))
		return false;
	*seq = (uint64_t)n;
	return true;
}

static void
run(struct bwi_view *v, const struct deed *d, struct bw_store *store,
    const char *name, uint64_t object)
{
	char result[32];
	uint64_t seq;
	size_t n;

	if (!bwi_act_record(v, d->action, bwi_act_object(v), &seq))
		return;
	if (d->run(store, name, object, &n, NULL) != BW_OK) {
		bwi_act_done(v, seq, 503, "failed");
		bwi_view_missing(v, "Consumer", BW_ERR_BUSY, "");
		return;
	}
	(void)snprintf(result, sizeof(result), "%zu", n);
	bwi_act_done(v, seq, 200, result);
	bwi_view_redirect_back(v, d->result, result);
}

void
bwi_consumer_post(struct bwi_view *v)
{
	char name[BW_STORE_MAX_NAME + 1];
	const struct deed *d = NULL;
	struct bw_store *store;
	uint64_t object;

	for (size_t i = 0; i < NDEEDS && d == NULL; i++) {
		if (bwi_act_is(v, BWI_MAY_ACT, deeds[i].action))
			d = &deeds[i];
	}
	if (d == NULL || !parse_object(bwi_act_object(v), &object)) {
		bwi_act_refuse(v);
		return;
	}
	store = find(v, name);
	if (store != NULL)
		run(v, d, store, name, object);
}
