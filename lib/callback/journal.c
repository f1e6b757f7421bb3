#include "callback/journal.h"
#include "base/request.h"
#include "base/response.h"

#include <string.h>
#include <time.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "event/event.h"
#include "store/store.h"

#define MS INT64_C(1000000)

/* Longest delay of a call by a slow store. */
#define CALL_WAIT (500 * MS)

/*
 * A port-out's verdict is sent within a second: within PORTOUT_TIME of the
 * arrival of the request. The operator's data may take half of it.
 */
#define PORTOUT_TIME (900 * MS)
#define PORTOUT_WAIT (400 * MS)

/* How often a re-delivery polls for the answer to the first delivery. */
#define POLL_INTERVAL (10 * MS)

static bool
is_retried_code(const struct bw_event *e)
{
	struct bw_str platform = {NULL, 0};

	(void)bw_event_get(e, BW_STR("platform"), &platform);
	return bw_str_is(platform, "NorthAmericaSMS");
}

static enum bwi_durability
durability_of(const struct bwi_section *s, const struct bw_event *e)
{
	switch (bw_event_row(e)->answer) {
	case BW_ANSWER_BXML:
	case BW_ANSWER_BXML_OR_NONE:
	case BW_ANSWER_PORTOUT:
	case BW_ANSWER_JSON:
		return BWI_DURABILITY_AWAITED;
	case BW_ANSWER_STATUS:
	case BW_ANSWER_NOTHING:
		break;
	}
	switch (bw_event_family(e)) {
	case BW_FAMILY_MESSAGING:
		return BWI_DURABILITY_RETRIED;
	case BW_FAMILY_MFA:
		return is_retried_code(e) ? BWI_DURABILITY_RETRIED
					  : BWI_DURABILITY_ONCE;
	default:
		return s->kind == BWI_SECTION_PORTOUT ? BWI_DURABILITY_AWAITED
						      : BWI_DURABILITY_ONCE;
	}
}

static struct bw_str
or_empty(struct bw_str s)
{
	return s.p != NULL ? s : (struct bw_str){"", 0};
}

static void
describe_request(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user, struct bw_store_event *to)
{
	bool get = req->method == BW_METHOD_GET;
	int64_t end = k->portout ? k->arrived + PORTOUT_TIME : k->deadline;
	int64_t left = (end - bw_monotonic_ns()) / MS;

	*to = (struct bw_store_event){
	    .received = req->time != 0 ? req->time : bw_realtime_ms(),
	    .section = or_empty(s->path),
	    .method = or_empty(req->method_name),
	    .content_type = req->content_type,
	    .user = user,
	    .request = req->id,
	    .body = or_empty(get ? req->query : req->body),
	    .query = get || req->query.n == 0 ? (struct bw_str){NULL, 0}
					      : req->query,
	    .batch = 1,
	    .claim = left > 1 ? left : 1,
	};
}

static enum bw_err
describe(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n)
{
	k->events = bwi_arena_alloc(k->arena, n * sizeof(*k->events));
	if (k->events == NULL)
		return BW_ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		enum bw_err err;

		describe_request(k, s, req, user, &k->events[i]);
		if (n > 1) {
			k->events[i].batch = (int)n;
			k->events[i].index = (int)i;
			k->events[i].body = or_empty(events[i]->raw);
			/* Store a long query of many events only once. */
			if (i > 0 && n * req->query.n > BW_MAX_BODY)
				k->events[i].query = (struct bw_str){NULL, 0};
		}
		err =
		    bwi_journal_describe(k->arena, s, events[i], &k->events[i]);
		if (err != BW_OK)
			return err;
		k->n = i + 1;
	}
	return BW_OK;
}

/*
 * Deadline for storing: most of the request's time, but some is left for
 * answering.
 */
static int64_t
store_deadline(const struct bwi_journal *k)
{
	int64_t now = bw_monotonic_ns();

	if (k->concurrent)
		return bw_earlier(
		    now + CALL_WAIT, now + (k->deadline - now) / 2);
	if (k->portout)
		return bw_earlier(
		    now + PORTOUT_WAIT, now + (k->deadline - now) / 4 * 3);
	return now + (k->deadline - now) / 4 * 3;
}

/* Deadline for recording an answer that must be durable before it is sent. */
static int64_t
record_deadline(const struct bwi_journal *k)
{
	int64_t left = k->arrived + PORTOUT_TIME - bw_monotonic_ns();
	int64_t least = PORTOUT_WAIT / 4;

	return bw_earlier(
	    bw_monotonic_ns() + (left > least ? left : least), k->deadline);
}

/* Deadline for the spool, which is tried after the store. */
static int64_t
spool_deadline(const struct bwi_journal *k)
{
	int64_t deadline = store_deadline(k);

	if (k->portout)
		deadline =
		    bw_earlier(deadline, bw_monotonic_ns() + PORTOUT_WAIT / 4);
	return deadline;
}

