#include "callback/journal.h"
#include "base/request.h"
#include "base/response.h"

#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

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

/* A store that has been busy for so long is not waited for any more. */
#define BREAK_AFTER (2000 * MS)

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

/* How long a re-delivery waits for the answer to this delivery. */
static int64_t
claim_of(const struct bwi_journal *k)
{
	int64_t end = k->portout ? k->arrived + PORTOUT_TIME : k->deadline;
	int64_t left = (end - bw_monotonic_ns()) / MS;

	return left > 1 ? left : 1;
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

		bwi_journal_describe_request(s, req, user, &k->events[i]);
		k->events[i].claim = claim_of(k);
		bwi_journal_set_index(&k->events[i], events, n, i);
		/* Store a long query of many events only once. */
		if (i > 0 && n * req->query.n > BW_MAX_BODY)
			k->events[i].query = (struct bw_str){NULL, 0};
		if (k->ahead != NULL)
			bwi_journal_foresee(k, &k->events[i].answer);
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
		return bw_earlier(bw_earlier(now + PORTOUT_WAIT,
				      k->arrived + PORTOUT_TIME / 3 * 2),
		    now + (k->deadline - now) / 4 * 3);
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

bool
bwi_journal_await(struct bwi_journal *k, struct bw_store_write *j,
    enum bw_store_stage until, const struct bw_store_result **results,
    enum bw_err *err, struct bw_error *e)
{
	if (bwi_job_poll(j, until, &k->parking->waker, results, err, e))
		return true;
	if (!bwi_parking_over(k->parking, k->until))
		return false;
	if (bwi_job_poll(j, until, NULL, results, err, e))
		return true;
	*err = bw_error_set(
	    e, BW_ERR_DEADLINE, 0, "store: not written before the deadline");
	return true;
}

void
bwi_journal_hurry(struct bwi_journal *k)
{
	struct bw_store_write *const jobs[] = {
	    k->pending, k->again, k->recording};

	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (jobs[i] != NULL)
			bwi_job_hurry(jobs[i]);
	}
}

/*
 * A store that has not answered for a while fails at once: otherwise every
 * request would wait for as long as it may.
 */
static enum bw_err
check_answers(struct bwi_journal *k, struct bw_error *e)
{
	int64_t busy = bwi_store_busy(k->store);

	return busy < BREAK_AFTER ? BW_OK
				  : bw_error_set(e, BW_ERR_BUSY, 0,
					"store: it has not answered for %lld s",
					(long long)(busy / (1000 * MS)));
}

static enum bw_err
submit(struct bwi_journal *k, struct bw_error *e)
{
	enum bw_err err = bwi_store_handle_store(k->handle, &k->store, e);

	if (err == BW_OK)
		err = check_answers(k, e);
	if (err == BW_OK)
		err = bw_store_write_begin(
		    k->store, k->events, k->n, k->deadline, &k->pending, e);
	k->until = k->parking->hurry ? 0 : store_deadline(k);
	return err;
}

/* Wait until the submitted events are written. */
static bool
await_events(struct bwi_journal *k, enum bw_err *err, struct bw_error *e)
{
	if (!bwi_journal_await(k, k->pending,
		k->concurrent && k->ahead == NULL ? BW_STORE_DECIDED
						  : BW_STORE_DURABLE,
		&k->results, err, e))
		return false;
	if (*err != BW_OK)
		k->results = NULL;
	/* The answer is ready, so the request only waits for the store. */
	k->ending = k->ahead != NULL;
	return true;
}

static void
free_write(struct bw_store_write **w, bool spool)
{
	bw_store_write_free(*w, spool);
	*w = NULL;
}

/*
 * The store failed or was late. While it may still succeed, a call does not
 * wait for another disk as well: if the write fails in the end, the writer
 * spools the events. false: the request need not be spooled.
 */
static bool
begin_spool(struct bwi_journal *k, enum bw_err *err, struct bw_error *e)
{
	bool on_its_way = *err == BW_ERR_DEADLINE && k->pending != NULL;

	k->store_error = *e;
	if (k->durability == BWI_DURABILITY_RETRIED || k->n < k->wanted)
		return false;
	*e = (struct bw_error){0};
	if (k->concurrent && on_its_way) {
		*err = BW_OK;
		return false;
	}
	k->until = spool_deadline(k);
	k->spooled = true;
	*err = bwi_store_handle_spool(
	    k->handle, k->events, k->n, k->until, &k->spooling, e);
	return true;
}

/* Wait until the events are in the spool. */
static bool
await_spool(struct bwi_journal *k, enum bw_err *err, struct bw_error *e)
{
	const struct bw_store_result *unused;
	struct bw_error spooling;

	if (k->spooling != NULL) {
		if (!bwi_journal_await(
			k, k->spooling, BW_STORE_DURABLE, &unused, err, e))
			return false;
		free_write(&k->spooling, false);
	}
	if (*err == BW_OK) {
		free_write(&k->pending, false);
		return true;
	}
	spooling = *e;
	*e = k->store_error;
	*err = e->code;
	k->store_error = spooling;
	if (k->durability != BWI_DURABILITY_ONCE) {
		*err = BW_OK;
		*e = (struct bw_error){0};
	}
	return true;
}

