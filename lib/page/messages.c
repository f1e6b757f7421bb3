/* The pages of messages, and of one with what became of it. */
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/event_row.h"
#include "page/group_list.h"
#include "page/list_parts.h"
#include "page/row_json.h"
#include "store/store.h"

/* Events of one message that are read. */
#define MAX_EVENTS 200

/* Types of the newest event of a message, and what they mean. */
static const struct {
	const char *type;
	enum bwi_state state;
	const char *words;
} types[] = {
    {"message-received", BWI_STATE_OK, "received"},
    {"message-delivered", BWI_STATE_OK, "delivered"},
    {"message-read", BWI_STATE_OK, "read"},
    {"message-sending", BWI_STATE_WAIT, "on its way"},
    {"message-sent", BWI_STATE_WAIT, "sent"},
    {"message-failed", BWI_STATE_BAD, "failed"},
};

const char *const bwi_message_states[] = {"failed", NULL};

struct messages {
	struct bwi_group_list list; /* first */
	struct bw_str id;
	struct bw_str state; /* p NULL: any */
	bool failed;	     /* for a recipient */
	bool known;	     /* the members below are set */
	struct bw_buf row;   /* texts of the first and the newest event */
	size_t from, to, type;
	int64_t began;
	unsigned events;
	size_t shown;
};

static struct bw_str
message_of(const struct bw_store_event *e)
{
	return e->message;
}

static void
restrict_to(struct bw_store_filter *f, struct bw_str id)
{
	f->message = id;
}

static void
begin(struct bwi_group_list *l, struct bw_str id)
{
	struct messages *m = (struct messages *)l;

	m->id = id;
	m->known = m->failed = false;
	m->events = 0;
	bw_buf_reset(&m->row);
}

static bool
add(void *arg, const struct bw_store_row *r)
{
	struct messages *m = arg;
	const struct bw_store_event *e = &r->event;

	if (!m->known) {
		m->began = e->received;
		bw_buf_str(&m->row, e->from);
		bw_buf_str(&m->row, e->to);
		m->from = e->from.n;
		m->to = e->to.n;
		m->known = true;
	}
	/* The type of the newest event is at the end. */
	if (m->row.err == BW_OK)
		m->row.n = m->from + m->to;
	bw_buf_str(&m->row, e->type);
	m->type = e->type.n;
	m->failed = m->failed || bw_str_is(e->type, "message-failed");
	m->events++;
	m->list.newest = r->seq;
	return m->row.err == BW_OK;
}

static void
put_state(struct bwi_view *v, struct bw_str type, bool failed)
{
	if (failed)
		type = BW_STR("message-failed");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (bw_str_is(type, types[i].type)) {
			bwi_view_state(v, types[i].state, types[i].words);
			return;
		}
	}
	bwi_view_value(v, BW_MASK_REMARK, type);
}

static void
put_row(struct messages *m)
{
	static const char *const names[] = {
	    "First (UTC)", "From", "To", "State", "Events", "Message", NULL};
	struct bwi_view *v = m->list.view;
	struct bwi_html *h = &v->html;
	const char *p = m->row.p != NULL ? m->row.p : "";

	if (m->shown++ == 0)
		bwi_list_head(v, "list events", names);
	bwi_html_tag(h, "tr");
	bwi_html_tag(h, "td");
	bwi_view_link(v, NULL, "message", m->id);
	bwi_view_time(v, m->began);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_NUMBER, (struct bw_str){p, m->from});
	bwi_list_cell(v, BW_MASK_NUMBER, (struct bw_str){p + m->from, m->to});
	bwi_html_tag(h, "td");
	put_state(v, (struct bw_str){p + m->from + m->to, m->type}, m->failed);
	bwi_html_end(h);
	bwi_list_number(v, "Events");
	bwi_html_int(h, m->events);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_WORD, m->id);
	bwi_html_end(h);
}

static bool
end(struct bwi_group_list *l)
{
	struct messages *m = (struct messages *)l;
	bool takes = l->newest != 0 && m->row.err == BW_OK &&
		     (m->state.p == NULL || m->failed);

	if (takes)
		put_row(m);
	return takes;
}

