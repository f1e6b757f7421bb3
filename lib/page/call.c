/* The page of one call. */
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/again.h"
#include "page/call_summary.h"
#include "page/flow_picture.h"
#include "page/ladder.h"
#include "page/live.h"
#include "page/row_json.h"
#include "page/row_trace.h"
#include "store/store.h"

/* The rows of a call are read twice: for what to say first, and for all. */
struct reading {
	struct bwi_view *view;
	struct bwi_row_decoder decoder;
	struct bwi_call_summary call;
	struct bwi_ladder ladder;
	size_t n;
	uint64_t last; /* the newest event */
	/* The first event with an answer that is wrong; 0: none. */
	uint64_t wrong;
	int64_t wrong_at; /* milliseconds after the first */
	bool fallback;
	struct bw_buf trace; /* how that answer was made */
};

static bool
summarize(void *arg, const struct bw_store_row *r)
{
	struct reading *c = arg;

	c->last = r->seq;
	bwi_call_summary_add(&c->call, r, bwi_row_decode(&c->decoder, r));
	if (c->wrong != 0 || bwi_view_answer_state(r) != BWI_STATE_BAD)
		return true;
	c->wrong = r->seq;
	c->wrong_at = c->call.ended - c->call.began;
	c->fallback = r->answer.fallback;
	bw_buf_str(&c->trace, r->answer.trace);
	return true;
}

static bool
put_event(void *arg, const struct bw_store_row *r)
{
	struct reading *c = arg;

	bwi_ladder_add(&c->ladder, r);
	return c->view->out->err == BW_OK;
}

static bool
put_json(void *arg, const struct bw_store_row *r)
{
	struct reading *c = arg;

	bw_buf_puts(c->view->data, c->n++ > 0 ? ",\n" : "");
	bwi_row_json(c->view->data, r);
	return c->view->data->err == BW_OK;
}

static enum bw_err
read_call(struct reading *c, struct bw_store *store, bw_store_row_fn *fn)
{
	struct bw_store_filter filter = {.call = c->view->id};
	uint64_t cursor = 0;

	return bwi_store_read_until(store, &filter, false, BWI_CALL_EVENTS,
	    &cursor, c->view->until, fn, c, NULL);
}

static void
put_why(struct reading *c)
{
	struct bwi_view *v = c->view;
	struct bwi_html *h = &v->html;
	struct bw_trace trace;

	if (c->wrong == 0)
		return;
	bwi_html_class(h, "div", "why");
	bwi_html_tag(h, "p");
	bwi_view_put(v, "strong", NULL,
	    c->fallback ? "The caller heard the fallback"
			: "Bandwidth got an error");
	bwi_html_puts(h, " after ");
	bwi_call_put_duration(v, c->wrong_at);
	bwi_html_puts(h, ": ");
	bwi_view_link_int(v, NULL, "event", c->wrong);
	bwi_html_printf(h, "event %llu", (unsigned long long)c->wrong);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_html_end(h);
	if (c->trace.n > 0 &&
	    bw_trace_read((struct bw_str){c->trace.p, c->trace.n}, &trace) ==
		BW_OK) {
		bwi_row_trace_put_why(v, &trace);
		bw_trace_free(&trace);
	}
}

static void
put_title(struct reading *c)
{
	struct bwi_view *v = c->view;
	struct bwi_html *h = &v->html;
	struct bw_str from = bwi_call_summary_from(&c->call);
	struct bw_buf title;

	bw_buf_init(&title, 512);
	bw_buf_puts(&title, "Call");
	if (from.n > 0) {
		bw_buf_puts(&title, " from ");
		bw_mask_add(&title, BW_MASK_NUMBER, from, v->reveal);
	}
	bw_buf_putc(&title, '\0');
	bwi_frame_begin(v, title.err == BW_OK ? title.p : "Call");
	bw_buf_free(&title);
	bwi_call_put_state(v, &c->call);
	bwi_html_class(h, "p", "note");
	bwi_view_time(v, c->call.began);
	bwi_html_puts(h, " UTC, ");
	bwi_view_age(v, c->call.began);
	bwi_html_puts(h, " ago \xc2\xb7 ");
	bwi_call_put_duration(v, c->call.ended - c->call.began);
	if (c->call.to > 0) {
		bwi_html_puts(h, " \xc2\xb7 to ");
		bwi_view_value(
		    v, BW_MASK_NUMBER, bwi_call_summary_to(&c->call));
	}
	bwi_html_end(h);
	/* A page that is full would show nothing new. */
	if (!v->reveal && c->call.n < BWI_CALL_EVENTS &&
	    bwi_call_is_active(&c->call, v->now))
		bwi_live_put_call(v, v->id, c->last);
	bwi_frame_titled(v);
}

