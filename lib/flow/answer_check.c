#include "flow/answer_check.h"
#include "base/response.h"

#include <bwcallback/bxml.h>

#include "base/utf8.h"
#include "event/payload_tree.h"

static enum bw_err
check_json(const char *source, struct bw_str text, struct bw_error *e)
{
	struct bwi_tree tree;
	enum bw_err err;

	bwi_tree_init(&tree);
	err = bwi_json_parse(&tree, text, NULL);
	bwi_tree_free(&tree);
	if (err == BW_OK || err == BW_ERR_NOMEM)
		return err;
	return bw_error_set(
	    e, BW_ERR_PROGRAM, 0, "%s: its output is not JSON", source);
}

static enum bw_err
put(const char *source, struct bw_str text, struct bw_response *resp,
    struct bw_error *e)
{
	enum bw_err err;

	bw_buf_str(&resp->body, text);
	err = resp->body.err;
	if (err == BW_OK)
		return BW_OK;
	bw_buf_reset(&resp->body);
	if (err != BW_ERR_NOMEM)
		err = BW_ERR_PROGRAM;
	return bw_error_set(
	    e, err, 0, "%s: its output: %s", source, bw_strerror(err));
}

/* Bytes of findings that are kept of one answer. */
#define MAX_FINDINGS 2000

/* Add a finding as a line, if it fits. */
static void
add_finding(void *arg, const struct bw_finding *f)
{
	struct bw_buf *b = arg;
	size_t before = b->n;

	if (before > 0)
		bw_buf_putc(b, '\n');
	if (f->line > 0)
		bw_buf_printf(b, "%d:%d: ", f->line, f->column);
	bw_buf_printf(b, "%s: %s", bw_severity_name(f->severity), f->text);
	if (b->err != BW_OK) {
		b->n = before;
		b->err = BW_OK;
	}
}

static enum bw_err
check_bxml(const char *source, struct bw_str text,
    const struct bw_event_type *row, const struct bwi_handling *h,
    struct bw_response *resp, struct bw_error *e)
{
	const struct bw_bxml_options options = {
	    .answering = {row->name, strlen(row->name)}};
	struct bw_buf findings;
	const struct bw_reporter reporter = {add_finding, &findings};
	enum bw_err err;

	bw_buf_init(&findings, MAX_FINDINGS);
	err = bw_bxml_check(source, text, &options, &reporter, e);
	if (findings.n > 0)
		resp->worked.check = bwi_arena_copy(
		    h->arena, (struct bw_str){findings.p, findings.n});
	bw_buf_free(&findings);
	return err;
}

enum bw_err
bwi_answer_check_take(const char *source, const struct bw_event *event,
    const struct bw_buf *out, const struct bwi_handling *h,
    struct bw_response *resp, struct bw_error *e)
{
	const struct bw_event_type *row = bw_event_row(event);
	/* Some languages write a byte-order mark first. */
	struct bw_str text =
	    bwi_utf8_without_mark((struct bw_str){out->p, out->n});
	const char *type;
	enum bw_err err;

	bwi_steps_enter(h->steps, BWI_TIMED_CHECK);
	if (row->answer == BW_ANSWER_BXML ||
	    (row->answer == BW_ANSWER_BXML_OR_NONE && text.n != 0)) {
		type = "application/xml; charset=utf-8";
		err = check_bxml(source, text, row, h, resp, e);
	} else if (row->answer == BW_ANSWER_JSON && text.n != 0) {
		type = "application/json";
		err = check_json(source, text, e);
	} else {
		resp->status = row->status;
		return BW_OK;
	}
	if (err == BW_OK)
		err = put(source, text, resp, e);
	if (err != BW_OK)
		return err;
	resp->status = 200;
	resp->content_type = type;
	return BW_OK;
}