static void
put_messages(struct messages *m)
{
	struct bwi_view *v = m->list.view;
	struct bw_store *store = bwi_view_store(v);
	size_t depth = v->html.depth;
	enum bw_err err;

	if (store == NULL)
		return;
	err = bwi_group_list_read(&m->list, store);
	bwi_html_end_to(&v->html, depth);
	if (m->list.before != 0)
		bwi_list_more(v, m->list.before, m->list.cut, m->list.back);
	else if (!bwi_view_store_failed(v, err) && m->list.n == 0)
		bwi_list_empty(
		    v, "No such message.", "No message has come yet.");
}

static void
write_list(struct messages *m)
{
	struct bwi_view *v = m->list.view;

	bwi_frame_begin(v, "Messages");
	bwi_view_put(
	    v, "p", "note", "Newest first, by the last event of each.");
	bwi_frame_titled(v);
	bwi_list_form_begin(v, "messages");
	bwi_list_select(v, "state", "State", "Any state", bwi_message_states);
	bwi_list_input(v, "since", "Since", "Since 2h, 3d, date");
	bwi_list_input(v, "number", "Number", "Number or its end");
	bwi_list_form_end(v);
	put_messages(m);
	bwi_frame_end(v);
}

void
bwi_messages_write(struct bwi_view *v)
{
	struct messages m = {.list = {.view = v,
				 .id = message_of,
				 .restrict_to = restrict_to,
				 .begin = begin,
				 .add = add,
				 .end = end}};
	const char *why =
	    bwi_event_filter_init(&m.list.filter, v, bwi_message_states);

	m.list.filter.store.family = BW_STR("messaging");
	m.state = m.list.filter.state; /* of the message, not of an event */
	m.list.filter.state = (struct bw_str){NULL, 0};
	bw_buf_init(&m.row, BWI_VIEW_BODY);
	if (why != NULL)
		bwi_frame_sentence(v, 400, "Not understood", why);
	else
		write_list(&m);
	bw_buf_free(&m.row);
	bwi_event_filter_free(&m.list.filter);
}

/* One message: all its events, in their order. */
struct one {
	struct bwi_view *view;
	struct bwi_event_words words;
	size_t n;
};

static bool
put_event(void *arg, const struct bw_store_row *r)
{
	static const char *const names[] = {"Time (UTC)", "Event", "From",
	    "Section", "Answer", "ms", "What", NULL};
	struct one *one = arg;
	struct bwi_view *v = one->view;

	if (one->n++ == 0 && v->json) {
		bw_buf_puts(v->data, "{\"events\":[");
	} else if (one->n == 1) {
		bwi_frame_begin(v, "Message");
		bwi_html_tag(&v->html, "code");
		bwi_html_cut(&v->html, v->id, 256);
		bwi_html_end(&v->html);
		bwi_frame_titled(v);
		bwi_list_head(v, "list events", names);
	}
	if (!v->json) {
		bwi_event_row_put(v, &one->words, r);
		return v->out->err == BW_OK;
	}
	bw_buf_puts(v->data, one->n > 1 ? ",\n" : "");
	bwi_row_json(v->data, r);
	return v->data->err == BW_OK;
}

static void
end_message(struct bwi_view *v)
{
	if (v->json) {
		bw_buf_puts(v->data, "]}\n");
		return;
	}
	bwi_html_end(&v->html); /* tbody */
	bwi_html_end(&v->html); /* table */
	if (!v->reveal)
		bwi_act_put(v, BWI_MAY_REVEAL, "reveal", (struct bw_str){"", 0},
		    "Show numbers and texts", "This is recorded.");
	bwi_frame_end(v);
}

void
bwi_message_write(struct bwi_view *v)
{
	struct bwi_store_handle *handle = v->request->section->store;
	struct bw_store_filter filter = {.message = v->id};
	struct one one = {.view = v};
	struct bw_store *store = NULL;
	enum bw_err err = BW_OK;
	uint64_t cursor = 0;

	bwi_event_words_init(&one.words);
	if (handle != NULL)
		err = bwi_store_handle_store(handle, &store, NULL);
	if (store != NULL)
		err = bwi_store_read_until(store, &filter, false, MAX_EVENTS,
		    &cursor, v->until, put_event, &one, NULL);
	if (one.n > 0)
		end_message(v);
	else
		bwi_view_missing(v, "Message", err,
		    "No event of this message is stored. It may be older than "
		    "what is kept.");
	bwi_event_words_free(&one.words);
}