static enum bw_err
store_events(struct bwi_journal *k, struct bw_error *e)
{
	enum bw_err err = bwi_store_handle_store(k->handle, &k->store, e);

	if (err == BW_OK)
		err = bw_store_write_begin(
		    k->store, k->events, k->n, k->deadline, &k->pending, e);
	if (err == BW_OK)
		err = bw_store_write_wait(k->pending,
		    k->concurrent ? BW_STORE_DECIDED : BW_STORE_DURABLE,
		    store_deadline(k), &k->results, e);
	if (err != BW_OK)
		k->results = NULL;
	return err;
}

/*
 * The store failed or was late. While it may still succeed, a call does not
 * wait for another disk as well: if the write fails in the end, the writer
 * spools the events.
 */
static enum bw_err
spool_events(struct bwi_journal *k, enum bw_err err, struct bw_error *e)
{
	bool on_its_way = err == BW_ERR_DEADLINE && k->pending != NULL;
	struct bw_error spooling = {0};

	k->store_error = *e;
	if (k->durability == BWI_DURABILITY_RETRIED)
		return err;
	if (k->concurrent && on_its_way) {
		*e = (struct bw_error){0};
		return BW_OK;
	}
	if (bwi_store_handle_spool(k->handle, k->events, k->n,
		spool_deadline(k), &spooling) == BW_OK) {
		bw_store_write_free(k->pending, false);
		k->pending = NULL;
		*e = (struct bw_error){0};
		return BW_OK;
	}
	k->store_error = spooling;
	if (k->durability == BWI_DURABILITY_ONCE)
		return err;
	*e = (struct bw_error){0};
	return BW_OK;
}

static void
init(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, enum bwi_durability durability)
{
	k->durability = durability;
	k->concurrent = durability == BWI_DURABILITY_AWAITED &&
			s->kind != BWI_SECTION_PORTOUT;
	k->portout = s->kind == BWI_SECTION_PORTOUT;
	k->arrived = req->arrived;
	k->deadline = req->arrived + s->deadline;
}

enum bw_err
bwi_journal_begin(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *e)
{
	enum bw_err err;

	if (k->handle == NULL)
		return BW_OK;
	init(k, s, req, durability_of(s, events[0]));
	err = describe(k, s, req, user, events, n);
	if (err != BW_OK)
		(void)bw_error_set(e, err, 0, "store: %s", bw_strerror(err));
	else
		err = store_events(k, e);
	return err == BW_OK ? BW_OK : spool_events(k, err, e);
}

/*
 * Store the events without waiting. claim = 0: a re-delivery need not wait for
 * this delivery's answer.
 */
static enum bw_err
store_only(struct bwi_journal *k, struct bw_error *e)
{
	enum bw_err err = bwi_store_handle_store(k->handle, &k->store, e);

	for (size_t i = 0; i < k->n; i++)
		k->events[i].claim = 0;
	if (err == BW_OK)
		err = bw_store_write_begin(
		    k->store, k->events, k->n, k->deadline, &k->pending, e);
	bw_store_write_free(
	    k->pending, k->durability != BWI_DURABILITY_RETRIED);
	k->pending = NULL;
	return err;
}

bool
bwi_journal_defer(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *e)
{
	enum bwi_durability durability = durability_of(s, events[0]);
	struct bw_error storing = {0};

	if (durability == BWI_DURABILITY_ONCE)
		return false;
	(void)bw_error_set(e, BW_ERR_DEADLINE, 0,
	    "request: the web server closed the connection before it was "
	    "handled");
	if (k->handle == NULL)
		return true;
	init(k, s, req, durability);
	if (describe(k, s, req, user, events, n) == BW_OK &&
	    store_only(k, &storing) != BW_OK &&
	    durability != BWI_DURABILITY_RETRIED &&
	    bwi_store_handle_spool(
		k->handle, k->events, k->n, k->deadline, &storing) != BW_OK)
		k->store_error = storing;
	return true;
}

enum bw_err
bwi_journal_unparsed(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_error *why, struct bw_error *e)
{
	/* No caller waits for the content, and a re-delivery would not help. */
	init(k, s, req, BWI_DURABILITY_ONCE);
	k->events = bwi_arena_alloc(k->arena, sizeof(*k->events));
	if (k->events == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	describe_request(k, s, req, user, k->events);
	bwi_journal_describe_unparsed(k->arena, s, why->code, k->events);
	k->n = 1;
	return store_events(k, e);
}

/*
 * Poll until the first delivery is answered, or this one may be handled, or
 * until the deadline.
 */
static enum bw_err
wait_for_first(struct bwi_journal *k, size_t i,
    const struct bw_store_result **result, struct bw_store_write **again,
    struct bw_error *e)
{
	const struct timespec pause = {.tv_nsec = POLL_INTERVAL};
	int64_t now = bw_monotonic_ns();
	/* For a port-out, a little longer than the first delivery's claim. */
	int64_t most = k->portout ? PORTOUT_TIME + PORTOUT_WAIT / 4 : INT64_MAX;
	int64_t left = (k->deadline - now) / 4 * 3;
	int64_t until = now + bw_earlier(left, most);
	struct bw_store_event event = k->events[i];
	enum bw_err err = BW_OK;

	event.again = true;
	while ((*result)->fate == BW_STORE_RUNNING) {
		bw_store_write_free(*again, false);
		*again = NULL;
		if (bw_monotonic_ns() >= until) {
			return bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: the first delivery is still being "
			    "handled");
		}
		(void)nanosleep(&pause, NULL);
		err =
		    bw_store_write_begin(k->store, &event, 1, until, again, e);
		if (err == BW_OK)
			err = bw_store_write_wait(
			    *again, BW_STORE_DECIDED, until, result, e);
		if (err != BW_OK)
			return err;
	}
	return BW_OK;
}

