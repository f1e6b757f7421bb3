/* The first page: what the operator should look at. */
#include "base/alloc.h"
#include "base/counter.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "os/program_slots.h"
#include "page/consumer_state.h"
#include "page/event_row.h"
#include "page/list_parts.h"
#include "page/live.h"
#include "page/traffic.h"
#include "store/store.h"

/* How many problems are listed. */
#define MAX_NEEDS 5

/* Consumers that are looked at, and events that are shown. */
#define MAX_CONSUMERS 64
#define MAX_EVENTS    10

struct consumer {
	char name[BW_STORE_MAX_NAME + 1];
	enum bwi_state state;
	const char *words;
	uint64_t behind, dead;
	int64_t oldest;
};

struct now {
	struct bwi_view *view;
	struct bwi_traffic traffic;
	struct consumer consumers[MAX_CONSUMERS];
	size_t nconsumers;
	enum bw_err err; /* of the store */
	size_t needs;	 /* that were told */
	struct bwi_event_words words;
	size_t events;
};

static bool
take_consumer(void *arg, const struct bw_store_consumer_state *s)
{
	struct now *n = arg;
	struct consumer *c = &n->consumers[n->nconsumers];

	if (n->nconsumers == MAX_CONSUMERS)
		return false;
	memcpy(c->name, s->name.p, s->name.n);
	c->state = bwi_consumer_state(n->view, s, &c->words);
	c->behind = s->pending + s->ahead;
	c->dead = s->dead;
	c->oldest = s->oldest;
	n->nconsumers++;
	return true;
}

/* Begin a problem in the list; false: the list is full. */
static bool
begin_need(struct now *n, enum bwi_state state, const char *words)
{
	struct bwi_html *h = &n->view->html;

	if (n->needs == MAX_NEEDS)
		return false;
	if (n->needs++ == 0)
		bwi_html_class(h, "ul", "needs");
	bwi_html_tag(h, "li");
	bwi_view_state(n->view, state, words);
	bwi_html_class(h, "span", "note");
	return true;
}

static void
end_need(struct now *n)
{
	bwi_html_end(&n->view->html); /* the remark */
	bwi_html_end(&n->view->html); /* the item */
}

static void
put_need(
    struct now *n, enum bwi_state state, const char *words, const char *remark)
{
	if (!begin_need(n, state, words))
		return;
	bwi_html_puts(&n->view->html, remark);
	end_need(n);
}

static void
put_wrong_answers(struct now *n)
{
	struct bwi_traffic *t = &n->traffic;
	struct bwi_view *v = n->view;

	if (t->wrong == 0 || !begin_need(n, BWI_STATE_BAD,
				 t->fallbacks > 0 ? "Callers hear the fallback"
						  : "Bandwidth gets errors"))
		return;
	bwi_html_printf(&v->html, "%u fallback%s, %u error%s; the last ",
	    t->fallbacks, t->fallbacks == 1 ? "" : "s", t->errors,
	    t->errors == 1 ? "" : "s");
	bwi_view_age(v, t->wrong_at);
	bwi_html_puts(&v->html, " ago, in ");
	bwi_html_text(&v->html, t->wrong_section);
	bwi_html_puts(&v->html, " ");
	bwi_view_link_int(v, NULL, "event", t->wrong);
	bwi_html_puts(&v->html, "Open it");
	bwi_html_end(&v->html);
	end_need(n);
}

static void
put_consumer_needs(struct now *n, enum bwi_state state)
{
	struct bwi_view *v = n->view;

	for (size_t i = 0; i < n->nconsumers; i++) {
		const struct consumer *c = &n->consumers[i];
		struct bw_str name = {c->name, strlen(c->name)};
		uint64_t count;

		if (c->state != state ||
		    !begin_need(n, state,
			state == BWI_STATE_BAD ? "A consumer gave up events"
					       : "A consumer does not run"))
			continue;
		count = state == BWI_STATE_BAD ? c->dead : c->behind;
		bwi_html_text(&v->html, name);
		bwi_html_printf(&v->html,
		    state == BWI_STATE_BAD ? ": %llu dead letter%s "
					   : " is %llu event%s behind ",
		    (unsigned long long)count, count == 1 ? "" : "s");
		bwi_view_link(v, NULL, "consumers", name);
		bwi_html_puts(&v->html, "Open it");
		bwi_html_end(&v->html);
		end_need(n);
	}
}

