#include "callback/journal.h"

#include <string.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "event/event.h"
#include "store/store.h"

#define MS INT64_C(1000000)

/* A call is not held up longer than this by a store that is slow. */
#define CALL_WAIT (500 * MS)

/*
 * A verdict goes out within a second, however slow everything is: so long
 * after the request came, of which the operator's data may take the half.
 */
#define VERDICT_TIME (900 * MS)
#define VERDICT_WAIT (400 * MS)

/* How often a re-delivery looks whether the first was answered. */
#define LOOK_AGAIN (10 * MS)

static bool
is_retried_code(const struct bw_event *e)
{
	struct bw_str platform = {NULL, 0};

	(void)bw_event_get(e, BW_STR("platform"), &platform);
	return bw_str_is(platform, "NorthAmericaSMS");
}

static enum bwi_durability
care_of(const struct bwi_section *s, const struct bw_event *e)
{
	switch (bw_event_row(e)->answer) {
	case BW_ANSWER_BXML:
	case BW_ANSWER_BXML_OR_NONE:
	case BW_ANSWER_PORTOUT:
	case BW_ANSWER_JSON:
		return BWI_CARE_WAITS;
	case BW_ANSWER_STATUS:
	case BW_ANSWER_NOTHING:
		break;
	}
	switch (bw_event_family(e)) {
	case BW_FAMILY_MESSAGING:
		return BWI_CARE_RETRIED;
	case BW_FAMILY_MFA:
		return is_retried_code(e) ? BWI_CARE_RETRIED : BWI_CARE_ONCE;
	default:
		return s->kind == BWI_SECTION_PORTOUT ? BWI_CARE_WAITS
						      : BWI_CARE_ONCE;
	}
}

static struct bw_str
present(struct bw_str s)
{
	return s.p != NULL ? s : (struct bw_str){"", 0};
}

static void
describe_request(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user, struct bw_store_event *to)
{
	bool get = req->method == BW_METHOD_GET;
	int64_t end = k->verdict ? k->arrived + VERDICT_TIME : k->deadline;
	int64_t left = (end - bw_monotonic_ns()) / MS;

	*to = (struct bw_store_event){
	    .received = req->time != 0 ? req->time : bw_realtime_ms(),
	    .section = present(s->path),
	    .method = present(req->method_name),
	    .content_type = req->content_type,
	    .user = user,
	    .request = req->id,
	    .body = present(get ? req->query : req->body),
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
			k->events[i].body = present(events[i]->raw);
		}
		err =
		    bwi_journal_describe(k->arena, s, events[i], &k->events[i]);
		if (err != BW_OK)
			return err;
		k->n = i + 1;
	}
	return BW_OK;
}

/* Most of the time there is, but some of it is left to answer in. */
static int64_t
patience(const struct bwi_journal *k)
{
	int64_t now = bw_monotonic_ns();

	if (k->beside)
		return bw_earlier(
		    now + CALL_WAIT, now + (k->deadline - now) / 2);
	if (k->verdict)
		return bw_earlier(
		    now + VERDICT_WAIT, now + (k->deadline - now) / 4 * 3);
	return now + (k->deadline - now) / 4 * 3;
}

/* The same, for the last step of one whose answer must be durable. */
static int64_t
last_patience(const struct bwi_journal *k)
{
	int64_t left = k->arrived + VERDICT_TIME - bw_monotonic_ns();
	int64_t least = VERDICT_WAIT / 4;

	return bw_earlier(
	    bw_monotonic_ns() + (left > least ? left : least), k->deadline);
}

/* How long to wait for the spool, which is asked after the store. */
static int64_t
spool_deadline(const struct bwi_journal *k)
{
	int64_t deadline = patience(k);

	if (k->verdict)
		deadline =
		    bw_earlier(deadline, bw_monotonic_ns() + VERDICT_WAIT / 4);
	return deadline;
}

