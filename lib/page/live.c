/* Readers that follow what comes in. */
#include "page/live.h"

#include <pthread.h>
#include <stdatomic.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "base/counter.h"
#include "base/decimal.h"
#include "base/request.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/event_filter.h"
#include "page/inspector.h"
#include "page/live_feed.h"
#include "store/store.h"

#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)

/* Readers of each kind that wait at once. */
#define MAX_READERS 100

/*
 * A stream ends after some minutes: the browser continues it with a new
 * request, so credentials are checked again, and no reload of a web server
 * waits long.
 */
#define MAX_STREAM (600 * SECOND)
#define MAX_POLL   (8 * SECOND)

/*
 * A stream sends something so often: below the shortest time that the web
 * servers' files allow between two parts of an answer, 10 s.
 */
#define BEAT_EACH (5 * SECOND)

/* How often the store is looked into, also while it fails, and "Now" written.
 */
#define LOOK_EACH  (250 * MS)
#define LOOK_AWAY  (2 * SECOND)
#define STATE_EACH (5 * SECOND)

/* Bytes of a part after which the rest goes into another, and rows of a poll,
 * or of what is sent at once.
 */
#define MAX_PART ((size_t)48 * 1024)
#define MAX_ROWS 50

/* For this many milliseconds a poll omits an event without an answer. */
#define MAX_HELD 2000

struct bwi_live {
	struct bwi_live_feed *feed;
	struct bwi_live *next; /* reader of the feed */
	bool stream;
	bool state;   /* wants the state of "Now" */
	bool waits;   /* may be parked */
	bool begun;   /* the head is sent, the waker is known */
	bool located; /* its place in the feed is known */
	bool gap;     /* rows were left out, and it was not told yet */
	struct bw_waker waker;
	struct bwi_params params;
	struct bwi_event_filter filter; /* points into params */
	uint64_t after;			/* number of an event */
	uint64_t begin;			/* the feed's last row when it came */
	uint64_t serial;		/* of the last row that it has */
	uint64_t state_serial;
	int64_t beat;	/* when to send something */
	int64_t loaded; /* the configuration at its begin */
};

/* Guards the readers, their feeds, and what feeds have. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_live_feed *feeds;
static unsigned readers[2]; /* polls, streams */
static atomic_bool ending;

/* The feed of a store, new if there is none; NULL: no memory. */
static struct bwi_live_feed *
find_feed(struct bwi_store_handle *store)
{
	struct bwi_live_feed *f = feeds;

	while (f != NULL && f->store != store)
		f = f->next;
	if (f != NULL)
		return f;
	f = bwi_live_feed_new(store);
	if (f != NULL) {
		f->next = feeds;
		feeds = f;
	}
	return f;
}

/* BW_ERR_BUSY: there are too many. */
static enum bw_err
join(struct bwi_live *l, struct bwi_store_handle *store)
{
	struct bwi_live **last;
	enum bw_err err = BW_OK;

	(void)pthread_mutex_lock(&mutex);
	l->waits = readers[l->stream] < MAX_READERS;
	if (l->stream && !l->waits)
		err = BW_ERR_BUSY;
	else if ((l->feed = find_feed(store)) == NULL)
		err = BW_ERR_NOMEM;
	if (err == BW_OK) {
		readers[l->stream]++;
		l->feed->states = l->feed->states || l->state;
		for (last = &l->feed->readers; *last != NULL;)
			last = &(*last)->next;
		*last = l;
	}
	(void)pthread_mutex_unlock(&mutex);
	return err;
}

static void
wake(struct bwi_live *l)
{
	if (l != NULL && l->begun && l->waker.wake != NULL)
		l->waker.wake(l->waker.arg, true);
}

/* Take a feed without readers out of the list. */
static struct bwi_live_feed *
drop_feed(struct bwi_live_feed *f)
{
	struct bwi_live_feed **at = &feeds;

	if (f->readers != NULL)
		return NULL;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	return f;
}

/* The mutex is held. Returns a feed to free, or NULL. */
static struct bwi_live_feed *
part(struct bwi_live *l)
{
	struct bwi_live_feed *f = l->feed;
	bool first = f->readers == l;
	struct bwi_live **at = &f->readers;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	readers[l->stream]--;
	f->states = false;
	for (struct bwi_live *r = f->readers; r != NULL; r = r->next)
		f->states = f->states || r->state;
	if (first)
		wake(f->readers); /* it looks from now on */
	return drop_feed(f);
}