static void
put_needs(struct now *n)
{
	struct bwi_view *v = n->view;
	struct bwi_store_handle *store = v->request->section->store;

	bwi_view_put(v, "h2", NULL, "Needs you");
	if (bwi_gauge(BWI_GAUGE_RELOAD_REFUSED) != 0)
		put_need(n, BWI_STATE_BAD, "The configuration does not load",
		    "It was changed; the old one is in force. The log says "
		    "why.");
	if (n->err != BW_OK && n->err != BW_ERR_NOFILE)
		put_need(n, BWI_STATE_BAD, "The store does not answer",
		    bw_strerror(n->err));
	put_wrong_answers(n);
	put_consumer_needs(n, BWI_STATE_BAD);
	if (store != NULL && bwi_store_handle_spooled(store) > 0)
		put_need(n, BWI_STATE_WARN, "Events wait in the spool",
		    "The store took none; they are moved when it does.");
	put_consumer_needs(n, BWI_STATE_WARN);
	if (n->needs > 0)
		bwi_html_end(&v->html);
	else
		bwi_view_put(v, "p", "empty", "Nothing needs you.");
}

static bool
take_event(void *arg, const struct bw_store_row *r)
{
	static const char *const names[] = {"Time (UTC)", "Event", "From",
	    "Section", "Answer", "ms", "What", NULL};
	struct now *n = arg;

	if (n->events++ == 0)
		bwi_list_head(n->view, "list events", names);
	bwi_event_row_put(n->view, &n->words, r);
	return true;
}

static void
put_events(struct now *n, struct bw_store *store)
{
	static const struct bw_store_filter all = {.since = 0};
	struct bwi_view *v = n->view;
	size_t depth;
	uint64_t cursor = 0;
	enum bw_err err;

	bwi_view_put(v, "h2", NULL, "Coming in");
	depth = v->html.depth;
	err = bwi_store_read_until(store, &all, true, MAX_EVENTS, &cursor,
	    v->until, take_event, n, NULL);
	bwi_html_end_to(&v->html, depth);
	if (!bwi_view_store_failed(v, err) && n->events == 0)
		bwi_view_put(v, "p", "empty",
		    "Nothing has come yet. bwcallback doctor URL tells whether "
		    "Bandwidth's first request would arrive.");
}

static void
put_fact(struct bwi_view *v, const char *name)
{
	bwi_view_put(v, "dt", NULL, name);
	bwi_html_tag(&v->html, "dd");
}

static void
put_process(struct bwi_view *v)
{
	struct bwi_html *h = &v->html;

	put_fact(v, "Waiting");
	bwi_html_printf(h, "%u requests, %u programs", v->request->parked,
	    bwi_program_slots_taken());
	bwi_html_end(h);
	put_fact(v, "401");
	bwi_html_printf(h, "%llu without credentials, %llu rejected",
	    (unsigned long long)bwi_counted(BWI_COUNT_UNAUTHORIZED_MISSING),
	    (unsigned long long)bwi_counted(BWI_COUNT_UNAUTHORIZED_REJECTED));
	bwi_html_end(h);
}

