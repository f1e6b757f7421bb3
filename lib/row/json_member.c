/* Members of a JSON object. */
#include "row/json_member.h"

#include <bwcallback/tools/printable.h>
#include <bwcallback/tools/row.h>

#include "base/json_quote.h"

void
bwi_json_name(struct bw_buf *b, const char *name)
{
	if (b->err == BW_OK)
		bw_buf_printf(
		    b, "%s\"%s\":", b->p[b->n - 1] == '{' ? "" : ",", name);
}

void
bwi_json_string(struct bw_buf *b, struct bw_str s)
{
	struct bw_buf text;

	bw_buf_init(&text, b->max);
	bwi_json_quote(&text, s);
	if (text.err != BW_OK)
		b->err = text.err;
	bw_buf_putc(b, '"');
	bw_printable_json(b, (struct bw_str){text.p, text.n});
	bw_buf_putc(b, '"');
	bw_buf_free(&text);
}

void
bwi_json_take(struct bw_buf *b, struct bw_buf *text)
{
	if (text->err != BW_OK)
		b->err = text->err;
	else
		bwi_json_string(b, (struct bw_str){text->p, text->n});
	bw_buf_free(text);
}

void
bw_row_text_json(
    struct bw_buf *b, enum bw_mask kind, struct bw_str s, bool reveal)
{
	struct bw_buf text;

	bw_buf_init(&text, b->max);
	bw_mask_add(&text, kind, s, reveal);
	bwi_json_take(b, &text);
}

void
bwi_json_text(struct bw_buf *b, const char *name, enum bw_mask kind,
    struct bw_str s, bool reveal)
{
	if (s.p == NULL)
		return;
	bwi_json_name(b, name);
	bw_row_text_json(b, kind, s, reveal);
}

void
bwi_json_number(struct bw_buf *b, const char *name, int64_t value)
{
	bwi_json_name(b, name);
	bw_buf_int(b, value);
}

void
bwi_json_flag(struct bw_buf *b, const char *name, bool value)
{
	bwi_json_name(b, name);
	bw_buf_puts(b, value ? "true" : "false");
}
