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
#include "page/live_text.h"
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

/*
 * How often the store is looked into: after a look, after one that found more
 * than a page shows, and while it fails. And how often "Now" is written.
 */
#define LOOK_EACH  (250 * MS)
#define LOOK_MANY  (1000 * MS)
#define LOOK_AWAY  (2 * SECOND)
#define STATE_EACH (5 * SECOND)

/* For this many milliseconds a poll omits an event without an answer. */
#define MAX_HELD 2000

struct bwi_live {
	struct bwi_live_feed *feed;
	struct bwi_live_channel *channel;
	struct bwi_live *next; /* reader of the feed */
	bool stream;
	bool state;   /* wants the state of "Now" */
	bool waits;   /* may be parked */
	bool begun;   /* the head is sent, the waker is known */
	bool located; /* its place in the channel is known */
	bool held;    /* an event waits for its answer before a poll has it */
	struct bw_waker waker;
	struct bwi_params params;
	struct bwi_event_filter filter; /* points into params */
	uint64_t after;			/* number of an event */
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

/* Take a feed without readers out of the list, and free it. */
static void
drop_feed(struct bwi_live_feed *f)
{
	struct bwi_live_feed **at = &feeds;

	if (f->readers != NULL)
		return;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	bwi_live_feed_free(f);
}

/* The mutex is held. */
static enum bw_err
enter_feed(struct bwi_live *l, struct bwi_store_handle *store)
{
	struct bwi_live_feed *f = find_feed(store);
	struct bwi_live **last;

	if (f == NULL)
		return BW_ERR_NOMEM;
	l->channel = bwi_live_feed_channel(f, &l->params, &l->filter);
	if (l->channel == NULL) {
		drop_feed(f);
		return BW_ERR_NOMEM;
	}
	l->feed = f;
	readers[l->stream]++;
	f->states = f->states || l->state;
	for (last = &f->readers; *last != NULL;)
		last = &(*last)->next;
	*last = l;
	return BW_OK;
}

/* BW_ERR_BUSY: there are too many. */
static enum bw_err
join(struct bwi_live *l, struct bwi_store_handle *store)
{
	enum bw_err err = BW_OK;

	(void)pthread_mutex_lock(&mutex);
	l->waits = readers[l->stream] < MAX_READERS;
	if (l->stream && !l->waits)
		err = BW_ERR_BUSY;
	else
		err = enter_feed(l, store);
	(void)pthread_mutex_unlock(&mutex);
	return err;
}

static void
wake(struct bwi_live *l)
{
	if (l != NULL && l->begun && l->waker.wake != NULL)
		l->waker.wake(l->waker.arg, true);
}

/* The mutex is held. */
static void
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
	bwi_live_feed_release(f, l->channel);
	drop_feed(f);
}

void
bwi_live_leave(struct bwi_live *l)
{
	if (l->feed != NULL) {
		(void)pthread_mutex_lock(&mutex);
		part(l);
		(void)pthread_mutex_unlock(&mutex);
	}
	bwi_event_filter_free(&l->filter);
	bwi_params_free(&l->params);
	bwi_free(l);
}

/* Is there something for the reader? */
static bool
has_news(const struct bwi_live *l)
{
	const struct bwi_live_feed *f = l->feed;

	return f->begun &&
	       (!l->located || l->channel->rows.serial != l->serial ||
		   (l->state && f->state_serial != l->state_serial));
}