void
bwi_live_leave(struct bwi_live *l)
{
	struct bwi_live_feed *rest = NULL;

	if (l->feed != NULL) {
		(void)pthread_mutex_lock(&mutex);
		rest = part(l);
		(void)pthread_mutex_unlock(&mutex);
	}
	if (rest != NULL)
		bwi_live_feed_free(rest);
	bwi_event_filter_free(&l->filter);
	bwi_params_free(&l->params);
	bwi_free(l);
}

static void
wake_all(struct bwi_live_feed *f, const struct bwi_live *but)
{
	for (struct bwi_live *r = f->readers; r != NULL; r = r->next) {
		if (r != but)
			wake(r);
	}
}

void
bwi_live_end(void)
{
	atomic_store(&ending, true);
	(void)pthread_mutex_lock(&mutex);
	for (struct bwi_live_feed *f = feeds; f != NULL; f = f->next)
		wake_all(f, NULL);
	(void)pthread_mutex_unlock(&mutex);
}

/* The last event that a reader has: of a stream that continues, its id. */
static const char *
read_position(struct bwi_live *l, const struct bwi_view *v)
{
	struct bw_str after = bwi_view_param(v, "after"),
		      id = v->request->request->browser.last_event_id;
	int64_t n = 0;

	if (l->stream && id.n > 0)
		after = id;
	if (after.p != NULL && !bwi_decimal_parse(after, INT64_MAX, &n))
		return "after is the number of an event.";
	l->after = (uint64_t)n;
	l->state = bwi_view_param(v, "now").p != NULL;
	return NULL;
}

/* Take the filter and the texts that it points to. */
static const char *
read_params(struct bwi_live *l, struct bwi_view *v)
{
	const char *why =
	    bwi_event_filter_init(&l->filter, v, bwi_event_states);

	if (why == NULL)
		why = read_position(l, v);
	l->params = v->params;
	v->params = (struct bwi_params){.n = 0};
	return why;
}

static void
begin(struct bwi_view *v, bool stream)
{
	struct bwi_store_handle *store = v->request->section->store;
	struct bwi_live *l = bwi_calloc(1, sizeof(*l));
	const char *why;
	enum bw_err err;

	if (l == NULL) {
		v->out->err = BW_ERR_NOMEM;
		return;
	}
	l->stream = stream;
	l->loaded = bwi_gauge(BWI_GAUGE_CONFIG_LOADED);
	why = read_params(l, v);
	if (why != NULL) {
		bwi_frame_sentence(v, 400, "Not understood", why);
	} else if (store == NULL) {
		bwi_frame_sentence(v, 404, "Nothing", "There is no store.");
	} else if ((err = join(l, store)) == BW_OK) {
		v->live = l;
		return;
	} else if (err == BW_ERR_BUSY) {
		v->response->retry_after = 10;
		bwi_frame_sentence(v, 503, "Busy",
		    "As many pages are live as may be at once.");
	} else {
		v->out->err = err;
	}
	bwi_live_leave(l);
}

void
bwi_stream_write(struct bwi_view *v)
{
	begin(v, true);
}

void
bwi_poll_write(struct bwi_view *v)
{
	begin(v, false);
}

/* Only the first reader of a feed queries the store. */
static void
look(struct bwi_live *l, const struct bwi_page_request *r,
    struct bwi_parking *parking)
{
	struct bwi_live_feed *f = l->feed;
	int64_t now = bw_monotonic_ns();
	struct bwi_live_look *found;
	bool due, state;

	(void)pthread_mutex_lock(&mutex);
	due = f->readers == l && now >= f->look_at;
	state = f->states && now >= f->state_at;
	(void)pthread_mutex_unlock(&mutex);
	if (!due)
		return;
	bwi_parking_slow(parking);
	found = bwi_live_look(f, r, state);
	now = bw_monotonic_ns();
	(void)pthread_mutex_lock(&mutex);
	if (state)
		f->state_at = now + STATE_EACH;
	f->look_at = now + LOOK_EACH;
	if (found == NULL || (found->err != BW_OK && !found->full))
		f->look_at = now + LOOK_AWAY;
	else if (found->full)
		f->look_at = now;
	if (found != NULL && bwi_live_feed_take(f, found))
		wake_all(f, l);
	(void)pthread_mutex_unlock(&mutex);
	bwi_live_look_free(found);
}

