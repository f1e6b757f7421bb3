/* What happened in a call, one thing below the other. */
#include "page/ladder.h"

#include <stdio.h>

#include "page/call_summary.h"

/* A longer pause between two events is shown; milliseconds. */
#define SILENCE 10000

void
bwi_ladder_begin(struct bwi_view *v, struct bwi_ladder *l)
{
	static const char *const lanes[] = {
	    "Caller", "Bandwidth", "bwcallback"};

	*l = (struct bwi_ladder){.view = v};
	bwi_row_decoder_init(&l->decoder);
	bwi_html_class(&v->html, "div", "lanes");
	bwi_html_attr_puts(&v->html, "aria-hidden", "true");
	for (size_t i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++)
		bwi_view_put(v, "span", NULL, lanes[i]);
	bwi_html_end(&v->html);
	bwi_html_class(&v->html, "ol", "ladder");
}

void
bwi_ladder_end(struct bwi_ladder *l)
{
	bwi_html_end(&l->view->html);
	bwi_row_decoder_free(&l->decoder);
}

void
bwi_ladder_row(struct bwi_view *v, const char *class)
{
	bwi_html_class(&v->html, "li", class);
}

/* The time since the beginning, unless it was the last that was written. */
static void
put_clock(struct bwi_ladder *l)
{
	int64_t ms = l->time > l->began ? l->time - l->began : 0;
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld:%02lld.%lld",
	    (long long)(ms / 60000), (long long)(ms / 1000 % 60),
	    (long long)(ms % 1000 / 100));
	if (strcmp(text, l->clock) == 0)
		return;
	memcpy(l->clock, text, sizeof(text));
	bwi_view_put(l->view, "span", "at", text);
}

static void
put_silence(struct bwi_ladder *l, int64_t ms)
{
	if (ms < SILENCE)
		return;
	bwi_ladder_row(l->view, "gap");
	bwi_html_tag(&l->view->html, "span");
	bwi_call_put_duration(l->view, ms);
	bwi_html_end(&l->view->html);
	bwi_html_end(&l->view->html);
}

static void
put_pressed(struct bwi_ladder *l, const struct bw_event *e)
{
	struct bwi_html *h = &l->view->html;
	struct bw_str keys = bwi_row_field(e, "digits");

	bwi_ladder_row(l->view, "heard");
	put_clock(l);
	bwi_html_class(h, "span", "go first");
	bwi_view_put(l->view, "span", "who", "The caller ");
	if (keys.n == 0) {
		bwi_html_puts(h, "presses nothing");
	} else {
		bwi_html_puts(h, "presses ");
		bwi_html_tag(h, "kbd");
		bwi_view_value(l->view, BW_MASK_KEYS, keys);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_html_end(h);
}

static void
put_request(struct bwi_ladder *l, const struct bw_store_row *r,
    const struct bw_event *e)
{
	struct bwi_view *v = l->view;
	struct bw_str cause = bwi_row_field(e, "cause");

	bwi_html_class(&v->html, "span", "go last");
	bwi_view_put(v, "span", "who", "Bandwidth asks ");
	bwi_view_link_int(v, "type", "event", r->seq);
	bwi_view_value(v, BW_MASK_REMARK, r->event.type);
	bwi_html_end(&v->html);
	bwi_html_puts(&v->html, " ");
	if (cause.n > 0) {
		bwi_view_value(v, BW_MASK_WORD, cause);
		bwi_html_puts(&v->html, " ");
	}
	bwi_view_value(v, BW_MASK_WORD, r->event.section);
	bwi_html_end(&v->html);
}

static void
put_answered(struct bwi_ladder *l, const struct bw_store_row *r)
{
	struct bwi_view *v = l->view;

	bwi_html_class(&v->html, "span", "back last");
	bwi_view_put(v, "span", "who", "It gets ");
	bwi_view_answer(v, r);
	if (r->answer.status != 0) {
		bwi_html_puts(&v->html, " \xc2\xb7 ");
		bwi_view_ms(v, r->answer.duration);
		bwi_html_puts(&v->html, " ms");
	}
	bwi_html_end(&v->html);
}

static void
put_callback(struct bwi_ladder *l, const struct bw_store_row *r,
    const struct bw_event *e)
{
	struct bwi_html *h = &l->view->html;
	bool bad = bwi_view_answer_state(r) == BWI_STATE_BAD;
	char id[24];

	bwi_ladder_row(l->view, bad ? "call wrong" : "call");
	(void)snprintf(id, sizeof(id), "e%llu", (unsigned long long)r->seq);
	bwi_html_attr_puts(h, "id", id);
	bwi_html_attr_int(h, "data-seq", (int64_t)r->seq);
	put_clock(l);
	put_request(l, r, e);
	put_answered(l, r);
	bwi_html_end(h);
	if (r->deliveries <= 1)
		return;
	bwi_ladder_row(l->view, "gap");
	bwi_html_tag(h, "span");
	bwi_html_printf(
	    h, "came %u times; the first answer went out again", r->deliveries);
	bwi_html_end(h);
	bwi_html_end(h);
}

void
bwi_ladder_add(struct bwi_ladder *l, const struct bw_store_row *r)
{
	const struct bw_event *e = bwi_row_decode(&l->decoder, r);
	int64_t before = l->time;

	l->time = bwi_row_time(r, e);
	if (l->began == 0)
		l->began = l->time;
	else
		put_silence(l, l->time - before);
	if (bw_str_is(r->event.type, "gather"))
		put_pressed(l, e);
	put_callback(l, r, e);
	if (r->answer.body.n > 0)
		bwi_ladder_verbs(l->view, r->answer.body);
}