static enum bw_err
store(struct bwi_journal *k, struct bw_error *e)
{
	enum bw_err err = bwi_store_handle_store(k->keep, &k->store, e);

	if (err == BW_OK)
		err = bw_store_write_begin(
		    k->store, k->events, k->n, k->deadline, &k->pending, e);
	if (err == BW_OK)
		err = bw_store_write_wait(k->pending,
		    k->beside ? BW_STORE_DECIDED : BW_STORE_DURABLE,
		    patience(k), &k->results, e);
	if (err != BW_OK)
		k->results = NULL;
	return err;
}

/*
 * The store did not take them. A call is not made to wait for another disk as
 * well as long as the store may still do it: if it fails in the end, its
 * writer puts them into the spool.
 */
static enum bw_err
save(struct bwi_journal *k, enum bw_err err, struct bw_error *e)
{
	bool on_its_way = err == BW_ERR_DEADLINE && k->pending != NULL;
	struct bw_error spooling = {0};

	k->lost = *e;
	if (k->care == BWI_CARE_RETRIED)
		return err;
	if (k->beside && on_its_way) {
		*e = (struct bw_error){0};
		return BW_OK;
	}
	if (bwi_store_handle_spool(k->keep, k->events, k->n, spool_deadline(k),
		&spooling) == BW_OK) {
		bw_store_write_free(k->pending, false);
		k->pending = NULL;
		*e = (struct bw_error){0};
		return BW_OK;
	}
	k->lost = spooling;
	if (k->care == BWI_CARE_ONCE)
		return err;
	*e = (struct bw_error){0};
	return BW_OK;
}

static void
init(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, enum bwi_durability care)
{
	k->care = care;
	k->beside = care == BWI_CARE_WAITS && s->kind != BWI_SECTION_PORTOUT;
	k->verdict = s->kind == BWI_SECTION_PORTOUT;
	k->arrived = req->arrived;
	k->deadline = req->arrived + s->deadline;
}

enum bw_err
bwi_journal_begin(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *e)
{
	enum bw_err err;

	if (k->keep == NULL)
		return BW_OK;
	init(k, s, req, care_of(s, events[0]));
	err = describe(k, s, req, user, events, n);
	if (err != BW_OK)
		(void)bw_error_set(e, err, 0, "store: %s", bw_strerror(err));
	else
		err = store(k, e);
	return err == BW_OK ? BW_OK : save(k, err, e);
}

/* Hand them over, and do not wait; who comes again need not wait, either. */
static enum bw_err
put_away(struct bwi_journal *k, struct bw_error *e)
{
	enum bw_err err = bwi_store_handle_store(k->keep, &k->store, e);

	for (size_t i = 0; i < k->n; i++)
		k->events[i].claim = 0;
	if (err == BW_OK)
		err = bw_store_write_begin(
		    k->store, k->events, k->n, k->deadline, &k->pending, e);
	bw_store_write_free(k->pending, k->care != BWI_CARE_RETRIED);
	k->pending = NULL;
	return err;
}

bool
bwi_journal_leave(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *e)
{
	enum bwi_durability care = care_of(s, events[0]);
	struct bw_error storing = {0};

	if (care == BWI_CARE_ONCE)
		return false;
	(void)bw_error_set(e, BW_ERR_DEADLINE, 0,
	    "the web server did not wait until this was begun");
	if (k->keep == NULL)
		return true;
	init(k, s, req, care);
	if (describe(k, s, req, user, events, n) == BW_OK &&
	    put_away(k, &storing) != BW_OK && care != BWI_CARE_RETRIED &&
	    bwi_store_handle_spool(
		k->keep, k->events, k->n, k->deadline, &storing) != BW_OK)
		k->lost = storing;
	return true;
}

