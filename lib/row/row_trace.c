/* How an answer was made, as JSON. */
#include <bwcallback/tools/row.h>
#include <bwcallback/tools/trace.h>

#include "row/json_member.h"

static void
add_program(struct bw_buf *b, const struct bw_trace *t, bool reveal)
{
	if (t->program.p == NULL)
		return;
	bwi_json_name(b, "program");
	bw_buf_putc(b, '{');
	bwi_json_text(b, "path", BW_MASK_REMARK, t->program, reveal);
	if (t->exit >= 0)
		bwi_json_number(b, "exit", t->exit);
	if (t->signal >= 0)
		bwi_json_number(b, "signal", t->signal);
	bwi_json_text(b, "stderr", BW_MASK_REMARK, t->said, reveal);
	bw_buf_putc(b, '}');
}

static void
add_steps(struct bw_buf *b, const struct bw_trace *t)
{
	bwi_json_name(b, "us");
	bw_buf_putc(b, '{');
	for (size_t i = 0; i < t->nsteps; i++) {
		if (i > 0)
			bw_buf_putc(b, ',');
		bw_row_text_json(b, BW_MASK_REMARK, t->steps[i].name, false);
		bw_buf_putc(b, ':');
		bw_buf_int(b, t->steps[i].us);
	}
	bw_buf_putc(b, '}');
}

bool
bw_row_trace_json(
    struct bw_buf *b, const struct bw_store_answer *a, bool reveal)
{
	struct bw_trace t;
	bool known;

	if (a->trace.p == NULL)
		return false;
	known = bw_trace_read(a->trace, &t) == BW_OK;
	if (known) {
		bw_buf_putc(b, '{');
		bwi_json_text(b, "rule", BW_MASK_WORD, t.rule, reveal);
		bwi_json_text(b, "error", BW_MASK_WORD, t.error, reveal);
		bwi_json_text(b, "text", BW_MASK_REMARK, t.text, reveal);
		add_program(b, &t, reveal);
		bwi_json_text(b, "check", BW_MASK_REMARK, t.check, reveal);
		add_steps(b, &t);
		bw_buf_putc(b, '}');
	}
	bw_trace_free(&t);
	return known;
}
