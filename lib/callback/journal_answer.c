/* What is stored of an answer, with its event or after it. */
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/response.h"
#include "callback/journal.h"
#include "flow/trace.h"
#include "store/store.h"

static struct bw_str
or_empty(struct bw_str s)
{
	return s.p != NULL ? s : (struct bw_str){"", 0};
}

/* After an error a re-delivery is handled again. */
struct bw_store_answer
bwi_journal_answer(const struct bwi_journal *k, const struct bw_response *resp)
{
	struct bw_store_answer a = {
	    .status = resp->status,
	    .fallback = resp->fallback,
	    .failed = resp->status < 200 || resp->status > 299,
	    .answered = bw_realtime_ms(),
	    .duration = (bwi_steps_add(k->steps) - k->arrived) / 1000,
	    .trace = bwi_trace_write(k->trace, resp, k->steps),
	};

	if (resp->content_type != NULL) {
		a.content_type = (struct bw_str){
		    resp->content_type, strlen(resp->content_type)};
		a.body =
		    resp->prepared.p != NULL
			? resp->prepared
			: or_empty((struct bw_str){resp->body.p, resp->body.n});
	}
	return a;
}

void
bwi_journal_foresee(const struct bwi_journal *k, struct bw_store_answer *to)
{
	*to = bwi_journal_answer(k, k->ahead);
	if (to->failed)
		*to = (struct bw_store_answer){0};
	if (to->trace.p != NULL)
		to->trace = bwi_arena_copy(k->arena, to->trace);
}

void
bwi_journal_record(
    struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	struct bw_store_answer a = bwi_journal_answer(k, resp);
	struct bw_error e = {0};

	if (bw_store_record_answer(k->store, k->results[i].seq, &a, &e) !=
	    BW_OK)
		k->store_error = e;
}

void
bwi_journal_failed(
    struct bwi_journal *k, size_t i, const struct bw_response *resp)
{
	struct bw_store_answer a;
	struct bw_error e = {0};

	/* The answer to a call is recorded at the end. */
	if (k->results == NULL || k->concurrent || k->results[i].seq == 0)
		return;
	a = bwi_journal_answer(k, resp);
	a.failed = true;
	if (bw_store_record_answer(k->store, k->results[i].seq, &a, &e) !=
	    BW_OK)
		k->store_error = e;
}
