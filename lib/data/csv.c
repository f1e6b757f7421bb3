#include "data/csv.h"

#include <stdint.h>

#include <bwcallback/tools/mask.h>

#include "base/utf8.h"

static bool
at_line_end(const struct bwi_csv *c, size_t at)
{
	const char *p = c->text + at;

	return *p == '\n' || (*p == '\r' && at + 1 < c->n && p[1] == '\n');
}

static size_t
line_end_length(const struct bwi_csv *c, size_t at)
{
	return c->text[at] == '\r' ? 2 : 1;
}

/* Move the cursor over the comma or line end after a field. */
static void
skip_separator(const struct bwi_csv *c, struct bwi_csv_cursor *cursor)
{
	size_t at = cursor->at;

	cursor->more = at < c->n && c->text[at] == ',';
	if (at < c->n)
		cursor->at += cursor->more ? 1 : line_end_length(c, at);
}

static const char *
scan_quoted(const struct bwi_csv *c, struct bwi_csv_cursor *cursor,
    struct bwi_csv_field *f)
{
	const char *start = c->text + cursor->at + 1, *end = c->text + c->n;
	const char *q = start;
	size_t at;

	f->doubled = false;
	for (;;) {
		q = memchr(q, '"', (size_t)(end - q));
		if (q == NULL)
			return "unterminated quoted field";
		if (q + 1 == end || q[1] != '"')
			break;
		f->doubled = true;
		q += 2;
	}
	f->raw = (struct bw_str){start, (size_t)(q - start)};
	at = (size_t)(q + 1 - c->text);
	cursor->at = at;
	if (at < c->n && c->text[at] != ',' && !at_line_end(c, at))
		return "text after a closing quote: put the whole field in "
		       "quotes and double the quotes inside";
	skip_separator(c, cursor);
	return NULL;
}

const char *
bwi_csv_scan(const struct bwi_csv *c, struct bwi_csv_cursor *cursor,
    struct bwi_csv_field *f)
{
	size_t start = cursor->at, at = start;

	if (at < c->n && c->text[at] == '"')
		return scan_quoted(c, cursor, f);
	while (at < c->n && c->text[at] != ',' && !at_line_end(c, at))
		at++;
	*f = (struct bwi_csv_field){.raw = {c->text + start, at - start}};
	cursor->at = at;
	skip_separator(c, cursor);
	return NULL;
}

bool
bwi_csv_skip_blank(const struct bwi_csv *c, size_t *at)
{
	size_t i = *at;

	for (;;) {
		if (i + 1 < c->n && c->text[i] == '"' && c->text[i + 1] == '"')
			i += 2;
		if (i == c->n || c->text[i] != ',')
			break;
		i++;
	}
	if (i < c->n && !at_line_end(c, i))
		return false;
	if (i < c->n)
		i += line_end_length(c, i);
	*at = i;
	return true;
}

size_t
bwi_csv_undouble(struct bw_str raw, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		out[n++] = c;
		i += c == '"';
	}
	return n;
}

int
bwi_csv_line(const struct bwi_csv *c, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		line += c->text[i] == '\n';
	return line;
}

enum bw_err
bwi_csv_fail(const struct bwi_csv *c, int line, const char *what,
    struct bw_str s, struct bw_error *e)
{
	struct bw_buf text;

	/* Masked: the text goes to a log and may be a telephone number. */
	bw_buf_init(&text, 1024);
	s.n = s.n < 100 ? s.n : 100;
	bw_mask_add(&text, BW_MASK_REMARK, s, false);
	(void)bw_error_set(e, BW_ERR_SYNTAX, 0, "%s:%d: %s%s%.*s%s", c->file,
	    line, what, text.n != 0 ? " \"" : "", (int)text.n,
	    text.n != 0 ? text.p : "", text.n != 0 ? "\"" : "");
	bw_buf_free(&text);
	return BW_ERR_SYNTAX;
}

enum bw_err
bwi_csv_check(const struct bwi_csv *c, struct bw_error *e)
{
	const char *nul = c->n != 0 ? memchr(c->text, '\0', c->n) : NULL;
	size_t good = nul != NULL ? (size_t)(nul - c->text) : c->n;

	/* Positions are stored in 32 bits. */
	if (c->n >= UINT32_MAX) {
		return bw_error_set(
		    e, BW_ERR_LIMIT, 0, "%s: too large", c->file);
	}
	good = bwi_utf8_valid(c->text, good);
	if (good == c->n)
		return BW_OK;
	return bw_error_set(e, BW_ERR_ENCODING, 0,
	    "%s:%d: not UTF-8: save the table as \"CSV UTF-8\"", c->file,
	    bwi_csv_line(c, good));
}

size_t
bwi_csv_begin(const struct bwi_csv *c)
{
	return bwi_utf8_mark((struct bw_str){c->text, c->n});
}
