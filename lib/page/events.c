/* The page of all events, newest first. */
#include "base/response.h"
#include "config/config_internal.h"
#include "page/event_filter.h"
#include "page/event_row.h"
#include "page/list_parts.h"
#include "page/live.h"
#include "page/row_json.h"
#include "store/store.h"

/* A list of events while it is read. */
struct list {
	struct bwi_view *view;
	struct bwi_event_filter filter;
	struct bwi_event_words words;
	size_t n;
	uint64_t last; /* number of the last row that is shown */
	bool more;
	uint64_t seen; /* of the last event that was read */
	int64_t back;  /* when that came */
};

/* The families that some section expects. */
static void
put_families(struct bwi_view *v)
{
	const char *names[BW_FAMILY__MAX + 1];
	size_t n = 0;

	for (int f = 1; f < BW_FAMILY__MAX; f++)
		names[n++] = bw_family_name((enum bw_family)f);
	names[n] = NULL;
	bwi_list_select(v, "family", "Family", "Any family", names);
}

static void
put_form(struct bwi_view *v)
{
	bwi_list_form_begin(v, "events");
	put_families(v);
	bwi_list_input(v, "type", "Type", "Type");
	bwi_list_input(v, "section", "Path of the section", "Section");
	bwi_list_select(v, "state", "State", "Any state", bwi_event_states);
	bwi_list_input(v, "since", "Since", "Since 2h, 3d, date");
	bwi_list_input(v, "number", "Number", "Number or its end");
	bwi_list_form_end(v);
}

static void
put_row(struct list *l, const struct bw_store_row *r)
{
	static const char *const names[] = {"Time (UTC)", "Event", "From",
	    "Section", "Answer", "ms", "What", NULL};

	if (!l->view->json) {
		if (l->n == 0)
			bwi_list_head(l->view, "list events", names);
		bwi_event_row_put(l->view, &l->words, r);
		return;
	}
	bw_buf_puts(l->view->data, l->n > 0 ? ",\n" : "");
	bwi_row_json(l->view->data, r);
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct list *l = arg;

	l->seen = r->seq;
	l->back = r->event.received;
	if (!bwi_event_filter_takes(&l->filter, r))
		return true;
	if (l->n == BWI_VIEW_ROWS) {
		l->more = true;
		return false;
	}
	put_row(l, r);
	l->last = r->seq;
	l->n++;
	return l->view->out->err == BW_OK;
}

/* What follows the rows: how to go on. */
static void
put_end(struct list *l, enum bw_err err)
{
	struct bwi_view *v = l->view;

	if (err == BW_ERR_BUSY && l->seen != 0)
		bwi_list_more(v, l->seen, true, l->back);
	else if (l->more)
		bwi_list_more(v, l->last, false, 0);
	else if (!bwi_view_store_failed(v, err) && l->n == 0)
		bwi_list_empty(v, "No such event.", "Nothing has come yet.");
}

static enum bw_err
read_list(struct list *l, struct bw_store *store)
{
	uint64_t cursor = l->filter.before;

	return bwi_store_read_until(store, &l->filter.store, true, SIZE_MAX,
	    &cursor, l->view->until, take, l, NULL);
}

static void
write_html(struct list *l)
{
	struct bwi_view *v = l->view;
	struct bw_store *store;
	size_t depth;
	enum bw_err err;

	bwi_frame_begin(v, "Events");
	bwi_view_put(v, "p", "note", "Newest first.");
	if (l->filter.before == 0 && l->filter.store.until == 0 &&
	    l->filter.node.p == NULL)
		bwi_live_put(v, bwi_view_stored(v), "rows");
	bwi_frame_titled(v);
	put_form(v);
	depth = v->html.depth;
	store = bwi_view_store(v);
	if (store != NULL) {
		err = read_list(l, store);
		bwi_html_end_to(&v->html, depth);
		put_end(l, err);
	}
	bwi_frame_end(v);
}

static void
write_json(struct list *l)
{
	struct bwi_view *v = l->view;
	struct bwi_store_handle *handle = v->request->section->store;
	struct bw_store *store = NULL;
	enum bw_err err = BW_OK;
	uint64_t before;

	bw_buf_puts(v->data, "{\"events\":[");
	if (handle != NULL)
		err = bwi_store_handle_store(handle, &store, NULL);
	if (store != NULL)
		err = read_list(l, store);
	before = err == BW_ERR_BUSY ? l->seen : l->more ? l->last : 0;
	bw_buf_puts(v->data, "],\"before\":");
	if (before != 0)
		bw_buf_int(v->data, (long long)before);
	else
		bw_buf_puts(v->data, "null");
	bw_buf_puts(v->data, "}\n");
	if (err != BW_OK && err != BW_ERR_NOFILE && before == 0)
		v->response->status = 503;
}

void
bwi_events_write(struct bwi_view *v)
{
	struct list l = {.view = v};
	const char *why = bwi_event_filter_init(&l.filter, v, bwi_event_states);

	bwi_event_words_init(&l.words);
	if (why != NULL)
		bwi_frame_sentence(v, 400, "Not understood", why);
	else if (v->json)
		write_json(&l);
	else
		write_html(&l);
	bwi_event_words_free(&l.words);
	bwi_event_filter_free(&l.filter);
}
