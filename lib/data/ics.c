#include "data/ics.h"

#include <string.h>
#include <strings.h>

bool
bwi_ics_is(struct bw_str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

struct bw_str
bwi_ics_cut(struct bw_str *s, char separator)
{
	const char *end = s->n != 0 ? memchr(s->p, separator, s->n) : NULL;
	struct bw_str part = {s->p, end != NULL ? (size_t)(end - s->p) : s->n};

	s->p += part.n + (end != NULL);
	s->n -= part.n + (end != NULL);
	return part;
}

static struct bw_str
next_physical(struct bwi_ics_reader *r)
{
	struct bw_str s = bwi_ics_cut(&r->rest, '\n');

	r->number++;
	if (s.n != 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* Split at the first colon outside of quotes. */
static bool
split(struct bwi_ics_line *l, struct bw_str s)
{
	bool quoted = false;
	size_t i = 0, head = 0;

	for (; i < s.n && (quoted || s.p[i] != ':'); i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		if (head == 0 && s.p[i] == ';')
			head = i;
	}
	if (i == s.n)
		return false;
	if (head == 0)
		head = i;
	l->name = (struct bw_str){s.p, head};
	l->parameters = head < i ? (struct bw_str){s.p + head + 1, i - head - 1}
				 : (struct bw_str){"", 0};
	l->value = (struct bw_str){s.p + i + 1, s.n - i - 1};
	return head != 0;
}

void
bwi_ics_begin(struct bwi_ics_reader *r, struct bw_str text)
{
	*r = (struct bwi_ics_reader){.rest = text, .number = 1};
	bw_buf_init(&r->text, text.n + 1);
}

enum bw_err
bwi_ics_next(struct bwi_ics_reader *r, struct bwi_ics_line *l)
{
	struct bw_str s = {"", 0};

	l->number = 0;
	while (s.n == 0 && r->rest.n != 0)
		s = next_physical(r);
	if (s.n == 0)
		return BW_OK;
	l->number = r->number - 1;
	bw_buf_reset(&r->text);
	bw_buf_add(&r->text, s.p, s.n);
	while (r->rest.n != 0 && (*r->rest.p == ' ' || *r->rest.p == '\t')) {
		s = next_physical(r);
		if (s.n != 0)
			bw_buf_add(&r->text, s.p + 1, s.n - 1);
	}
	if (r->text.err != BW_OK)
		return BW_ERR_NOMEM;
	return split(l, (struct bw_str){r->text.p, r->text.n}) ? BW_OK
							       : BW_ERR_SYNTAX;
}

void
bwi_ics_end(struct bwi_ics_reader *r)
{
	bw_buf_free(&r->text);
}

struct bw_str
bwi_ics_parameter(struct bw_str parameters, const char *name)
{
	while (parameters.n != 0) {
		struct bw_str value = bwi_ics_cut(&parameters, ';');
		struct bw_str own = bwi_ics_cut(&value, '=');

		if (!bwi_ics_is(own, name))
			continue;
		if (value.n >= 2 && value.p[0] == '"') {
			value.p++;
			value.n -= 2;
		}
		return value;
	}
	return (struct bw_str){NULL, 0};
}
