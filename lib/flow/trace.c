#include "flow/trace.h"

#include <bwcallback/store.h>
#include <bwcallback/tools/config.h>

#include "base/json_quote.h"

/* Begin a member; the first one follows the brace. */
static void
put_name(struct bw_buf *b, const char *name)
{
	if (b->n > 0 && b->p[b->n - 1] != '{')
		bw_buf_putc(b, ',');
	bw_buf_putc(b, '"');
	bw_buf_puts(b, name);
	bw_buf_puts(b, "\":");
}

static void
put_text(struct bw_buf *b, const char *name, struct bw_str s)
{
	if (s.n == 0)
		return;
	put_name(b, name);
	bw_buf_putc(b, '"');
	bwi_json_quote(b, s);
	bw_buf_putc(b, '"');
}

static void
put_word(struct bw_buf *b, const char *name, const char *s)
{
	put_text(b, name, (struct bw_str){s, strlen(s)});
}

static void
put_rule(struct bw_buf *b, const struct bw_rule *rule)
{
	put_name(b, "rule");
	bw_buf_putc(b, '"');
	bwi_json_quote(b, (struct bw_str){rule->file, strlen(rule->file)});
	bw_buf_putc(b, ':');
	bw_buf_int(b, rule->line);
	bw_buf_putc(b, '"');
}

static void
put_program(struct bw_buf *b, const struct bwi_worked *w, bool words)
{
	bool exited = w->result.end == BW_PROCESS_EXITED;

	put_name(b, "program");
	bw_buf_putc(b, '{');
	put_text(b, "path", w->program);
	if (exited || w->result.end == BW_PROCESS_SIGNALED) {
		put_name(b, exited ? "exit" : "signal");
		bw_buf_int(b, w->result.number);
	}
	if (words)
		put_text(b, "stderr", w->said);
	bw_buf_putc(b, '}');
}

/* Microseconds. A step that took less is left out. */
static void
put_steps(struct bw_buf *b, const struct bwi_steps *steps)
{
	put_name(b, "us");
	bw_buf_putc(b, '{');
	for (int i = 0; i < BWI_TIMED__MAX; i++) {
		int64_t us = steps->took[i] / 1000;

		if (us <= 0)
			continue;
		put_name(b, bwi_steps_name((enum bwi_timed)i));
		bw_buf_int(b, us);
	}
	bw_buf_putc(b, '}');
}

static void
put_all(struct bw_buf *b, const struct bw_response *resp,
    const struct bwi_steps *steps, bool words)
{
	bw_buf_reset(b);
	bw_buf_putc(b, '{');
	if (resp->rule != NULL)
		put_rule(b, resp->rule);
	if (resp->why.code != BW_OK) {
		put_word(b, "error", bw_err_name(resp->why.code));
		put_word(b, "text", resp->why.msg);
	}
	if (resp->worked.program.p != NULL)
		put_program(b, &resp->worked, words);
	if (words)
		put_text(b, "check", resp->worked.check);
	put_steps(b, steps);
	bw_buf_putc(b, '}');
}

struct bw_str
bwi_trace_write(struct bw_buf *b, const struct bw_response *resp,
    const struct bwi_steps *steps)
{
	put_all(b, resp, steps, true);
	if (b->err == BW_ERR_LIMIT)
		put_all(b, resp, steps, false);
	return b->err == BW_OK ? (struct bw_str){b->p, b->n}
			       : (struct bw_str){NULL, 0};
}
