/* One call in one row. */
#include "page/call_summary.h"

#include <stdio.h>

/* An answer that took longer, in microseconds, is slow. */
#define SLOW 2000000

#define MAX_TEXT 4096

void
bwi_call_summary_init(struct bwi_call_summary *s)
{
	*s = (struct bwi_call_summary){.first = 0};
	bw_buf_init(&s->text, MAX_TEXT);
	bw_buf_init(&s->cause, MAX_TEXT);
	bw_buf_init(&s->steps, MAX_TEXT);
}

void
bwi_call_summary_free(struct bwi_call_summary *s)
{
	bw_buf_free(&s->text);
	bw_buf_free(&s->cause);
	bw_buf_free(&s->steps);
}

struct bw_str
bwi_call_summary_from(const struct bwi_call_summary *s)
{
	return (struct bw_str){s->from > 0 ? s->text.p : NULL, s->from};
}

struct bw_str
bwi_call_summary_to(const struct bwi_call_summary *s)
{
	return (struct bw_str){s->to > 0 ? s->text.p + s->from : NULL, s->to};
}

static void
begin(struct bwi_call_summary *s, const struct bw_store_row *r)
{
	const struct bw_store_event *e = &r->event;

	s->first = r->seq;
	s->began = s->ended;
	bw_buf_str(&s->text, e->from);
	bw_buf_str(&s->text, e->to);
	if (s->text.err != BW_OK)
		return;
	s->from = e->from.n;
	s->to = e->to.n;
}

/* A step is masked already. */
static void
add_step(struct bwi_call_summary *s, const char *label, enum bw_mask kind,
    struct bw_str value)
{
	if (s->nsteps >= BWI_CALL_STEPS) {
		s->nsteps++;
		return;
	}
	bw_buf_puts(&s->steps, label);
	bw_mask_add(&s->steps, kind, value, false);
	bw_buf_putc(&s->steps, '\0');
	if (s->steps.err == BW_OK)
		s->nsteps++;
}

static void
add_keys(struct bwi_call_summary *s, struct bw_str keys)
{
	if (keys.n == 0)
		add_step(s, "no key", BW_MASK_WORD, keys);
	else
		add_step(s, keys.n == 1 ? "key " : "keys ",
		    keys.n == 1 ? BW_MASK_WORD : BW_MASK_KEYS, keys);
}

/* The types of events that say where a call went. */
static void
add_way(struct bwi_call_summary *s, const struct bw_store_event *row,
    const struct bw_event *e)
{
	struct bw_str type = row->type;

	if (bw_str_is(type, "initiate") || bw_str_is(type, "answer"))
		add_step(s, "", BW_MASK_WORD, row->section);
	else if (bw_str_is(type, "gather"))
		add_keys(s, bwi_row_field(e, "digits"));
	else if (bw_str_is(type, "redirect"))
		add_step(s, "", BW_MASK_WORD, row->section);
	else if (bw_str_is(type, "transferComplete"))
		add_step(
		    s, "transfer ", BW_MASK_WORD, bwi_row_field(e, "cause"));
	else if (bw_str_is(type, "recordComplete"))
		add_step(s, "recording", BW_MASK_WORD, (struct bw_str){"", 0});
}

void
bwi_call_summary_add(struct bwi_call_summary *s, const struct bw_store_row *r,
    const struct bw_event *e)
{
	s->ended = bwi_row_time(r, e);
	s->came = r->event.received;
	if (s->n++ == 0)
		begin(s, r);
	s->last = r->seq;
	s->fallbacks += r->answer.fallback;
	s->failures += r->answer.status >= 400;
	s->slow += r->answer.duration > SLOW;
	s->again += r->deliveries > 1;
	if (bw_str_is(r->event.type, "disconnect")) {
		s->over = true;
		bw_buf_reset(&s->cause);
		bw_mask_add(
		    &s->cause, BW_MASK_WORD, bwi_row_field(e, "cause"), false);
	}
	add_way(s, &r->event, e);
}

bool
bwi_call_is_active(const struct bwi_call_summary *s, int64_t now)
{
	return !s->over && now - s->came < BWI_CALL_SILENCE;
}

bool
bwi_call_is_in(
    const struct bwi_call_summary *s, struct bw_str state, int64_t now)
{
	if (bw_str_is(state, "fallback"))
		return s->fallbacks > 0;
	if (bw_str_is(state, "failed"))
		return s->failures > 0;
	if (bw_str_is(state, "slow"))
		return s->slow > 0;
	if (bw_str_is(state, "again"))
		return s->again > 0;
	return bwi_call_is_active(s, now);
}

void
bwi_call_put_state(struct bwi_view *v, const struct bwi_call_summary *s)
{
	struct bw_buf words;

	bw_buf_init(&words, MAX_TEXT);
	if (s->fallbacks > 0)
		bwi_view_state(v, BWI_STATE_BAD, "heard the fallback");
	else if (s->failures > 0)
		bwi_view_state(v, BWI_STATE_BAD, "got an error");
	else if (bwi_call_is_active(s, v->now))
		bwi_view_state(v, BWI_STATE_WAIT, "in progress");
	else if (s->slow > 0 || s->again > 0)
		bwi_view_state(v, BWI_STATE_WARN,
		    s->slow > 0 ? "waited for an answer" : "sent again");
	else {
		bw_buf_add(&words, s->cause.p, s->cause.n);
		bw_buf_puts(&words, s->cause.n > 0 ? "" : "no end was told");
		bw_buf_putc(&words, '\0');
		bwi_view_state(v, s->over ? BWI_STATE_OK : BWI_STATE_NONE,
		    words.err == BW_OK ? words.p : "");
	}
	bw_buf_free(&words);
}

void
bwi_call_put_way(struct bwi_view *v, const struct bwi_call_summary *s)
{
	size_t at = 0;

	while (at < s->steps.n) {
		const char *step = s->steps.p + at;
		size_t n = strlen(step);

		if (at > 0)
			bwi_view_put(v, "i", "to", " \xe2\x80\xba ");
		bwi_html_tag(&v->html, "bdi");
		bwi_html_text(&v->html, (struct bw_str){step, n});
		bwi_html_end(&v->html);
		at += n + 1;
	}
	if (s->nsteps > BWI_CALL_STEPS)
		bwi_html_printf(
		    &v->html, " and %u more", s->nsteps - BWI_CALL_STEPS);
}

void
bwi_call_put_duration(struct bwi_view *v, int64_t ms)
{
	if (ms < 0) /* a clock was set back */
		ms = 0;
	if (ms < 60000)
		bwi_html_printf(&v->html, "%lld.%lld s", (long long)(ms / 1000),
		    (long long)(ms % 1000 / 100));
	else
		bwi_html_printf(&v->html, "%lld:%02lld",
		    (long long)(ms / 60000), (long long)(ms / 1000 % 60));
}
