/* A row of a list of events. */
#include "page/event_row.h"

#include "page/list_parts.h"

#include <stdio.h>

/*
 * The fields that tell most about an event: all that it has are shown. A type
 * of NULL means all of the family.
 */
static const struct {
	const char *family;
	const char *type;
	const char *label;
	const char *field;
} fields[] = {
    {"voice", "gather", "key", "digits"},
    {"voice", "dtmf", "key", "digit"},
    {"voice", NULL, "", "cause"},
    {"voice", NULL, "", "errorMessage"},
    {"voice", "recordingAvailable", "", "duration"},
    {"voice", "recordComplete", "", "duration"},
    {"voice", "transcriptionAvailable", "", "transcription.status"},
    {"conference", NULL, "", "name"},
    {"messaging", NULL, "", "errorCode"},
    {"messaging", "message-failed", "", "description"},
    {"messaging", NULL, "to", "message.to"},
    {"mfa", NULL, "", "errorCode"},
    {"numbers", NULL, "", "OrderType"},
    {"numbers", NULL, "", "Status"},
    {"numbers-v2", NULL, "", "status"},
    {"portout", NULL, "PON", "PON"},
    {"tfv", NULL, "", "status"},
    {"porting-global", NULL, "", "status"},
    {"brtc", NULL, "", "cause"},
};

void
bwi_event_words_init(struct bwi_event_words *w)
{
	bwi_row_decoder_init(&w->decoder);
}

void
bwi_event_words_free(struct bwi_event_words *w)
{
	bwi_row_decoder_free(&w->decoder);
}

/* Append one field; false: the event does not have it. */
static bool
put_field(struct bwi_view *v, const struct bw_event *e, size_t i, bool first)
{
	struct bw_str name = {fields[i].field, strlen(fields[i].field)};
	struct bw_str value = bwi_row_field(e, fields[i].field);

	if (value.n == 0)
		return false;
	bwi_html_puts(&v->html, first ? "" : " \xc2\xb7 ");
	if (fields[i].label[0] != '\0')
		bwi_html_printf(&v->html, "%s ", fields[i].label);
	bwi_view_value(v, bw_mask_of_member(name), value);
	return true;
}

void
bwi_event_words_put(
    struct bwi_view *v, struct bwi_event_words *w, const struct bw_store_row *r)
{
	const struct bw_event *e = bwi_row_decode(&w->decoder, r);
	bool first = true;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!bw_str_is(r->event.family, fields[i].family) ||
		    (fields[i].type != NULL &&
			!bw_str_is(r->event.type, fields[i].type)))
			continue;
		if (put_field(v, e, i, first))
			first = false;
	}
}

static void
put_took(struct bwi_view *v, const struct bw_store_row *r)
{
	bwi_list_number(v, "ms");
	if (r->answer.status != 0)
		bwi_view_ms(v, r->answer.duration);
	bwi_html_end(&v->html);
}

void
bwi_event_row_put(
    struct bwi_view *v, struct bwi_event_words *w, const struct bw_store_row *r)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "tr");
	bwi_html_attr_int(h, "data-seq", (int64_t)r->seq);
	bwi_html_tag(h, "td");
	bwi_view_link_int(v, NULL, "event", r->seq);
	bwi_view_time(v, r->event.received);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_list_cell(v, BW_MASK_REMARK, r->event.type);
	bwi_list_cell(v, BW_MASK_NUMBER, r->event.from);
	bwi_list_cell(v, BW_MASK_WORD, r->event.section);
	bwi_html_tag(h, "td");
	bwi_view_answer(v, r);
	bwi_html_end(h);
	put_took(v, r);
	bwi_html_tag(h, "td");
	bwi_event_words_put(v, w, r);
	bwi_html_end(h);
	bwi_html_end(h);
}