static void
put_about(struct reading *c)
{
	struct bwi_view *v = c->view;
	struct bwi_html *h = &v->html;

	bwi_view_put(v, "h2", NULL, "About");
	bwi_html_class(h, "dl", "facts");
	bwi_view_put(v, "dt", NULL, "Call");
	bwi_html_tag(h, "dd");
	bwi_html_tag(h, "code");
	bwi_html_cut(h, v->id, 256);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_view_put(v, "dt", NULL, "Callbacks");
	bwi_html_tag(h, "dd");
	bwi_html_int(h, (int64_t)c->call.n);
	bwi_html_end(h);
	bwi_view_put(v, "dt", NULL, "Way");
	bwi_html_tag(h, "dd");
	bwi_call_put_way(v, &c->call);
	bwi_html_end(h);
	bwi_html_end(h);
	if (!v->reveal)
		bwi_act_put(v, BWI_MAY_REVEAL, "reveal", (struct bw_str){"", 0},
		    "Show numbers and texts", "This is recorded.");
	bwi_view_put(v, "p", "note more",
	    "What was said follows from the answers; whether it was heard to "
	    "its end is not known.");
}

/* By the rules that would answer its events today. */
static void
put_picture(struct reading *c, struct bw_store *store)
{
	struct bwi_view *v = c->view;
	const struct bw_store_filter filter = {.call = v->id};
	struct bwi_flow_marks marks = {.way = true};
	struct bwi_flow_traffic traffic = {.n = 0};
	struct bw_graph *g;

	bwi_html_class(&v->html, "section", "where");
	bwi_view_put(v, "h2", NULL, "Its way through the flow");
	g = bwi_flow_graph(v);
	if (g != NULL && bwi_flow_traffic_read(&traffic, g, v->request->config,
			     store, &filter, v->until) == BW_OK) {
		marks.traffic = &traffic;
		bwi_flow_picture(v, g, &marks,
		    "The flow of today; the way of this call is marked");
	}
	bwi_flow_traffic_free(&traffic);
	bw_graph_free(g);
	bwi_html_end(&v->html);
}

static void
put_end(struct reading *c)
{
	struct bwi_view *v = c->view;

	bwi_ladder_row(v, "end");
	if (c->call.over) {
		bwi_view_put(v, "strong", NULL, "The call ends: ");
		bwi_html_text(&v->html,
		    (struct bw_str){c->call.cause.p, c->call.cause.n});
	} else if (bwi_call_is_active(&c->call, v->now)) {
		bwi_view_put(v, "strong", NULL, "In progress");
	} else {
		bwi_view_put(v, "strong", NULL, "No end was told");
	}
	bwi_html_end(&v->html);
}

static void
write_call(struct reading *c, struct bw_store *store)
{
	struct bwi_view *v = c->view;
	size_t depth;
	enum bw_err err;

	put_title(c);
	put_why(c);
	bwi_html_class(&v->html, "div", "cols");
	bwi_html_class(&v->html, "div", "wide");
	bwi_view_put(v, "h2", NULL, "What happened");
	depth = v->html.depth;
	bwi_ladder_begin(v, &c->ladder);
	err = read_call(c, store, put_event);
	put_end(c);
	bwi_ladder_end(&c->ladder);
	bwi_html_end_to(&v->html, depth);
	(void)!bwi_view_store_failed(v, err);
	bwi_html_end(&v->html);
	bwi_html_class(&v->html, "div", "side");
	put_picture(c, store);
	put_about(c);
	bwi_again_scenario(v, store, v->id);
	bwi_frame_end(v);
}

static void
write_json(struct reading *c, struct bw_store *store)
{
	bw_buf_puts(c->view->data, "{\"events\":[");
	if (read_call(c, store, put_json) != BW_OK)
		c->view->response->status = 503;
	bw_buf_puts(c->view->data, "]}\n");
}

void
bwi_call_write(struct bwi_view *v)
{
	struct bwi_store_handle *handle = v->request->section->store;
	struct reading c = {.view = v};
	struct bw_store *store = NULL;
	enum bw_err err = BW_OK;

	bwi_row_decoder_init(&c.decoder);
	bwi_call_summary_init(&c.call);
	bw_buf_init(&c.trace, BW_STORE_MAX_TRACE);
	if (handle != NULL)
		err = bwi_store_handle_store(handle, &store, NULL);
	if (store != NULL)
		err = read_call(&c, store, summarize);
	if (c.call.n == 0)
		bwi_view_missing(v, "Call", err,
		    "No event of this call is stored. It may be older than "
		    "what is kept.");
	else if (v->json)
		write_json(&c, store);
	else
		write_call(&c, store);
	bw_buf_free(&c.trace);
	bwi_call_summary_free(&c.call);
	bwi_row_decoder_free(&c.decoder);
}
