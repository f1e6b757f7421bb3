/* Answers a re-delivery like the first delivery, or lets it be handled
 * again. */
#include "base/response.h"
#include "callback/journal.h"

#include <bwcallback/tools/clock.h>

#include "store/store.h"

#define MS INT64_C(1000000)

/* For a port-out, a little longer than the first delivery's claim. */
#define PORTOUT_FIRST (1000 * MS)

/* How often to ask for the answer to the first delivery. */
#define ASK_INTERVAL (10 * MS)

static enum bw_err
ask(struct bwi_journal *k, size_t i, struct bw_error *e)
{
	struct bw_store_event event = k->events[i];

	event.again = true;
	k->until = k->until_first;
	return bw_store_write_begin(
	    k->store, &event, 1, k->until_first, &k->again, e);
}

static void
begin_asking(struct bwi_journal *k)
{
	int64_t now = bw_monotonic_ns();
	int64_t left = (k->deadline - now) / 4 * 3;

	k->asking = true;
	k->until = now + ASK_INTERVAL;
	if (k->parking->hurry)
		left = 0;
	k->until_first =
	    now + (k->portout ? bw_earlier(left, PORTOUT_FIRST) : left);
}

/*
 * One question: is the first delivery answered, or may this one be handled?
 * false: it is not known yet.
 */
static bool
ask_once(struct bwi_journal *k, size_t i, const struct bw_store_result **result,
    enum bw_err *err, struct bw_error *e)
{
	*err = BW_OK;
	if (k->again == NULL) {
		if (!bwi_parking_over(k->parking, k->until))
			return false;
		*err = ask(k, i, e);
	}
	if (*err != BW_OK)
		return true;
	return bwi_journal_await(k, k->again, BW_STORE_DECIDED, result, err, e);
}

/*
 * Ask until the first delivery is answered, or this one may be handled, or
 * until the deadline.
 */
static bool
wait_for_first(struct bwi_journal *k, size_t i,
    const struct bw_store_result **result, enum bw_err *err, struct bw_error *e)
{
	if (!k->asking)
		begin_asking(k);
	for (;;) {
		if (!ask_once(k, i, result, err, e))
			return false;
		if (*err != BW_OK || (*result)->fate != BW_STORE_RUNNING)
			return true;
		bw_store_write_free(k->again, false);
		k->again = NULL;
		k->until = bw_monotonic_ns() + ASK_INTERVAL;
		if (k->until >= k->until_first) {
			*err = bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: the first delivery is still being "
			    "handled");
			return true;
		}
	}
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
	bwi_response_forget(resp);
	resp->rule = NULL;
	resp->worked = (struct bwi_worked){.program = {NULL, 0}};
	if (a->body.p != NULL)
		bw_buf_str(&resp->body, a->body);
	if (resp->body.err != BW_OK)
		return resp->body.err;
	resp->status = a->status;
	resp->content_type = type.p;
	resp->fallback = a->fallback;
	return BW_OK;
}

/* Does the list contain this event twice? */
static bool
is_listed_before(const struct bwi_journal *k, size_t i)
{
	for (size_t first = 0; first < i; first++) {
		if (k->results[first].seq == k->results[i].seq)
			return true;
	}
	return false;
}

bool
bwi_journal_check_repeat(struct bwi_journal *k, size_t i,
    struct bw_response *resp, bool *handle, enum bw_err *err,
    struct bw_error *e)
{
	const struct bw_store_result *r;

	*err = BW_OK;
	*handle = k->results == NULL || !is_listed_before(k, i);
	if (k->results == NULL || !*handle)
		return true;
	r = &k->results[i];
	if (r->fate == BW_STORE_RUNNING && !wait_for_first(k, i, &r, err, e))
		return false;
	if (*err == BW_OK && r->fate == BW_STORE_ANSWERED) {
		*handle = false;
		*err = copy_answer(k, &r->answer, resp);
		if (*err != BW_OK)
			(void)bw_error_set(
			    e, *err, 0, "store: %s", bw_strerror(*err));
	}
	bw_store_write_free(k->again, false);
	k->again = NULL;
	k->asking = false;
	k->record = k->record || (i == 0 && *err == BW_OK && *handle);
	return true;
}
