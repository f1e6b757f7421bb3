/* Why a message was not delivered, from its event. */
#include "cli/common/event_code.h"

#include <string.h>

#include "cli/common/event_columns.h"

static const struct {
	const char *code;
	const char *name;
	const char *by;
	bool billed;
} codes[] = {
#define BANDWIDTH			"Bandwidth"
#define CARRIER				"carrier"
#define UNCLEAR				"unclear"
#define MESSAGE(code, name, by, billed) {#code, name, by, billed},
#define DLR(code, name)
#include "cli/common/message_codes.def"
#undef MESSAGE
#undef DLR
};

static const struct {
	const char *code;
	const char *name;
} reports[] = {
#define MESSAGE(code, name, by, billed)
#define DLR(code, name) {#code, name},
#include "cli/common/message_codes.def"
#undef MESSAGE
#undef DLR
};

bool
events_decode(struct events_decoder *d, const struct bw_store_row *r)
{
	const struct bw_store_event *e = &r->event;
	struct bw_payload in = {
	    .content_type = e->content_type, .body = e->body};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	d->event = NULL;
	if (d->decoder == NULL)
		d->decoder = bw_decoder_new();
	if (d->decoder == NULL)
		return false;
	/* A list element is only recognised in a list: decode a list of one. */
	bw_buf_reset(&d->list);
	if (e->batch > 1) {
		bw_buf_putc(&d->list, '[');
		bw_buf_str(&d->list, e->body);
		bw_buf_putc(&d->list, ']');
		in.body = (struct bw_str){d->list.p, d->list.n};
	}
	if (d->list.err == BW_OK &&
	    bw_decode(d->decoder, &in, &events, &n, NULL) == BW_OK && n > 0)
		d->event = events[0];
	return d->event != NULL;
}

void
events_decoder_init(struct events_decoder *d)
{
	*d = (struct events_decoder){.decoder = NULL};
	bw_buf_init(&d->list, SIZE_MAX);
}

void
events_decoder_free(struct events_decoder *d)
{
	bw_decoder_free(d->decoder);
	bw_buf_free(&d->list);
}

struct bw_str
events_field(const struct bw_event *e, const char *name)
{
	struct bw_str value = {NULL, 0};

	(void)bw_event_get(e, (struct bw_str){name, strlen(name)}, &value);
	return value;
}

/* The two kinds of codes do not overlap, but their sources differ. */
static bool
is_report(const struct bw_event *e)
{
	return bw_event_family(e) == BW_FAMILY_MESSAGING_INTL ||
	       (bw_event_family(e) == BW_FAMILY_MFA &&
		   !bw_str_is(events_field(e, "platform"), "NorthAmericaSMS"));
}

static void
find_report(struct events_code *c)
{
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (bw_str_is(c->code, reports[i].code))
			c->name = reports[i].name;
	}
}

static void
find_code(struct events_code *c)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (!bw_str_is(c->code, codes[i].code))
			continue;
		c->name = codes[i].name;
		c->by = codes[i].by;
		c->billed = codes[i].billed;
	}
}

bool
events_code(struct events_decoder *d, const struct bw_store_row *r,
    struct events_code *c)
{
	static const char name[] = "\"errorCode\"";

	*c = (struct events_code){.code = {NULL, 0}};
	/* Most events have no code; skip decoding those. */
	if (memmem(r->event.body.p, r->event.body.n, name, sizeof(name) - 1) ==
		NULL ||
	    !events_decode(d, r))
		return false;
	switch (bw_event_family(d->event)) {
	case BW_FAMILY_MESSAGING:
	case BW_FAMILY_MESSAGING_INTL:
	case BW_FAMILY_MFA:
		break;
	default:
		return false;
	}
	c->code = events_field(d->event, "errorCode");
	if (c->code.n == 0)
		return false;
	if (is_report(d->event))
		find_report(c);
	else
		find_code(c);
	return true;
}

void
events_put_code(struct bw_buf *b, const struct events_code *c)
{
	events_text(b, BW_MASK_WORD, c->code, false);
	bw_buf_putc(b, ' ');
	bw_buf_puts(b, c->name != NULL ? c->name : "(unknown code)");
	if (c->by != NULL)
		bw_buf_printf(b, " (by %s%s, %s)",
		    strcmp(c->by, "carrier") == 0 ? "the " : "", c->by,
		    c->billed ? "billed" : "not billed");
}