enum bw_err
bwi_journal_unparsed(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_error *why, struct bw_error *e)
{
	/* Nobody waits for it, and sending it again would not help. */
	init(k, s, req, BWI_CARE_ONCE);
	k->events = bwi_arena_alloc(k->arena, sizeof(*k->events));
	if (k->events == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	describe_request(k, s, req, user, k->events);
	bwi_journal_describe_unparsed(k->arena, s, why->code, k->events);
	k->n = 1;
	return store(k, e);
}

/* Ask again until it is answered, or ours, or time is up. */
static enum bw_err
wait_for_first(struct bwi_journal *k, size_t i,
    const struct bw_store_result **result, struct bw_store_write **again,
    struct bw_error *e)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN};
	int64_t now = bw_monotonic_ns();
	/* A little longer than the first one's claim to a verdict. */
	int64_t most = k->verdict ? VERDICT_TIME + VERDICT_WAIT / 4 : INT64_MAX;
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
			    "answered");
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
put_answer(struct bwi_journal *k, const struct bw_store_answer *a,
    struct bw_response *resp)
{
	struct bw_str type = {NULL, 0};

	if (a->content_type.p != NULL) {
		type = bwi_arena_copy(k->arena, a->content_type);
		if (type.p == NULL)
			return BW_ERR_NOMEM;
	}
	bw_buf_reset(&resp->body);
	bw_buf_str(&resp->body, present(a->body));
	if (resp->body.err != BW_OK)
		return resp->body.err;
	resp->status = a->status;
	resp->content_type = type.p;
	resp->fallback = a->fallback;
	return BW_OK;
}

enum bw_err
bwi_journal_repeat(struct bwi_journal *k, size_t i, struct bw_response *resp,
    bool *handle, struct bw_error *e)
{
	const struct bw_store_result *r =
	    k->results != NULL ? &k->results[i] : NULL;
	struct bw_store_write *again = NULL;
	enum bw_err err = BW_OK;

	*handle = true;
	if (r == NULL)
		return BW_OK;
	/* Twice in one list: the same element again. */
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
		err = put_answer(k, &r->answer, resp);
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

	/* What was refused may be asked for again, and is tried again. */
	if (resp->status < 200 || resp->status > 299)
		return;
	if (resp->content_type != NULL) {
		a.content_type = (struct bw_str){
		    resp->content_type, strlen(resp->content_type)};
		a.body =
		    resp->prepared.p != NULL
			? resp->prepared
			: present((struct bw_str){resp->body.p, resp->body.n});
	}
	/* A verdict must not be another one after a crash. */
	if (k->care == BWI_CARE_WAITS && !k->beside)
		err = bw_store_record_answer_wait(
		    k->store, k->results[i].seq, &a, last_patience(k), &e);
	else
		err = bw_store_answer(k->store, k->results[i].seq, &a, &e);
	if (err != BW_OK)
		k->lost = e;
}

void
bwi_journal_answered(
    struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	if (k->results != NULL && !k->beside)
		record(k, i, resp);
}

/*
 * Only now is the number certain to be this event's: until it is durable, it
 * may yet become another's.
 */
static void
end_beside(struct bwi_journal *k, const struct bw_response *resp)
{
	const struct bw_store_result *unused;
	struct bw_error e = {0};
	enum bw_err err = bw_store_write_wait(
	    k->pending, BW_STORE_DURABLE, patience(k), &unused, &e);

	if (err == BW_OK && k->handled)
		record(k, 0, resp);
	if (err == BW_OK || err == BW_ERR_DEADLINE)
		return;
	/* Decided, but then the disk said no. */
	k->lost = e;
	e = (struct bw_error){0};
	if (bwi_store_handle_spool(
		k->keep, k->events, k->n, spool_deadline(k), &e) != BW_OK)
		k->lost = e;
	bw_store_write_free(k->pending, false);
	k->pending = NULL;
}

void
bwi_journal_end(struct bwi_journal *k, struct bw_response *resp)
{
	if (k->keep == NULL)
		return;
	if (k->beside && k->pending != NULL)
		end_beside(k, resp);
	bw_store_write_free(k->pending, k->care != BWI_CARE_RETRIED);
	k->pending = NULL;
	if (resp->why.code == BW_OK && k->lost.code != BW_OK)
		resp->why = k->lost;
	if (resp->why.code == BW_OK && k->store != NULL)
		(void)bw_store_take_warning(k->store, &resp->why);
}
