/* The page of port-outs: what was asked, what was said, and why. */
#include "base/response.h"
#include "config/config_internal.h"
#include "page/event_filter.h"
#include "page/list_parts.h"
#include "page/row_event.h"
#include "store/store.h"

#include <stdio.h>

/* Numbers of a request that are counted. */
#define MAX_NUMBERS 1000

/* Reasons of one verdict that are shown. */
#define MAX_REASONS 5

static const char *const verdicts[] = {"portable", "denied", "none", NULL};

struct list {
	struct bwi_view *view;
	struct bwi_event_filter filter;
	struct bw_str verdict; /* p NULL: any */
	struct bwi_row_decoder request;
	struct bwi_row_decoder answer;
	size_t n;
	uint64_t last; /* number of the last row that is shown */
	uint64_t seen; /* of the last event that was read */
	int64_t back;
	bool more;
};

/* What was answered, as an event; NULL: no verdict. */
static const struct bw_event *
decode_answer(struct list *l, const struct bw_store_row *r)
{
	struct bw_store_row answer = {
	    .event = {.family = r->event.family,
		.method = BW_STR("POST"),
		.content_type = BW_STR("application/xml"),
		.body = r->answer.body}};

	return r->answer.status != 0 ? bwi_row_decode(&l->answer, &answer)
				     : NULL;
}

static const char *
verdict_of(const struct bw_event *answer)
{
	struct bw_str portable = bwi_row_field(answer, "Portable");

	if (portable.p == NULL)
		return "none";
	return bw_str_is(portable, "true") ? "portable" : "denied";
}

static void
put_verdict(struct bwi_view *v, const char *verdict)
{
	if (strcmp(verdict, "portable") == 0)
		bwi_view_state(v, BWI_STATE_OK, verdict);
	else if (strcmp(verdict, "denied") == 0)
		bwi_view_state(v, BWI_STATE_WARN, verdict);
	else
		bwi_view_state(v, BWI_STATE_BAD, "no verdict");
}

/* "7513 wrong PIN" of one error. */
static bool
put_reason(struct bwi_view *v, const struct bw_event *answer, size_t i)
{
	char name[48];
	struct bw_str code, text;

	(void)snprintf(name, sizeof(name), "Errors.Error.%zu.Code", i);
	code = bwi_row_field(answer, name);
	(void)snprintf(name, sizeof(name), "Errors.Error.%zu.Description", i);
	text = bwi_row_field(answer, name);
	if (code.p == NULL)
		return false;
	bwi_html_puts(&v->html, i > 0 ? ", " : "");
	bwi_view_value(v, BW_MASK_WORD, code);
	bwi_html_puts(&v->html, " ");
	bwi_view_value(v, BW_MASK_REMARK, text);
	return true;
}

/* The numbers: the first, and how many more. */
static void
put_numbers(struct bwi_view *v, const struct bw_event *request)
{
	char name[64];
	size_t n = 0;

	do
		(void)snprintf(name, sizeof(name),
		    "TelephoneNumbers.TelephoneNumber.%zu", n);
	while (bwi_row_field(request, name).p != NULL && ++n < MAX_NUMBERS);
	bwi_html_tag(&v->html, "td");
	bwi_view_value(v, BW_MASK_NUMBER,
	    bwi_row_field(request, "TelephoneNumbers.TelephoneNumber.0"));
	if (n > 1)
		bwi_html_printf(&v->html, " and %zu more", n - 1);
	bwi_html_end(&v->html);
}

static void
put_row(
    struct list *l, const struct bw_store_row *r, const struct bw_event *answer)
{
	static const char *const names[] = {
	    "Time (UTC)", "Verdict", "Number", "PON", "ms", "Why", NULL};
	const struct bw_event *request = bwi_row_decode(&l->request, r);
	struct bwi_view *v = l->view;
	struct bwi_html *h = &v->html;

	if (l->n == 0)
		bwi_list_head(v, "list events", names);
	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link_int(v, NULL, "event", r->seq);
	bwi_view_time(v, r->event.received);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_html_tag(h, "td");
	put_verdict(v, verdict_of(answer));
	bwi_html_end(h);
	put_numbers(v, request);
	bwi_list_cell(
	    v, bw_mask_of_member(BW_STR("PON")), bwi_row_field(request, "PON"));
	bwi_list_number(v, "ms");
	if (r->answer.status != 0)
		bwi_view_ms(v, r->answer.duration);
	bwi_html_end(h);
	bwi_html_class(h, "td", "said");
	for (size_t i = 0; i < MAX_REASONS && put_reason(v, answer, i);)
		i++;
	bwi_html_end(h);
	bwi_html_end(h);
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct list *l = arg;
	const struct bw_event *answer;

	l->seen = r->seq;
	l->back = r->event.received;
	if (!bwi_event_filter_takes(&l->filter, r))
		return true;
	answer = decode_answer(l, r);
	if (l->verdict.p != NULL && !bw_str_is(l->verdict, verdict_of(answer)))
		return true;
	if (l->n == BWI_VIEW_ROWS) {
		l->more = true;
		return false;
	}
	put_row(l, r, answer);
	l->last = r->seq;
	l->n++;
	return l->view->out->err == BW_OK;
}

static void
put_list(struct list *l)
{
	struct bwi_view *v = l->view;
	struct bw_store *store = bwi_view_store(v);
	size_t depth = v->html.depth;
	uint64_t cursor = l->filter.before;
	enum bw_err err;

	if (store == NULL)
		return;
	err = bwi_store_read_until(store, &l->filter.store, true, SIZE_MAX,
	    &cursor, v->until, take, l, NULL);
	bwi_html_end_to(&v->html, depth);
	if (err == BW_ERR_BUSY && l->seen != 0)
		bwi_list_more(v, l->seen, true, l->back);
	else if (l->more)
		bwi_list_more(v, l->last, false, 0);
	else if (!bwi_view_store_failed(v, err) && l->n == 0)
		bwi_list_empty(v, "No such port-out.",
		    "No port-out has been asked for yet.");
}

static void
write_list(struct list *l)
{
	struct bwi_view *v = l->view;

	bwi_frame_begin(v, "Port-outs");
	bwi_view_put(v, "p", "note", "Newest first.");
	bwi_frame_titled(v);
	bwi_list_form_begin(v, "portouts");
	bwi_list_select(v, "verdict", "Verdict", "Any verdict", verdicts);
	bwi_list_input(v, "since", "Since", "Since 2h, 3d, date");
	bwi_list_form_end(v);
	put_list(l);
	bwi_frame_end(v);
}

static bool
is_verdict(struct bw_str s)
{
	for (size_t i = 0; verdicts[i] != NULL; i++) {
		if (bw_str_is(s, verdicts[i]))
			return true;
	}
	return s.p == NULL;
}

void
bwi_portouts_write(struct bwi_view *v)
{
	static const char *const states[] = {NULL};
	struct list l = {.view = v, .verdict = bwi_view_param(v, "verdict")};
	const char *why = bwi_event_filter_init(&l.filter, v, states);

	if (why == NULL && !is_verdict(l.verdict))
		why = "A verdict is portable, denied or none.";
	l.filter.store.family = BW_STR("portout");
	bwi_row_decoder_init(&l.request);
	bwi_row_decoder_init(&l.answer);
	if (why != NULL)
		bwi_frame_sentence(v, 400, "Not understood", why);
	else
		write_list(&l);
	bwi_row_decoder_free(&l.answer);
	bwi_row_decoder_free(&l.request);
	bwi_event_filter_free(&l.filter);
}