/* Set where the reader begins, or continues after rows that were dropped. */
static void
locate(struct bwi_live *l)
{
	const struct bwi_live_feed *f = l->feed;
	uint64_t first =
	    f->serial > BWI_LIVE_ROWS ? f->serial - BWI_LIVE_ROWS : 0;

	if (!f->begun)
		return;
	if (!l->located) {
		l->gap = l->after != 0 && l->after < f->since;
		l->serial = first;
		l->begin = f->serial;
		l->state_serial = f->state_serial;
	}
	l->located = true;
	if (l->serial < first) {
		l->gap = true;
		l->serial = first;
	}
}

/* Is the row new to the reader, and one that it wants? */
static bool
wants(const struct bwi_live *l, const struct bwi_live_row *r)
{
	return !r->old && r->tree.err == BW_OK && r->text.err == BW_OK &&
	       (r->row.seq > l->after ||
		   (l->stream && r->again && r->serial > l->begin)) &&
	       bwi_store_matches(&l->filter.store, &r->row.event) &&
	       bwi_event_filter_takes(&l->filter, &r->row);
}

static const struct bwi_live_row *
next_row(struct bwi_live *l)
{
	const struct bwi_live_feed *f = l->feed;

	while (l->located && l->serial < f->serial) {
		const struct bwi_live_row *r =
		    &f->rows[++l->serial % BWI_LIVE_ROWS];

		if (wants(l, r))
			return r;
	}
	return NULL;
}

/*
 * Go to the newest rows if there are more than a page shows: with many readers,
 * sending all of what comes fast would cost as much as taking it.
 */
static void
skip_rows(struct bwi_live *l)
{
	const struct bwi_live_feed *f = l->feed;
	unsigned n = 0;

	for (uint64_t i = f->serial; l->located && i > l->serial; i--) {
		if (!wants(l, &f->rows[i % BWI_LIVE_ROWS]) || ++n <= MAX_ROWS)
			continue;
		l->serial = i;
		l->gap = true;
	}
}

static void
put_event(struct bw_buf *b, const char *name, const struct bw_buf *data)
{
	bw_buf_printf(b, "event: %s\ndata: ", name);
	bw_buf_add(b, data->p, data->n);
	bw_buf_puts(b, "\n\n");
}

/* What is new for a stream. The mutex is held. */
static void
write_stream(struct bwi_live *l, struct bw_buf *b)
{
	const struct bwi_live_feed *f = l->feed;
	const struct bwi_live_row *r;

	skip_rows(l);
	if (l->gap)
		bw_buf_puts(b, "event: gap\ndata: {}\n\n");
	l->gap = false;
	while (b->n < MAX_PART && (r = next_row(l)) != NULL) {
		bw_buf_printf(b, "id: %llu\n", (unsigned long long)r->row.seq);
		put_event(b, "row", &r->tree);
	}
	if (l->state && l->located && f->state_serial != l->state_serial) {
		l->state_serial = f->state_serial;
		put_event(b, "state", &f->state);
	}
}

static bool
is_held(const struct bwi_live_row *r)
{
	return r->row.answer.status == 0 &&
	       r->row.event.received > bw_realtime_ms() - MAX_HELD;
}

/* What is new for a poll, as JSON. Returns the number of rows. */
static size_t
write_poll(struct bwi_live *l, struct bw_buf *b)
{
	const struct bwi_live_feed *f = l->feed;
	uint64_t before = l->serial, after = f->newest;
	const struct bwi_live_row *r;
	size_t n = 0;

	bw_buf_puts(b, "{\"rows\":[");
	while ((r = next_row(l)) != NULL) {
		if (n == MAX_ROWS || b->n >= MAX_PART || is_held(r)) {
			after = r->row.seq - 1;
			break;
		}
		bw_buf_puts(b, n++ > 0 ? ",\n" : "");
		bw_buf_add(b, r->tree.p, r->tree.n);
	}
	l->serial = before; /* all of it, if it is not sent yet */
	bw_buf_printf(b, "],\"gap\":%s,\"after\":%llu",
	    l->gap ? "true" : "false", (unsigned long long)after);
	if (l->state && f->state.n > 0) {
		bw_buf_puts(b, ",\"state\":");
		bw_buf_add(b, f->state.p, f->state.n);
	}
	bw_buf_puts(b, "}\n");
	return n;
}

