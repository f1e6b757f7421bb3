#include "template/filter.h"

#include <bwcallback/tools/spell.h>
#include <bwcallback/tools/str.h>

enum argument {
	NONE,
	TEXT,
	COUNT
};

static const struct {
	const char *name;
	enum argument argument;
} filters[] = {
#define X(name, argument, text) {#name, argument},
#include "template/filters.def"
#undef X
};

static const char *const names[] = {
#define X(name, argument, text) #name,
#include "template/filters.def"
#undef X
};

static bool
parse_count(struct bw_str s, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*count = *count * 10 + (size_t)(s.p[i] - '0');
	}
	return s.n <= 3 && *count > 0;
}

static enum bw_err
unknown(struct bw_str name, struct bw_error *e)
{
	const char *near = bw_spell_suggest(name, names, BWI_FILTER__MAX);

	return bw_error_set(e, BW_ERR_SYNTAX, 0,
	    "unknown filter \"%.*s\"%s%s%s; there are"
#define X(name, argument, text) " " #name
#include "template/filters.def"
#undef X
	    ,
	    (int)(name.n < 60 ? name.n : 60), name.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

enum bw_err
bwi_filter_parse(struct bwi_filter *f, struct bw_str s, struct bw_error *e)
{
	const char *colon = s.n != 0 ? memchr(s.p, ':', s.n) : NULL;
	struct bw_str name = {s.p, colon != NULL ? (size_t)(colon - s.p) : s.n};
	struct bw_str argument = {NULL, 0};
	size_t i = 0;

	if (colon != NULL)
		argument = (struct bw_str){colon + 1, s.n - name.n - 1};
	while (i < BWI_FILTER__MAX && !bw_str_is(name, filters[i].name))
		i++;
	if (i == BWI_FILTER__MAX)
		return unknown(name, e);
	*f = (struct bwi_filter){
	    .kind = (enum bwi_filter_kind)i, .text = argument};
	if (filters[i].argument == NONE && argument.p != NULL) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "filter \"%s\" takes no argument", filters[i].name);
	}
	if (filters[i].argument == TEXT && argument.p == NULL) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "filter \"%s\" needs an argument: {field|%s:text}",
		    filters[i].name, filters[i].name);
	}
	if (filters[i].argument == COUNT && !parse_count(argument, &f->count)) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "filter \"%s\" needs a number from 1 to 999: {field|%s:4}",
		    filters[i].name, filters[i].name);
	}
	return BW_OK;
}

/* Copy the digits only; out holds at least as many bytes as s. */
static size_t
put_digits(struct bw_str s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (bw_is_digit(s.p[i]))
			out[n++] = s.p[i];
	}
	return n;
}

/* Is it a complete North American number? *ten: offset of its ten digits. */
static bool
is_nanp(struct bw_str s, size_t *ten)
{
	if (s.n == 12 && s.p[0] == '+' && s.p[1] == '1')
		*ten = 2;
	else if (s.n == 11 && s.p[0] == '1')
		*ten = 1;
	else if (s.n == 10)
		*ten = 0;
	else
		return false;
	for (size_t i = *ten; i < s.n; i++) {
		if (!bw_is_digit(s.p[i]))
			return false;
	}
	return s.p[*ten] >= '2';
}

/* Is it read aloud? Letters, digits, '*' and '#' are. */
static bool
is_spoken(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '*' || c == '#';
}

/*
 * Separate the characters by spaces. Anything else becomes a comma, at which
 * speech pauses. North American numbers are grouped as usual.
 */
static size_t
put_spelled(struct bw_str s, char *out)
{
	size_t n = 0, ten = 0;
	bool number = is_nanp(s, &ten), pause = false;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!is_spoken(c)) {
			pause = true;
			continue;
		}
		if (number && (i == ten || i == ten + 3 || i == ten + 6))
			pause = true;
		if (n != 0 && (c & 0xc0) != 0x80) {
			if (pause)
				out[n++] = ',';
			out[n++] = ' ';
		}
		pause = false;
		out[n++] = (char)c;
	}
	return n;
}

static size_t
put_e164(struct bw_str s, char *out)
{
	size_t n, ten = 0;

	out[0] = '+';
	n = put_digits(s, out + 1) + 1;
	if (s.n != 0 && s.p[0] == '+')
		return n > 1 ? n : 0;
	if (!is_nanp((struct bw_str){out + 1, n - 1}, &ten))
		return 0;
	if (ten == 0) {
		memmove(out + 2, out + 1, n - 1);
		out[1] = '1';
		n++;
	}
	return n;
}

static size_t
put_case(struct bw_str s, char first, char last, char *out)
{
	for (size_t i = 0; i < s.n; i++) {
		bool fold = s.p[i] >= first && s.p[i] <= last;

		out[i] = fold ? (char)(s.p[i] ^ 0x20) : s.p[i];
	}
	return s.n;
}

static struct bw_str
last_characters(struct bw_str s, size_t count)
{
	size_t i = s.n;

	while (i > 0 && count > 0) {
		i--;
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			count--;
	}
	return (struct bw_str){s.p + i, s.n - i};
}

bool
bwi_filter_apply(
    const struct bwi_filter *f, struct bwi_arena *arena, struct bw_str *value)
{
	char *out;
	size_t n = 0;

	if (f->kind == BWI_FILTER_default) {
		if (value->n == 0)
			*value = f->text;
		return true;
	}
	if (value->n == 0)
		return true;
	if (f->kind == BWI_FILTER_last) {
		*value = last_characters(*value, f->count);
		return true;
	}
	/* Worst case: three bytes for each byte, and "+1" in front. */
	out = bwi_arena_alloc(arena, value->n * 3 + 2);
	if (out == NULL)
		return false;
	switch (f->kind) {
	case BWI_FILTER_spell:
		n = put_spelled(*value, out);
		break;
	case BWI_FILTER_digits:
		n = put_digits(*value, out);
		break;
	case BWI_FILTER_e164:
		n = put_e164(*value, out);
		break;
	case BWI_FILTER_upper:
		n = put_case(*value, 'a', 'z', out);
		break;
	case BWI_FILTER_lower:
		n = put_case(*value, 'A', 'Z', out);
		break;
	case BWI_FILTER_default:
	case BWI_FILTER_last:
	case BWI_FILTER__MAX:
		break;
	}
	*value = (struct bw_str){out, n};
	return true;
}
