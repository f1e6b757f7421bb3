/* The filter of a list of events, from the parameters of its address. */
#include "page/event_filter.h"

#include <bwcallback/tools/iso8601.h>
#include <bwcallback/tools/str.h>
#include <bwcallback/tools/trace.h>

#include "base/decimal.h"

/* An answer that took longer, in microseconds, is slow. */
#define SLOW 2000000

/* The digits that are shown: every user may search for them. */
#define SHOWN_DIGITS 4

/* A hundred years, in milliseconds. */
#define MAX_AGE (INT64_C(36500) * 86400000)

const char *const bwi_event_states[] = {
    "fallback", "failed", "slow", "again", NULL};

/* "2h", "3d", "2026-03-01", "2026-03-01T10:00Z" */
static bool
parse_time(struct bw_str s, int64_t now, int64_t *ms)
{
	static const char units[] = "smhd";
	static const int64_t factors[] = {1000, 60000, 3600000, 86400000};
	const char *unit;
	char text[40];
	int64_t n;

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	unit = strchr(units, text[s.n - 1]);
	if (unit == NULL || !bwi_decimal_parse((struct bw_str){s.p, s.n - 1},
				MAX_AGE / factors[unit - units], &n))
		return bw_iso8601_parse(text, ms);
	*ms = now - n * factors[unit - units];
	if (*ms < 0)
		*ms = 0;
	return true;
}

static const char *
set_times(struct bwi_event_filter *f, const struct bwi_view *v)
{
	struct bw_str since = bwi_view_param(v, "since"),
		      until = bwi_view_param(v, "until");

	if ((since.p != NULL && !parse_time(since, v->now, &f->store.since)) ||
	    (until.p != NULL && !parse_time(until, v->now, &f->store.until)))
		return "Write a time as 2h or 3d before now, as 2026-03-01, or "
		       "as 2026-03-01T10:00Z.";
	return NULL;
}

/* Whatever the notation: digits, with a plus if there are enough. */
static const char *
set_number(struct bwi_event_filter *f, const struct bwi_view *v)
{
	struct bw_str s = bwi_view_param(v, "number");
	size_t digits = 0;

	if (s.p == NULL)
		return NULL;
	bw_buf_putc(&f->number, '+');
	for (size_t i = 0; i < s.n; i++) {
		if (bw_is_digit(s.p[i]))
			digits++;
	}
	if (digits == 10)
		bw_buf_putc(&f->number, '1');
	for (size_t i = 0; i < s.n; i++) {
		if (bw_is_digit(s.p[i]))
			bw_buf_putc(&f->number, s.p[i]);
	}
	if (f->number.err != BW_OK)
		return "There is no memory.";
	if (digits == SHOWN_DIGITS)
		f->digits = (struct bw_str){
		    f->number.p + f->number.n - SHOWN_DIGITS, SHOWN_DIGITS};
	else if (digits >= 10)
		f->store.number = (struct bw_str){f->number.p, f->number.n};
	else
		return "Write a whole number, or its last four digits.";
	return NULL;
}

static bool
is_state(struct bw_str s, const char *const *states)
{
	for (; *states != NULL; states++) {
		if (bw_str_is(s, *states))
			return true;
	}
	return false;
}

static const char *
set_answer(struct bwi_event_filter *f, const struct bwi_view *v,
    const char *const *states)
{
	struct bw_str status = bwi_view_param(v, "status");

	f->state = bwi_view_param(v, "state");
	if (status.p != NULL && !bwi_decimal_parse(status, 999, &f->status))
		return "Write a status as three digits, such as 503.";
	if (f->state.p != NULL && !is_state(f->state, states))
		return "There is no such state.";
	return NULL;
}

const char *
bwi_event_filter_init(struct bwi_event_filter *f, const struct bwi_view *v,
    const char *const *states)
{
	struct bw_str before = bwi_view_param(v, "before");
	const char *why;
	int64_t n = 0;

	*f = (struct bwi_event_filter){
	    .store = {.family = bwi_view_param(v, "family"),
		.type = bwi_view_param(v, "type"),
		.call = bwi_view_param(v, "call"),
		.message = bwi_view_param(v, "message")},
	    .section = bwi_view_param(v, "section"),
	    .node = bwi_view_param(v, "node"),
	};
	bw_buf_init(&f->number, 256);
	if (before.p != NULL && !bwi_decimal_parse(before, INT64_MAX, &n))
		return "before is the number of an event.";
	f->before = (uint64_t)n;
	why = set_times(f, v);
	if (why == NULL)
		why = set_number(f, v);
	return why != NULL ? why : set_answer(f, v, states);
}

void
bwi_event_filter_free(struct bwi_event_filter *f)
{
	bw_buf_free(&f->number);
}

static bool
ends_in(struct bw_str s, struct bw_str end)
{
	return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

static bool
is_in_state(struct bw_str state, const struct bw_store_row *r)
{
	if (bw_str_is(state, "fallback"))
		return r->answer.fallback;
	if (bw_str_is(state, "failed"))
		return r->answer.status >= 400;
	if (bw_str_is(state, "slow"))
		return r->answer.duration > SLOW;
	return r->deliveries > 1;
}

/* Was the answer that of the rule? The file may be without its folder. */
static bool
is_of_node(struct bw_str node, const struct bw_store_answer *a)
{
	struct bw_trace trace;
	bool good;

	if (a->trace.p == NULL)
		return false;
	good = bw_trace_read(a->trace, &trace) == BW_OK &&
	       ends_in(trace.rule, node) &&
	       (trace.rule.n == node.n ||
		   trace.rule.p[trace.rule.n - node.n - 1] == '/');
	bw_trace_free(&trace);
	return good;
}

bool
bwi_event_filter_takes(
    const struct bwi_event_filter *f, const struct bw_store_row *r)
{
	if (f->section.p != NULL && !bw_str_eq(f->section, r->event.section))
		return false;
	if (f->node.p != NULL && !is_of_node(f->node, &r->answer))
		return false;
	if (f->status != 0 && r->answer.status != f->status)
		return false;
	if (f->digits.p != NULL && !ends_in(r->event.from, f->digits) &&
	    !ends_in(r->event.to, f->digits))
		return false;
	return f->state.p == NULL || is_in_state(f->state, r);
}
