#include "flow/answer_module.h"
#include "base/response.h"

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "flow/answer_check.h"
#include "flow/event_input.h"

/*
 * Any failure of the handler is reported as our error, never as the sender's.
 */
static enum bw_err
call(const struct bwi_handler *h, const struct bw_module_request *r,
    struct bw_buf *out, struct bw_error *e)
{
	struct bw_error why = {0};
	enum bw_err err = h->call(r, out, &why);
	int64_t late = bw_monotonic_ns() - r->deadline;

	if (late > 0) {
		return bw_error_set(e, BW_ERR_DEADLINE, 0,
		    "module: %s: returned %lld ms after its deadline", h->name,
		    (long long)(late / 1000000));
	}
	if (err == BW_OK)
		err = out->err;
	if (err == BW_OK)
		return BW_OK;
	why.msg[sizeof(why.msg) - 1] = '\0';
	return bw_error_set(e,
	    err == BW_ERR_NOMEM ? BW_ERR_NOMEM : BW_ERR_PROGRAM, 0,
	    "module: %s: %s", h->name,
	    why.msg[0] != '\0' ? why.msg : bw_strerror(err));
}

enum bw_err
bwi_answer_module(const struct bwi_section *s, const struct bwi_action *a,
    const struct bw_event *event, const struct bwi_handling *h,
    struct bw_response *resp, struct bw_error *e)
{
	const struct bw_module_request r = {
	    .event = event,
	    .path = s->path,
	    .post = h->post,
	    .deadline = h->deadline,
	    .handling = h,
	};
	struct bw_buf out;
	enum bw_err err;

	bw_buf_init(&out, BW_MAX_PROGRAM_OUTPUT);
	bwi_parking_slow(h->parking);
	err = call(&a->handler, &r, &out, e);
	if (err == BW_OK)
		err = bwi_answer_check_take(
		    a->handler.name, event, &out, h, resp, e);
	bw_buf_free(&out);
	return err;
}

enum bw_err
bw_module_event_json(const struct bw_module_request *r, struct bw_buf *to)
{
	return bwi_event_input(r->handling, r->event, to);
}