void
bwi_live_end(void)
{
	atomic_store(&ending, true);
	(void)pthread_mutex_lock(&mutex);
	for (struct bwi_live_feed *f = feeds; f != NULL; f = f->next) {
		for (struct bwi_live *r = f->readers; r != NULL; r = r->next)
			wake(r);
	}
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

/* Is it this reader's turn to look into the store, and to write the state? */
static struct bwi_live_look *
begin_look(struct bwi_live *l, bool *state)
{
	struct bwi_live_feed *f = l->feed;
	struct bwi_live_look *look = NULL;
	int64_t now = bw_monotonic_ns();

	(void)pthread_mutex_lock(&mutex);
	*state = f->states && now >= f->state_at;
	if (f->readers == l && now >= f->look_at) {
		look = bwi_live_look_new(f);
		f->look_at = now + LOOK_AWAY; /* without memory */
	}
	(void)pthread_mutex_unlock(&mutex);
	return look;
}

/* Only the first reader of a feed looks into the store for all. */
static void
look(struct bwi_live *l, const struct bwi_page_request *r,
    struct bwi_parking *parking)
{
	struct bwi_live_feed *f = l->feed;
	bool state;
	struct bwi_live_look *look = begin_look(l, &state);
	int64_t now;

	if (look == NULL)
		return;
	bwi_parking_slow(parking);
	bwi_live_look(look, r, state);
	now = bw_monotonic_ns();
	(void)pthread_mutex_lock(&mutex);
	bwi_live_feed_take(f, look);
	if (state)
		f->state_at = now + STATE_EACH;
	f->look_at = now + (look->err != BW_OK ? LOOK_AWAY
			       : look->many    ? LOOK_MANY
					       : LOOK_EACH);
	for (struct bwi_live *i = f->readers; i != NULL; i = i->next) {
		if (i != l && has_news(i))
			wake(i);
	}
	bwi_live_look_free(look);
	(void)pthread_mutex_unlock(&mutex);
}

/*
 * Set where the reader begins. true: it has not read yet what the store has for
 * it, after its last event and before the one in *before.
 */
static bool
locate(struct bwi_live *l, uint64_t *before)
{
	const struct bwi_live_feed *f = l->feed;

	if (l->located || !f->begun)
		return false;
	l->located = true;
	l->serial = l->channel->rows.serial;
	*before = f->seen + 1;
	return true;
}

/* The events before the reader came that it does not have. */
static enum bw_err
write_past(struct bwi_live *l, const struct bwi_page_request *r,
    uint64_t before, struct bw_buf *b)
{
	struct bwi_live_past past;
	enum bw_err err =
	    bwi_live_past_read(&past, l->feed->store, &l->channel->filter,
		&(struct bwi_live_past_range){l->after, before, 0}, r);

	bwi_live_past_events(&past, l->after != 0, b);
	bwi_live_past_free(&past);
	return err;
}

/* What is new for a stream. The mutex is held. */
static void
write_stream(struct bwi_live *l, struct bw_buf *b)
{
	const struct bwi_live_feed *f = l->feed;

	bwi_live_rows_events(&l->channel->rows, l->serial, b);
	l->serial = l->channel->rows.serial;
	if (l->state && f->state_serial != l->state_serial) {
		l->state_serial = f->state_serial;
		bwi_live_event(b, "state", &f->state);
	}
}

/*
 * Answer a poll with what the store has, as JSON; seen: the last event, if it
 * has nothing.
 */
static void
write_poll(struct bwi_live *l, const struct bwi_live_past *past, uint64_t seen,
    struct bw_buf *b)
{
	if (past->waiting)
		seen = l->after;
	if (past->n > 0 && past->row[0].seq > seen)
		seen = past->row[0].seq;
	bw_buf_putc(b, '{');
	bwi_live_past_members(past, l->after != 0, b);
	bw_buf_printf(b, ",\"after\":%llu", (unsigned long long)seen);
	(void)pthread_mutex_lock(&mutex);
	if (l->state && l->feed->state.n > 0) {
		bw_buf_puts(b, ",\"state\":");
		bw_buf_add(b, l->feed->state.p, l->feed->state.n);
	}
	(void)pthread_mutex_unlock(&mutex);
	bw_buf_puts(b, "}\n");
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
	if (l->held)
		until = bw_earlier(until, bw_monotonic_ns() + LOOK_EACH);
	return f->readers == l ? bw_earlier(until, f->look_at) : until;
}

static bool
go_on_stream(struct bwi_live *l, struct bwi_page *p,
    const struct bwi_page_request *r, struct bwi_parking *parking,
    struct bw_response *resp)
{
	int64_t now = bw_monotonic_ns(), until;
	bool over = is_over(l, p->until), begins;
	uint64_t before = 0;

	(void)pthread_mutex_lock(&mutex);
	begins = locate(l, &before);
	(void)pthread_mutex_unlock(&mutex);
	if (begins) {
		bwi_parking_slow(parking);
		over = write_past(l, r, before, &p->text) != BW_OK || over;
	}
	(void)pthread_mutex_lock(&mutex);
	if (l->located)
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

/* Has something come for a poll since it looked? */
static bool
poll_due(struct bwi_live *l, uint64_t *seen)
{
	bool due;

	(void)pthread_mutex_lock(&mutex);
	due = !l->located || l->held || has_news(l);
	l->located = true;
	l->serial = l->channel->rows.serial;
	l->state_serial = l->feed->state_serial;
	*seen = l->feed->seen > l->after ? l->feed->seen : l->after;
	(void)pthread_mutex_unlock(&mutex);
	return due;
}

static bool
go_on_poll(struct bwi_live *l, struct bwi_page *p,
    const struct bwi_page_request *r, struct bwi_parking *parking,
    struct bw_response *resp)
{
	bool over = is_over(l, p->until);
	struct bwi_live_past past = {.n = 0};
	enum bw_err err = BW_OK;
	uint64_t seen;

	if (poll_due(l, &seen)) {
		bwi_parking_slow(parking);
		err = bwi_live_past_read(&past, l->feed->store,
		    &l->channel->filter,
		    &(struct bwi_live_past_range){l->after, 0, MAX_HELD}, r);
		l->held = past.waiting;
	}
	if (err != BW_OK)
		seen = l->after;
	over = over || err != BW_OK;
	over = over || past.n > 0;
	write_poll(l, &past, seen, &p->text);
	bwi_live_past_free(&past);
	(void)pthread_mutex_lock(&mutex);
	parking->parked = (struct bw_parked){.until = next_time(l, p->until)};
	(void)pthread_mutex_unlock(&mutex);
	if (!over)
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
	return l->stream ? go_on_stream(l, p, r, parking, resp)
			 : go_on_poll(l, p, r, parking, resp);
}