static enum bw_err
copy_answer(struct bwi_journal *k, const struct bw_store_answer *a,
    struct bw_response *resp)
{
	struct bw_str type = {NULL, 0};

	if (a->content_type.p != NULL) {
		type = bwi_arena_copy(k->arena, a->content_type);
		if (type.p == NULL)
			return BW_ERR_NOMEM;
	}
	bw_buf_reset(&resp->body);
	bw_buf_str(&resp->body, or_empty(a->body));
	if (resp->body.err != BW_OK)
		return resp->body.err;
	resp->status = a->status;
	resp->content_type = type.p;
	resp->fallback = a->fallback;
	return BW_OK;
}

enum bw_err
bwi_journal_check_repeat(struct bwi_journal *k, size_t i,
    struct bw_response *resp, bool *handle, struct bw_error *e)
{
	const struct bw_store_result *r =
	    k->results != NULL ? &k->results[i] : NULL;
	struct bw_store_write *again = NULL;
	enum bw_err err = BW_OK;

	*handle = true;
	if (r == NULL)
		return BW_OK;
	/* The list contains this event twice. */
	for (size_t first = 0; first < i; first++) {
		if (k->results[first].seq == r->seq)
			*handle = false;
	}
	if (!*handle)
		return BW_OK;
	if (r->fate == BW_STORE_RUNNING)
		err = wait_for_first(k, i, &r, &again, e);
	if (err == BW_OK && r->fate == BW_STORE_ANSWERED) {
		*handle = false;
		err = copy_answer(k, &r->answer, resp);
		if (err != BW_OK)
			(void)bw_error_set(
			    e, err, 0, "store: %s", bw_strerror(err));
	}
	bw_store_write_free(again, false);
	k->handled = k->handled || (i == 0 && err == BW_OK && *handle);
	return err;
}

static void
record(struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	struct bw_store_answer a = {
	    .status = resp->status,
	    .fallback = resp->fallback,
	    .answered = bw_realtime_ms(),
	    .duration = (bw_monotonic_ns() - k->arrived) / 1000,
	};
	struct bw_error e = {0};
	enum bw_err err;

	/* An error is not recorded: a re-delivery is handled again. */
	if (resp->status < 200 || resp->status > 299)
		return;
	if (resp->content_type != NULL) {
		a.content_type = (struct bw_str){
		    resp->content_type, strlen(resp->content_type)};
		a.body =
		    resp->prepared.p != NULL
			? resp->prepared
			: or_empty((struct bw_str){resp->body.p, resp->body.n});
	}
	/* A verdict must be the same after a crash. */
	if (k->durability == BWI_DURABILITY_AWAITED && !k->concurrent)
		err = bw_store_record_answer_wait(
		    k->store, k->results[i].seq, &a, record_deadline(k), &e);
	else
		err =
		    bw_store_record_answer(k->store, k->results[i].seq, &a, &e);
	if (err != BW_OK)
		k->store_error = e;
}

void
bwi_journal_answered(
    struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	if (k->results != NULL && !k->concurrent)
		record(k, i, resp);
}

/*
 * Wait until the events of a call are durable; only then does the sequence
 * number belong to the event, and the answer can be recorded.
 */
static void
end_concurrent(struct bwi_journal *k, const struct bw_response *resp)
{
	const struct bw_store_result *unused;
	struct bw_error e = {0};
	enum bw_err err = bw_store_write_wait(
	    k->pending, BW_STORE_DURABLE, store_deadline(k), &unused, &e);

	if (err == BW_OK && k->handled)
		record(k, 0, resp);
	if (err == BW_OK || err == BW_ERR_DEADLINE)
		return;
	/* The write failed after its results were known. */
	k->store_error = e;
	e = (struct bw_error){0};
	if (bwi_store_handle_spool(
		k->handle, k->events, k->n, spool_deadline(k), &e) != BW_OK)
		k->store_error = e;
	bw_store_write_free(k->pending, false);
	k->pending = NULL;
}

void
bwi_journal_end(struct bwi_journal *k, struct bw_response *resp)
{
	if (k->handle == NULL)
		return;
	if (k->concurrent && k->pending != NULL)
		end_concurrent(k, resp);
	bw_store_write_free(
	    k->pending, k->durability != BWI_DURABILITY_RETRIED);
	k->pending = NULL;
	if (resp->why.code == BW_OK && k->store_error.code != BW_OK)
		resp->why = k->store_error;
	if (resp->why.code == BW_OK && k->store != NULL)
		(void)bw_store_take_warning(k->store, &resp->why);
}
