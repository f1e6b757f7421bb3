#include "template/value_check.h"

#include <stdio.h>

#include <bwcallback/tools/str.h>

#include "base/printed.h"
#include "bxml/value.h"

/* References written by bw_buf_xml, and their characters. */
static const struct {
	const char *reference;
	char c;
} references[] = {
    {"&amp;", '&'},
    {"&lt;", '<'},
    {"&gt;", '>'},
    {"&quot;", '"'},
    {"&#39;", '\''},
    {"&#9;", '\t'},
    {"&#10;", '\n'},
    {"&#13;", '\r'},
};

/* The first character, decoded, and its length in bytes. */
static char
next_character(struct bw_str s, size_t *length)
{
	size_t n = sizeof(references) / sizeof(references[0]);

	for (size_t i = 0; s.p[0] == '&' && i < n; i++) {
		size_t len = strlen(references[i].reference);

		if (len <= s.n &&
		    memcmp(s.p, references[i].reference, len) == 0) {
			*length = len;
			return references[i].c;
		}
	}
	*length = 1;
	return s.p[0];
}

/* Undo the escaping; p NULL: out of memory. */
static struct bw_str
unescape(struct bw_str s, struct bwi_arena *arena)
{
	char *p;
	size_t n = 0, len;

	if (s.n == 0 || memchr(s.p, '&', s.n) == NULL)
		return s;
	p = bwi_arena_alloc(arena, s.n);
	for (size_t i = 0; p != NULL && i < s.n; i += len) {
		struct bw_str rest = {s.p + i, s.n - i};

		p[n++] = next_character(rest, &len);
	}
	return (struct bw_str){p, n};
}

static bool
value_ok(const void *arg, struct bw_str s, struct bwi_arena *arena)
{
	const struct bwi_value_check *p = arg;

	s = unescape(s, arena);
	if (s.p == NULL)
		return false;
	if (p->text)
		s = bw_str_trim(s);
	if (p->https && bwi_bxml_is_plain_http(s))
		return false;
	return (p->text && s.n == 0 && !p->kind.required) ||
	       bwi_bxml_value_ok(&p->kind, s);
}

/* Is there any text outside the tags? */
static bool
speech_ok(const void *arg, struct bw_str s, struct bwi_arena *arena)
{
	bool tag = false;
	size_t len;

	(void)arg;
	(void)arena;
	for (size_t i = 0; i < s.n; i += len) {
		char c =
		    next_character((struct bw_str){s.p + i, s.n - i}, &len);

		if (len == 1 && c == '<')
			tag = true;
		else if (len == 1 && c == '>')
			tag = false;
		else if (!tag && !bwi_bxml_is_blank((struct bw_str){&c, 1}))
			return true;
	}
	return false;
}

/* Is every text valid? */
static bool
is_free(const struct bwi_bxml_attr *a)
{
	return (a->type == BWI_BXML_STRING || a->type == BWI_BXML_NONE) &&
	       a->length_min == 0 && a->length_max == 0 && !a->required;
}

static const char *
explain(struct bwi_arena *arena, const struct bwi_bxml_element *row,
    const struct bwi_value_check *p)
{
	char allowed[BWI_BXML_ALLOWED_SIZE], text[BWI_BXML_ALLOWED_SIZE + 120];
	size_t n;
	int len;

	bwi_bxml_value_allowed(&p->kind, allowed);
	if (p->kind.type == BWI_BXML_SSML)
		len = snprintf(text, sizeof(text),
		    "<%s>: no text to speak after {...} was replaced",
		    row->name);
	else
		len = snprintf(text, sizeof(text),
		    "%s of <%s>: after {...} was replaced, the value is not %s",
		    p->kind.name, row->name,
		    p->https ? "an https URL, or a relative one" : allowed);
	n = bwi_printed(len, sizeof(text));
	return bwi_arena_copy(arena, (struct bw_str){text, n + 1}).p;
}

struct bwi_template_check
bwi_value_check_check(struct bwi_arena *arena,
    const struct bwi_bxml_element *row, const struct bwi_value_check *p)
{
	struct bwi_template_check check = {.fn = NULL};
	struct bwi_value_check *copy;

	if (is_free(&p->kind) && !p->https)
		return check;
	copy = bwi_arena_alloc(arena, sizeof(*copy));
	check.fn = p->kind.type == BWI_BXML_SSML ? speech_ok : value_ok;
	check.why = explain(arena, row, p);
	if (copy != NULL && check.why != NULL) {
		*copy = *p;
		check.arg = copy;
	}
	return check;
}
