/* Why a message was not delivered, from its event. */
#include <bwcallback/tools/row.h>

#include <string.h>

#include <bwcallback/tools/str.h>

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
#include "row/message_codes.def"
#undef MESSAGE
#undef DLR
};

static const struct {
	const char *code;
	const char *name;
} reports[] = {
#define MESSAGE(code, name, by, billed)
#define DLR(code, name) {#code, name},
#include "row/message_codes.def"
#undef MESSAGE
#undef DLR
};

/* The two kinds of codes do not overlap, but their sources differ. */
static bool
is_report(const struct bw_event *e)
{
	return bw_event_family(e) == BW_FAMILY_MESSAGING_INTL ||
	       (bw_event_family(e) == BW_FAMILY_MFA &&
		   !bw_str_is(bw_row_field(e, "platform"), "NorthAmericaSMS"));
}

static void
find_report(struct bw_row_code *c)
{
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (bw_str_is(c->code, reports[i].code))
			c->name = reports[i].name;
	}
}

static void
find_code(struct bw_row_code *c)
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
bw_row_code(struct bw_row_decoder *d, const struct bw_store_row *r,
    struct bw_row_code *c)
{
	static const char name[] = "\"errorCode\"";
	struct bw_str body = r->event.body;

	*c = (struct bw_row_code){.code = {NULL, 0}};
	/* Most events have no code; skip decoding those. */
	if (body.n == 0 ||
	    memmem(body.p, body.n, name, sizeof(name) - 1) == NULL ||
	    bw_row_decode(d, r) == NULL)
		return false;
	switch (bw_event_family(d->event)) {
	case BW_FAMILY_MESSAGING:
	case BW_FAMILY_MESSAGING_INTL:
	case BW_FAMILY_MFA:
		break;
	default:
		return false;
	}
	c->code = bw_row_field(d->event, "errorCode");
	if (c->code.n == 0)
		return false;
	if (is_report(d->event))
		find_report(c);
	else
		find_code(c);
	return true;
}
