#include "auth/json_canonical.h"

#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/str.h>

struct scan {
	const char *p;
	const char *end;
	struct bw_buf *out; /* NULL: only find the end */
	unsigned depth;
	bool sorted;
};

struct member {
	struct bw_str name; /* with its quotes */
	struct bw_str value;
};

static bool scan_value(struct scan *);

static void
emit(struct scan *s, const char *p, size_t n)
{
	if (s->out != NULL)
		bw_buf_add(s->out, p, n);
}

static void
skip_space(struct scan *s)
{
	while (s->p < s->end && bw_is_space(*s->p))
		s->p++;
}

/* Skip white space and c; false when another token follows. */
static bool
skip_char(struct scan *s, char c)
{
	skip_space(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool
scan_string(struct scan *s, struct bw_str *out)
{
	const char *start = s->p;

	for (s->p++; s->p < s->end && *s->p != '"'; s->p++) {
		if (*s->p == '\\' && ++s->p == s->end)
			return false;
	}
	if (s->p == s->end)
		return false;
	s->p++;
	*out = (struct bw_str){start, (size_t)(s->p - start)};
	return true;
}

static bool
scan_name(struct scan *s, struct bw_str *name)
{
	skip_space(s);
	return s->p < s->end && *s->p == '"' && scan_string(s, name) &&
	       skip_char(s, ':');
}

/* A number, true, false or null: everything up to the next token. */
static bool
scan_word(struct scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p != '\0' &&
	       strchr(" \t\n\r,:[]{}\"", *s->p) == NULL)
		s->p++;
	emit(s, start, (size_t)(s->p - start));
	return s->p != start;
}

static bool
scan_array(struct scan *s)
{
	emit(s, "[", 1);
	if (skip_char(s, ']')) {
		emit(s, "]", 1);
		return true;
	}
	while (scan_value(s)) {
		if (skip_char(s, ']')) {
			emit(s, "]", 1);
			return true;
		}
		if (!skip_char(s, ','))
			return false;
		emit(s, ",", 1);
	}
	return false;
}

static bool
scan_object(struct scan *s)
{
	struct bw_str name;

	emit(s, "{", 1);
	if (skip_char(s, '}')) {
		emit(s, "}", 1);
		return true;
	}
	while (scan_name(s, &name)) {
		emit(s, name.p, name.n);
		emit(s, ":", 1);
		if (!scan_value(s))
			return false;
		if (skip_char(s, '}')) {
			emit(s, "}", 1);
			return true;
		}
		if (!skip_char(s, ','))
			return false;
		emit(s, ",", 1);
	}
	return false;
}

static bool
scan_member(struct scan *s, struct member *m)
{
	struct scan ahead;

	if (!scan_name(s, &m->name))
		return false;
	skip_space(s);
	ahead = *s;
	ahead.out = NULL;
	ahead.sorted = false;
	if (!scan_value(&ahead))
		return false;
	m->value = (struct bw_str){s->p, (size_t)(ahead.p - s->p)};
	s->p = ahead.p;
	return true;
}

/*
 * Compare by code point, which in UTF-8 is by byte, without the closing quote.
 * Equal names stay in their order.
 */
static int
compare_members(const void *a, const void *b)
{
	struct bw_str x = ((const struct member *)a)->name;
	struct bw_str y = ((const struct member *)b)->name;
	int order = bw_str_compare(
	    (struct bw_str){x.p, x.n - 1}, (struct bw_str){y.p, y.n - 1});

	return order != 0 ? order : (x.p > y.p) - (x.p < y.p);
}

static bool
emit_members(struct scan *s, struct member *members, size_t count)
{
	qsort(members, count, sizeof(members[0]), compare_members);
	for (size_t i = 0; i < count; i++) {
		struct scan value = *s;

		value.p = members[i].value.p;
		value.end = value.p + members[i].value.n;
		emit(s, i == 0 ? "{" : ",", 1);
		emit(s, members[i].name.p, members[i].name.n);
		emit(s, ":", 1);
		if (!scan_value(&value))
			return false;
	}
	emit(s, count == 0 ? "{}" : "}", count == 0 ? 2 : 1);
	return true;
}

static bool
scan_sorted_object(struct scan *s)
{
	struct member members[BWI_CANONICAL_MEMBERS];
	size_t count = 0;

	if (skip_char(s, '}'))
		return emit_members(s, members, 0);
	while (
	    count < BWI_CANONICAL_MEMBERS && scan_member(s, &members[count])) {
		count++;
		if (skip_char(s, '}'))
			return emit_members(s, members, count);
		if (!skip_char(s, ','))
			return false;
	}
	return false;
}

static bool
scan_nested(struct scan *s)
{
	bool good;

	if (s->depth == BW_MAX_DEPTH)
		return false;
	s->depth++;
	if (*s->p++ == '[')
		good = scan_array(s);
	else if (s->sorted)
		good = scan_sorted_object(s);
	else
		good = scan_object(s);
	s->depth--;
	return good;
}

static bool
scan_value(struct scan *s)
{
	struct bw_str string;

	skip_space(s);
	if (s->p == s->end)
		return false;
	if (*s->p == '[' || *s->p == '{')
		return scan_nested(s);
	if (*s->p != '"')
		return scan_word(s);
	if (!scan_string(s, &string))
		return false;
	emit(s, string.p, string.n);
	return true;
}

bool
bwi_json_canonical_add(struct bw_buf *out, struct bw_str json, bool sorted)
{
	struct scan s = {.out = out, .sorted = sorted};

	if (json.n == 0)
		return false;
	s.p = json.p;
	s.end = json.p + json.n;
	if (!scan_value(&s))
		return false;
	skip_space(&s);
	return s.p == s.end;
}