static void
put_machine(struct now *n)
{
	struct bwi_view *v = n->view;
	struct bwi_store_handle *store = v->request->section->store;
	bool good = n->err == BW_OK || n->err == BW_ERR_NOFILE;

	bwi_view_put(v, "h2", NULL, "This responder");
	bwi_html_class(&v->html, "dl", "facts");
	put_fact(v, "Store");
	if (store == NULL)
		bwi_view_state(v, BWI_STATE_NONE, "none");
	else
		bwi_view_state(v, good ? BWI_STATE_OK : BWI_STATE_BAD,
		    good ? "answers" : "does not answer");
	bwi_html_end(&v->html);
	put_fact(v, "Spool");
	if (store != NULL && bwi_store_handle_spooled(store) > 0)
		bwi_view_state(v, BWI_STATE_WARN, "has events");
	else
		bwi_view_state(v, BWI_STATE_OK, "is empty");
	bwi_html_end(&v->html);
	put_fact(v, "Configuration");
	if (bwi_gauge(BWI_GAUGE_RELOAD_REFUSED) != 0)
		bwi_view_state(v, BWI_STATE_BAD, "refused");
	else
		bwi_view_state(v, BWI_STATE_OK, "in force");
	bwi_html_end(&v->html);
	if (bwi_gauge(BWI_GAUGE_SINGLE) == 0)
		put_process(v);
	bwi_html_end(&v->html);
}

static void
put_consumers(struct now *n)
{
	static const char *const names[] = {"Name", "Behind", "Dead", NULL};
	struct bwi_view *v = n->view;
	struct bwi_html *h = &v->html;

	if (n->nconsumers == 0)
		return;
	bwi_view_put(v, "h2", NULL, "Consumers");
	bwi_list_head(v, "list", names);
	for (size_t i = 0; i < n->nconsumers; i++) {
		const struct consumer *c = &n->consumers[i];

		bwi_html_tag(h, "tr");
		bwi_html_tag(h, "td");
		bwi_view_link(v, NULL, "consumers",
		    (struct bw_str){c->name, strlen(c->name)});
		bwi_html_puts(h, c->name);
		bwi_html_end(h);
		bwi_html_end(h);
		bwi_html_class(h, "td", "n");
		bwi_html_int(h, (int64_t)c->behind);
		bwi_html_end(h);
		bwi_html_class(h, "td", "n");
		bwi_html_int(h, (int64_t)c->dead);
		bwi_html_end(h);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_html_end(h);
}

static void
write_state(struct now *n, struct bw_store *store)
{
	struct bwi_view *v = n->view;

	bwi_html_class(&v->html, "div", "cols");
	bwi_html_class(&v->html, "div", "wide");
	put_needs(n);
	if (store != NULL)
		bwi_traffic_put(&n->traffic);
	bwi_html_end(&v->html);
	bwi_html_class(&v->html, "div", "side");
	put_machine(n);
	put_consumers(n);
	bwi_html_end(&v->html);
	bwi_html_end(&v->html);
}

static void
write_now(struct now *n, struct bw_store *store)
{
	struct bwi_view *v = n->view;

	bwi_frame_begin(v, "Now");
	bwi_html_class(&v->html, "p", "note");
	bwi_view_time(v, v->now);
	bwi_html_puts(&v->html, " UTC");
	bwi_html_end(&v->html);
	bwi_live_put(v, store, "now");
	bwi_frame_titled(v);
	write_state(n, store);
	if (store != NULL)
		put_events(n, store);
	else
		(void)!bwi_view_store(v);
	bwi_frame_end(v);
}

/* Read what the page shows, and write it, or a part of it. */
static void
read_and_write(
    struct bwi_view *v, void (*write)(struct now *, struct bw_store *))
{
	struct bwi_store_handle *handle = v->request->section->store;
	struct now *n = bwi_calloc(1, sizeof(*n));
	struct bw_store *store = NULL;

	if (n == NULL) {
		v->out->err = BW_ERR_NOMEM;
		return;
	}
	n->view = n->traffic.view = v;
	bwi_event_words_init(&n->words);
	if (handle != NULL)
		n->err = bwi_store_handle_store(handle, &store, NULL);
	if (store != NULL)
		n->err = bwi_traffic_read(&n->traffic, store);
	if (store != NULL && n->err == BW_OK)
		n->err = bwi_store_consumers_until(
		    store, 0, v->until, take_consumer, n, NULL);
	write(n, store);
	bwi_event_words_free(&n->words);
	bwi_free(n);
}

void
bwi_now_write(struct bwi_view *v)
{
	read_and_write(v, write_now);
}

void
bwi_now_write_state(struct bwi_view *v)
{
	read_and_write(v, write_state);
}
