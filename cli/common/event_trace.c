/* How an answer was made, as lines. */
#include "cli/common/event_trace.h"

#include <bwcallback/tools/trace.h>

#include "cli/common/event_columns.h"

/* Append the lines of a text below each other. */
static void
put_lines(struct bw_buf *b, const char *name, struct bw_str text, bool reveal)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end != NULL ? (size_t)(end - text.p) : text.n;

		bw_buf_printf(b, "%-13s ", name);
		events_text(
		    b, BW_MASK_REMARK, (struct bw_str){text.p, n}, reveal);
		bw_buf_putc(b, '\n');
		n += end != NULL;
		text = (struct bw_str){text.p + n, text.n - n};
		name = "  |";
	}
}

static void
put_line(struct bw_buf *b, const char *name, enum bw_mask kind,
    struct bw_str text, bool reveal)
{
	if (text.n == 0)
		return;
	bw_buf_printf(b, "%-13s ", name);
	events_text(b, kind, text, reveal);
	bw_buf_putc(b, '\n');
}

static void
put_program(struct bw_buf *b, const struct bw_trace *t, bool reveal)
{
	if (t->program.p == NULL)
		return;
	bw_buf_printf(b, "%-13s ", "program");
	events_text(b, BW_MASK_REMARK, t->program, reveal);
	if (t->exit >= 0)
		bw_buf_printf(b, ", exit status %d", t->exit);
	else if (t->signal >= 0)
		bw_buf_printf(b, ", ended by signal %d", t->signal);
	else
		bw_buf_puts(b, ", no exit status");
	bw_buf_putc(b, '\n');
	put_lines(b, "  |", t->said, reveal);
}

/* The steps that took a tenth of a millisecond or more. */
static void
put_steps(struct bw_buf *b, const struct bw_trace *t)
{
	size_t shown = 0;

	for (size_t i = 0; i < t->nsteps; i++) {
		if (t->steps[i].us < 50)
			continue;
		bw_buf_puts(b, shown++ == 0 ? "steps         " : ", ");
		events_text(b, BW_MASK_REMARK, t->steps[i].name, false);
		bw_buf_printf(b, " %.1f ms", (double)t->steps[i].us / 1000);
	}
	if (shown > 0)
		bw_buf_putc(b, '\n');
}

void
events_put_trace(struct bw_buf *b, const struct bw_store_answer *a, bool reveal)
{
	struct bw_trace t;

	if (a->trace.p == NULL)
		return;
	if (bw_trace_read(a->trace, &t) == BW_OK) {
		put_line(b, "rule", BW_MASK_WORD, t.rule, reveal);
		put_line(b, "because", BW_MASK_REMARK, t.text, reveal);
		put_program(b, &t, reveal);
		put_lines(b, "check", t.check, reveal);
		put_steps(b, &t);
	}
	bw_trace_free(&t);
}

void
events_put_outcome(struct bw_buf *b, const struct bw_store_answer *a)
{
	struct bw_trace t;

	if (!a->fallback && !a->failed)
		return;
	bw_buf_puts(b, a->fallback ? " fallback" : " failed");
	if (a->trace.p == NULL)
		return;
	if (bw_trace_read(a->trace, &t) == BW_OK && t.error.n > 0) {
		bw_buf_putc(b, ' ');
		events_text(b, BW_MASK_WORD, t.error, false);
	}
	bw_trace_free(&t);
}