/* No more parts: the time is over, or the configuration is another one. */
static bool
is_over(const struct bwi_live *l, int64_t until)
{
	return bw_monotonic_ns() >= until || atomic_load(&ending) ||
	       bwi_gauge(BWI_GAUGE_CONFIG_LOADED) != l->loaded;
}

/* When to go on at the latest. The mutex is held. */
static int64_t
next_time(const struct bwi_live *l, int64_t until)
{
	const struct bwi_live_feed *f = l->feed;

	if (l->stream)
		until = bw_earlier(until, l->beat);
	if (l->stream && l->located && l->serial < f->serial)
		return 0;
	return f->readers == l ? bw_earlier(until, f->look_at) : until;
}

static bool
go_on_stream(struct bwi_live *l, struct bwi_page *p,
    struct bwi_parking *parking, struct bw_response *resp)
{
	int64_t now = bw_monotonic_ns(), until;
	bool over = is_over(l, p->until);

	(void)pthread_mutex_lock(&mutex);
	locate(l);
	write_stream(l, &p->text);
	if (p->text.n == 0 && (over || now >= l->beat))
		bw_buf_puts(&p->text, ":\n\n");
	if (p->text.n > 0)
		l->beat = now + BEAT_EACH;
	until = next_time(l, p->until);
	(void)pthread_mutex_unlock(&mutex);
	if (p->text.err != BW_OK)
		over = true;
	parking->parked =
	    (struct bw_parked){.until = until, .part = {p->text.p, p->text.n}};
	if (!over)
		return false;
	resp->whole = true;
	resp->prepared = (struct bw_str){p->text.p, p->text.n};
	return true;
}

static bool
go_on_poll(struct bwi_live *l, struct bwi_page *p, struct bwi_parking *parking,
    struct bw_response *resp)
{
	bool over = is_over(l, p->until);
	size_t n;

	(void)pthread_mutex_lock(&mutex);
	locate(l);
	n = write_poll(l, &p->text);
	parking->parked = (struct bw_parked){.until = next_time(l, p->until)};
	(void)pthread_mutex_unlock(&mutex);
	if (n == 0 && !l->gap && !over)
		return false;
	resp->content_type = "application/json";
	resp->prepared = (struct bw_str){p->text.p, p->text.n};
	return true;
}

/* The head of a stream goes out at once, with how soon to come back. */
static bool
begin_stream(struct bwi_live *l, struct bwi_page *p,
    struct bwi_parking *parking, struct bw_response *resp)
{
	resp->content_type = "text/event-stream";
	resp->fields = bwi_inspector_stream_fields;
	bwi_response_begin(resp, &p->text);
	bw_buf_puts(&p->text, "retry: 3000\n\n");
	p->until = bw_monotonic_ns() + MAX_STREAM;
	l->beat = bw_monotonic_ns() + BEAT_EACH;
	parking->parked =
	    (struct bw_parked){.until = 0, .part = {p->text.p, p->text.n}};
	return false;
}

bool
bwi_live_answer(struct bwi_live *l, struct bwi_page *p,
    const struct bwi_page_request *r, struct bwi_parking *parking,
    struct bw_response *resp)
{
	bool first = !l->begun, parks = parking->waker.parts && !resp->head &&
					l->waits &&
					bwi_gauge(BWI_GAUGE_SINGLE) == 0;

	bw_buf_reset(&p->text);
	if (first) {
		(void)pthread_mutex_lock(&mutex);
		l->waker = parking->waker;
		l->begun = true;
		(void)pthread_mutex_unlock(&mutex);
	}
	if (first && l->stream && parks)
		return begin_stream(l, p, parking, resp);
	if (first)
		p->until = parks ? bw_monotonic_ns() + MAX_POLL : 0;
	if (l->stream && !parks) {
		resp->status = 204; /* the script polls then */
		resp->content_type = NULL;
		return true;
	}
	look(l, r, parking);
	return l->stream ? go_on_stream(l, p, parking, resp)
			 : go_on_poll(l, p, parking, resp);
}

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
