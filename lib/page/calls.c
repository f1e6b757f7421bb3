/* The page of calls. */
#include "base/response.h"
#include "config/config_internal.h"
#include "page/call_summary.h"
#include "page/group_list.h"
#include "page/list_parts.h"

const char *const bwi_call_states[] = {
    "fallback", "failed", "slow", "again", "active", NULL};

struct calls {
	struct bwi_group_list list; /* first */
	struct bwi_row_decoder decoder;
	struct bwi_call_summary call;
	struct bw_str id;
	struct bw_str state; /* p NULL: any */
	size_t shown;
};

static struct bw_str
call_of(const struct bw_store_event *e)
{
	return e->call;
}

static void
restrict_to(struct bw_store_filter *f, struct bw_str id)
{
	f->call = id;
}

static void
begin(struct bwi_group_list *l, struct bw_str id)
{
	struct calls *c = (struct calls *)l;

	bwi_call_summary_init(&c->call);
	c->id = id;
}

static bool
add(void *arg, const struct bw_store_row *r)
{
	struct calls *c = arg;

	bwi_call_summary_add(&c->call, r, bwi_row_decode(&c->decoder, r));
	c->list.newest = r->seq;
	return true;
}

static void
put_row(struct calls *c)
{
	static const char *const names[] = {"Began (UTC)", "From", "To",
	    "State", "Lasted", "Answers", "Way", NULL};
	struct bwi_view *v = c->list.view;
	struct bwi_html *h = &v->html;

	if (c->shown++ == 0)
		bwi_list_head(v, "list events", names);
	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link(v, NULL, "call", c->id);
	bwi_view_time(v, c->call.began);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_NUMBER, bwi_call_summary_from(&c->call));
	bwi_list_cell(v, BW_MASK_NUMBER, bwi_call_summary_to(&c->call));
	bwi_html_tag(h, "td");
	bwi_call_put_state(v, &c->call);
	bwi_html_end(h);
	bwi_list_number(v, "Lasted");
	bwi_call_put_duration(v, c->call.ended - c->call.began);
	bwi_html_end(h);
	bwi_list_number(v, "Answers");
	bwi_html_int(h, (int64_t)c->call.n);
	bwi_html_end(h);
	bwi_html_tag(h, "td");
	bwi_call_put_way(v, &c->call);
	bwi_html_end(h);
	bwi_html_end(h);
}

static bool
end(struct bwi_group_list *l)
{
	struct calls *c = (struct calls *)l;
	struct bw_str state = c->state;
	bool takes =
	    l->newest != 0 &&
	    (state.p == NULL || bwi_call_is_in(&c->call, state, l->view->now));

	if (takes)
		put_row(c);
	bwi_call_summary_free(&c->call);
	return takes;
}

static void
put_form(struct bwi_view *v)
{
	bwi_list_form_begin(v, "calls");
	bwi_list_select(v, "state", "State", "Any state", bwi_call_states);
	bwi_list_input(v, "since", "Since", "Since 2h, 3d, date");
	bwi_list_input(v, "number", "Number", "Number or its end");
	bwi_list_form_end(v);
}

static void
put_calls(struct calls *c)
{
	struct bwi_view *v = c->list.view;
	struct bw_store *store = bwi_view_store(v);
	size_t depth = v->html.depth;
	enum bw_err err;

	if (store == NULL)
		return;
	err = bwi_group_list_read(&c->list, store);
	bwi_html_end_to(&v->html, depth);
	if (c->list.before != 0)
		bwi_list_more(v, c->list.before, c->list.cut, c->list.back);
	else if (!bwi_view_store_failed(v, err) && c->list.n == 0)
		bwi_list_empty(v, "No such call.", "No call has come yet.");
}

void
bwi_calls_write(struct bwi_view *v)
{
	struct calls c = {.list = {.view = v,
			      .id = call_of,
			      .restrict_to = restrict_to,
			      .begin = begin,
			      .add = add,
			      .end = end}};
	const char *why =
	    bwi_event_filter_init(&c.list.filter, v, bwi_call_states);

	c.list.filter.store.family = BW_STR("voice");
	c.state = c.list.filter.state; /* of the call, not of an event */
	c.list.filter.state = (struct bw_str){NULL, 0};
	bwi_row_decoder_init(&c.decoder);
	if (why != NULL) {
		bwi_frame_sentence(v, 400, "Not understood", why);
	} else {
		bwi_frame_begin(v, "Calls");
		bwi_view_put(
		    v, "p", "note", "Newest first, by the last event of each.");
		bwi_frame_titled(v);
		put_form(v);
		put_calls(&c);
		bwi_frame_end(v);
	}
	bwi_row_decoder_free(&c.decoder);
	bwi_event_filter_free(&c.list.filter);
}
