/* Decodes the bodies of stored events. */
#include <bwcallback/tools/row.h>

#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/str.h>

void
bw_row_decoder_init(struct bw_row_decoder *d)
{
	d->decoder = NULL;
	d->event = NULL;
	bw_buf_init(&d->list, BW_MAX_BODY + 2);
}

void
bw_row_decoder_free(struct bw_row_decoder *d)
{
	bw_decoder_free(d->decoder);
	bw_buf_free(&d->list);
}

/* An element of a list is only recognised in a list. */
static struct bw_str
body_of(struct bw_row_decoder *d, const struct bw_store_event *e)
{
	if (e->batch <= 1)
		return e->body;
	bw_buf_reset(&d->list);
	bw_buf_putc(&d->list, '[');
	bw_buf_str(&d->list, e->body);
	bw_buf_putc(&d->list, ']');
	return d->list.err == BW_OK ? (struct bw_str){d->list.p, d->list.n}
				    : (struct bw_str){NULL, 0};
}

static enum bw_family
family_of(const struct bw_store_event *e)
{
	for (int f = 0; f < BW_FAMILY__MAX; f++) {
		if (bw_str_is(e->family, bw_family_name((enum bw_family)f)))
			return (enum bw_family)f;
	}
	return BW_FAMILY_OTHER;
}

const struct bw_event *
bw_row_decode(struct bw_row_decoder *d, const struct bw_store_row *r)
{
	const struct bw_store_event *e = &r->event;
	const struct bw_event *const *events;
	struct bw_payload in = {.content_type = e->content_type,
	    .get = bw_str_is(e->method, "GET"),
	    .hint = family_of(e)};
	size_t n = 0;

	d->event = NULL;
	if (d->decoder == NULL)
		d->decoder = bw_decoder_new();
	if (d->decoder == NULL)
		return NULL;
	in.query = in.get ? e->body : e->query;
	if (!in.get)
		in.body = body_of(d, e);
	if (bw_decode(d->decoder, &in, &events, &n, NULL) == BW_OK && n > 0)
		d->event = events[0];
	return d->event;
}

struct bw_str
bw_row_field(const struct bw_event *e, const char *name)
{
	struct bw_str value = {NULL, 0};

	if (e != NULL)
		(void)bw_event_get(
		    e, (struct bw_str){name, strlen(name)}, &value);
	return value;
}