/* Wait for the submitted events; if that fails, spool them. */
static bool
store_or_spool(struct bwi_journal *k, enum bw_err *err, struct bw_error *e)
{
	if (k->spooling == NULL) {
		if (k->pending != NULL && !await_events(k, err, e))
			return false;
		if (*err == BW_OK || !begin_spool(k, err, e))
			return true;
	}
	return await_spool(k, err, e);
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

static enum bw_err
start(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *e)
{
	enum bw_err err;

	init(k, s, req, durability_of(s, events[0]));
	k->begun = true;
	k->wanted = n;
	err = describe(k, s, req, user, events, n);
	if (err != BW_OK)
		return bw_error_set(e, err, 0, "store: %s", bw_strerror(err));
	return submit(k, e);
}

bool
bwi_journal_begin(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, enum bw_err *err,
    struct bw_error *e)
{
	*err = BW_OK;
	if (k->handle == NULL)
		return true;
	if (!k->begun)
		*err = start(k, s, req, user, events, n, e);
	return store_or_spool(k, err, e);
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
	    bwi_store_handle_spool(k->handle, k->events, k->n, k->deadline,
		&k->spooling, &storing) != BW_OK)
		k->store_error = storing;
	free_write(&k->spooling, false);
	return true;
}

static enum bw_err
start_unparsed(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_error *why, struct bw_error *e)
{
	/* No caller waits for the content, and a re-delivery would not help. */
	init(k, s, req, BWI_DURABILITY_ONCE);
	k->begun = true;
	k->events = bwi_arena_alloc(k->arena, sizeof(*k->events));
	if (k->events == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	bwi_journal_describe_request(s, req, user, k->events);
	k->events->claim = claim_of(k);
	bwi_journal_describe_unparsed(k->arena, s, why->code, k->events);
	k->n = 1;
	return submit(k, e);
}

bool
bwi_journal_unparsed(struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_error *why, enum bw_err *err, struct bw_error *e)
{
	*err = BW_OK;
	if (!k->begun)
		*err = start_unparsed(k, s, req, user, why, e);
	if (*err != BW_OK || k->pending == NULL)
		return true;
	return await_events(k, err, e);
}

/* A verdict must be the same after a crash: wait until it is durable. */
static bool
record_durably(struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	const struct bw_store_result *unused;
	struct bw_error e = {0};
	enum bw_err err = BW_OK;

	if (k->recording == NULL) {
		struct bw_store_answer a = bwi_journal_answer(k, resp);

		k->until = record_deadline(k);
		err = bwi_store_answer_begin(
		    k->store, k->results[i].seq, &a, &k->recording, &e);
	}
	if (err == BW_OK && !bwi_journal_await(k, k->recording,
				BW_STORE_DURABLE, &unused, &err, &e))
		return false;
	if (err != BW_OK)
		k->store_error = e;
	free_write(&k->recording, false);
	return true;
}

/* Was the answer to event i recorded with the event? */
static bool
is_recorded(const struct bwi_journal *k, size_t i)
{
	return k->ahead != NULL && k->results[i].fate == BW_STORE_NEW;
}

bool
bwi_journal_answered(
    struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	if (k->results == NULL || k->concurrent || is_recorded(k, i))
		return true;
	if (k->durability == BWI_DURABILITY_AWAITED)
		return record_durably(k, i, resp);
	bwi_journal_record(k, i, resp);
	return true;
}

/*
 * The write of a call's events failed after its results were known: spool them.
 */
static bool
spool_at_end(struct bwi_journal *k)
{
	const struct bw_store_result *unused;
	struct bw_error e = {0};
	enum bw_err err = BW_OK;

	if (k->spooling == NULL) {
		k->until = spool_deadline(k);
		k->spooled = true;
		err = bwi_store_handle_spool(
		    k->handle, k->events, k->n, k->until, &k->spooling, &e);
	}
	if (err == BW_OK && !bwi_journal_await(k, k->spooling, BW_STORE_DURABLE,
				&unused, &err, &e))
		return false;
	if (err != BW_OK)
		k->store_error = e;
	free_write(&k->spooling, false);
	free_write(&k->pending, false);
	return true;
}

/*
 * A call that did not wait for a slow store learns only at its end whether it
 * is a re-delivery that another request answers.
 */
static bool
is_ours(const struct bwi_journal *k, const struct bw_store_result *late)
{
	return k->record || (k->results == NULL && late != NULL &&
				(late->fate == BW_STORE_NEW ||
				    late->fate == BW_STORE_TAKEN));
}

/*
 * Wait until the events of a call are durable; only then does the sequence
 * number belong to the event, and the answer can be recorded.
 */
static bool
end_concurrent(struct bwi_journal *k, const struct bw_response *resp)
{
	const struct bw_store_result *results = NULL;
	struct bw_error e = {0};
	enum bw_err err = BW_OK;

	if (k->spooling != NULL)
		return spool_at_end(k);
	if (!k->ending) {
		k->ending = true;
		k->until = k->parking->hurry ? 0 : store_deadline(k);
	}
	if (!bwi_journal_await(
		k, k->pending, BW_STORE_DURABLE, &results, &err, &e))
		return false;
	if (err == BW_OK && is_ours(k, results)) {
		k->results = results;
		if (!is_recorded(k, 0))
			bwi_journal_record(k, 0, resp);
	}
	if (err == BW_OK || err == BW_ERR_DEADLINE)
		return true;
	k->store_error = e;
	return spool_at_end(k);
}

bool
bwi_journal_end(struct bwi_journal *k, struct bw_response *resp)
{
	if (k->handle == NULL)
		return true;
	if (k->concurrent && k->pending != NULL && !end_concurrent(k, resp))
		return false;
	free_write(&k->pending,
	    k->durability != BWI_DURABILITY_RETRIED && !k->spooled);
	if (resp->why.code == BW_OK && k->store_error.code != BW_OK)
		resp->why = k->store_error;
	if (resp->why.code == BW_OK && k->store != NULL)
		(void)bw_store_take_warning(k->store, &resp->why);
	return true;
}
