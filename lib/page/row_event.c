#include "page/row_event.h"

#include <bwcallback/tools/iso8601.h>

void
bwi_row_decoder_init(struct bwi_row_decoder *d)
{
	bw_row_decoder_init(&d->rows);
}

void
bwi_row_decoder_free(struct bwi_row_decoder *d)
{
	bw_row_decoder_free(&d->rows);
}

const struct bw_event *
bwi_row_decode(struct bwi_row_decoder *d, const struct bw_store_row *r)
{
	return bw_row_decode(&d->rows, r);
}

struct bw_str
bwi_row_field(const struct bw_event *e, const char *name)
{
	return bw_row_field(e, name);
}

int64_t
bwi_row_time(const struct bw_store_row *r, const struct bw_event *e)
{
	struct bw_str s = bwi_row_field(e, "eventTime");
	char text[64];
	int64_t ms;

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n) != NULL)
		return r->event.received;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return bw_iso8601_parse(text, &ms) ? ms : r->event.received;
}
