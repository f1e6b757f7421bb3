/*
 * A strict RFC 8259 parser that writes the tree directly: one pass, no memory
 * of its own, most strings eight bytes at a time. It must be fast, as it parses
 * every callback while a call waits.
 */
#include "base/hex.h"
#include "base/utf8.h"
#include "event/payload_tree.h"

struct scanner {
	struct bwi_tree *tree;
	struct bw_error *error;
	const char *begin;
	const char *p; /* begin <= p <= end */
	const char *end;
	const char *name; /* name of the next value; NULL in a list */
	uint32_t name_len;
	uint32_t outer_depth; /* nesting levels around the text */
	uint32_t depth;	      /* open containers */
	uint32_t open[BW_MAX_DEPTH];
};

/* Line and column (in characters, from 1) of a position in the text. */
static void
locate(const struct scanner *s, const char *at, int *line, int *column)
{
	*line = 1;
	*column = 1;
	for (const char *p = s->begin; p < at; p++) {
		if (*p == '\n') {
			(*line)++;
			*column = 1;
		} else if (((unsigned char)*p & 0xc0) != 0x80) {
			(*column)++;
		}
	}
}

static enum bw_err
fail_at(
    const struct scanner *s, enum bw_err err, const char *at, const char *what)
{
	int line, column;

	locate(s, at, &line, &column);
	return bw_error_set(
	    s->error, err, 0, "json: %d:%d: %s", line, column, what);
}

/* Report the error at p: the end of the text, not UTF-8, or the syntax. */
static enum bw_err
fail(const struct scanner *s, const char *what)
{
	uint32_t cp;

	if (s->p == s->end)
		return fail_at(s, BW_ERR_SYNTAX, s->p, "ends early");
	if (bwi_utf8_next(s->p, (size_t)(s->end - s->p), &cp) == 0)
		return fail_at(s, BW_ERR_ENCODING, s->p, "not UTF-8");
	return fail_at(s, BW_ERR_SYNTAX, s->p, what);
}

static inline void
skip_space(struct scanner *s)
{
	while (
	    s->p < s->end && (unsigned char)*s->p <= ' ' &&
	    (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/*
 * Sets the high bit of each byte of the word that is a control character, '"',
 * '\' or not ASCII. Borrows can set bits above the first such byte, never below
 * it.
 */
static inline uint64_t
special_bytes(uint64_t w)
{
	uint64_t quote = w ^ ONES * '"';
	uint64_t slash = w ^ ONES * '\\';

	return ((quote - ONES) | (slash - ONES) | (w - ONES * ' ') | w) & HIGHS;
}

/* Bytes that are not ASCII are negative. */
static inline bool
is_plain(signed char c)
{
	return c >= ' ' && c != '"' && c != '\\';
}

/* The first byte from p on that is not plain ASCII text, or end. */
static inline const char *
skip_plain(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t w, special;

		memcpy(&w, p, sizeof(w));
		special = special_bytes(w);
		if (special != 0) {
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			return p + (__builtin_ctzll(special) >> 3);
#else
			break;
#endif
		}
		p += 8;
	}
	while (p < end && is_plain((signed char)*p))
		p++;
	return p;
}

/* The value of the four digits after "\u", or -1. */
static int32_t
hex4(const char *p, const char *end)
{
	int32_t v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = bwi_hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* Skip the escape at p; it is decoded later. */
static enum bw_err
skip_escape(struct scanner *s)
{
	const char *kinds = "\"\\/bfnrtu";

	s->p++;
	if (s->p == s->end || *s->p == '\0' || strchr(kinds, *s->p) == NULL)
		return fail(s, "no such escape");
	s->p++;
	if (s->p[-1] != 'u')
		return BW_OK;
	for (int i = 0; i < 4; i++) {
		if (s->p == s->end || bwi_hex_digit(*s->p) < 0)
			return fail(s, "expected four hexadecimal digits");
		s->p++;
	}
	return BW_OK;
}

/* Move p to the closing quote. */
static enum bw_err
skip_string(struct scanner *s, bool *escapes)
{
	for (;;) {
		enum bw_err err;
		uint32_t cp;
		size_t len;

		s->p = skip_plain(s->p, s->end);
		if (s->p == s->end)
			return fail(s, "");
		if (*s->p == '"')
			return BW_OK;
		if (*s->p == '\\') {
			*escapes = true;
			err = skip_escape(s);
			if (err != BW_OK)
				return err;
			continue;
		}
		len = bwi_utf8_next(s->p, (size_t)(s->end - s->p), &cp);
		if (len < 2)
			return fail(s, "control character in a string");
		s->p += len;
	}
}

/*
 * Decode the escape after "\u" at p, which may be a surrogate pair. Half a pair
 * becomes U+FFFD.
 */
static const char *
unescape_u(const char *p, const char *end, uint32_t *cp)
{
	int32_t low;

	*cp = (uint32_t)hex4(p, end);
	p += 4;
	if (*cp < 0xd800 || *cp > 0xdfff)
		return p;
	if (*cp < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		low = hex4(p + 2, end);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*cp = 0x10000 + ((*cp - 0xd800) << 10) +
			      ((uint32_t)low - 0xdc00);
			return p + 6;
		}
	}
	*cp = 0xfffd;
	return p;
}

static char
unescape_short(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* Decode a valid string; the result is never longer. */
static size_t
unescape(char *out, const char *p, const char *end)
{
	char *o = out;

	while (p < end) {
		if (*p != '\\') {
			*o++ = *p++;
		} else if (p[1] == 'u') {
			uint32_t cp;

			p = unescape_u(p + 2, end, &cp);
			o += bwi_utf8_put(o, cp);
		} else {
			*o++ = unescape_short(p[1]);
			p += 2;
		}
	}
	return (size_t)(o - out);
}

/* Scan a string with escapes or UTF-8; p is at the first such byte. */
static enum bw_err
scan_special_string(
    struct scanner *s, const char *start, const char **out, uint32_t *len)
{
	bool escapes = false;
	enum bw_err err = skip_string(s, &escapes);
	char *copy;

	if (err != BW_OK)
		return err;
	*out = start;
	*len = (uint32_t)(s->p - start);
	s->p++;
	if (!escapes)
		return BW_OK;
	copy = bwi_arena_alloc(&s->tree->arena, *len);
	if (copy == NULL) {
		return bw_error_set(
		    s->error, BW_ERR_NOMEM, 0, "json: out of memory");
	}
	*len = (uint32_t)unescape(copy, start, start + *len);
	*out = copy;
	return BW_OK;
}

/* Scan the string whose opening quote is at p. */
static inline enum bw_err
scan_string(struct scanner *s, const char **out, uint32_t *len)
{
	const char *start = s->p + 1;

	s->p = skip_plain(start, s->end);
	if (s->p == s->end || *s->p != '"')
		return scan_special_string(s, start, out, len);
	*out = start;
	*len = (uint32_t)(s->p - start);
	s->p++;
	return BW_OK;
}

/* Scan a member's name and the colon. */
static enum bw_err
scan_name(struct scanner *s)
{
	enum bw_err err;

	if (s->p == s->end || *s->p != '"')
		return fail(s, "expected a name in quotes");
	err = scan_string(s, &s->name, &s->name_len);
	if (err != BW_OK)
		return err;
	skip_space(s);
	if (s->p == s->end || *s->p != ':')
		return fail(s, "expected ':'");
	s->p++;
	return BW_OK;
}

static bool
skip_digits(struct scanner *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static enum bw_err
scan_number(struct scanner *s)
{
	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!skip_digits(s))
		return fail(s, "expected a digit");
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!skip_digits(s))
			return fail(s, "expected a digit");
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (!skip_digits(s))
			return fail(s, "expected a digit");
	}
	return BW_OK;
}

static enum bw_err
scan_literal(struct scanner *s, struct bw_str word)
{
	if ((size_t)(s->end - s->p) < word.n ||
	    memcmp(s->p, word.p, word.n) != 0)
		return fail(s, "expected a value");
	s->p += word.n;
	return BW_OK;
}

/* Append a node with the name that was scanned before. */
static inline enum bw_err
add_node(struct scanner *s, enum bw_value_kind kind, uint32_t *at)
{
	enum bw_err err = bwi_tree_add(s->tree, kind, at, s->error);

	if (err == BW_OK) {
		s->tree->nodes[*at].name = s->name;
		s->tree->nodes[*at].name_len = s->name_len;
	}
	return err;
}

static void
close_container(struct scanner *s)
{
	struct bwi_node *node = &s->tree->nodes[s->open[--s->depth]];

	s->p++;
	node->value_len = (uint32_t)(s->p - node->value);
	node->end = s->tree->n;
}

static enum bw_err
open_container(struct scanner *s, bool *entered)
{
	bool object = *s->p == '{';
	enum bw_err err;
	uint32_t at;

	if (s->depth + s->outer_depth == BW_MAX_DEPTH) {
		return fail_at(s, BW_ERR_DEPTH, s->p, "nested too deeply");
	}
	err = add_node(s, object ? BW_KIND_OBJECT : BW_KIND_LIST, &at);
	if (err != BW_OK)
		return err;
	s->tree->nodes[at].value = s->p;
	s->open[s->depth++] = at;
	s->name = NULL;
	s->name_len = 0;
	s->p++;
	skip_space(s);
	if (s->p < s->end && *s->p == (object ? '}' : ']')) {
		close_container(s);
		return BW_OK;
	}
	*entered = true;
	return object ? scan_name(s) : BW_OK;
}

static enum bw_err
scan_string_value(struct scanner *s)
{
	const char *text;
	enum bw_err err;
	uint32_t at, len;

	err = scan_string(s, &text, &len);
	if (err == BW_OK)
		err = add_node(s, BW_KIND_STRING, &at);
	if (err == BW_OK) {
		s->tree->nodes[at].value = text;
		s->tree->nodes[at].value_len = len;
	}
	return err;
}

/* Scan true, false, null or a number. */
static enum bw_err
scan_bare_value(struct scanner *s)
{
	const char *start = s->p;
	enum bw_value_kind kind;
	enum bw_err err;
	uint32_t at;

	switch (*s->p) {
	case 't':
		kind = BW_KIND_TRUE;
		err = scan_literal(s, BW_STR("true"));
		break;
	case 'f':
		kind = BW_KIND_FALSE;
		err = scan_literal(s, BW_STR("false"));
		break;
	case 'n':
		kind = BW_KIND_NULL;
		err = scan_literal(s, BW_STR("null"));
		break;
	default:
		if (*s->p != '-' && (*s->p < '0' || *s->p > '9'))
			return fail(s, "expected a value");
		kind = BW_KIND_NUMBER;
		err = scan_number(s);
		break;
	}
	if (err == BW_OK)
		err = add_node(s, kind, &at);
	if (err == BW_OK && kind != BW_KIND_NULL) {
		s->tree->nodes[at].value = start;
		s->tree->nodes[at].value_len = (uint32_t)(s->p - start);
	}
	return err;
}

/* Scan a value, or the start of a container, which sets *entered. */
static inline enum bw_err
scan_value(struct scanner *s, bool *entered)
{
	*entered = false;
	skip_space(s);
	if (s->p == s->end)
		return fail(s, "");
	if (*s->p == '"')
		return scan_string_value(s);
	if (*s->p == '{' || *s->p == '[')
		return open_container(s, entered);
	return scan_bare_value(s);
}

/* Scan what follows a value, up to the next value or the end of the text. */
static inline enum bw_err
scan_separator(struct scanner *s)
{
	while (s->depth > 0) {
		bool object = s->tree->nodes[s->open[s->depth - 1]].kind ==
			      BW_KIND_OBJECT;

		skip_space(s);
		if (s->p == s->end)
			return fail(s, "");
		if (*s->p == ',') {
			s->p++;
			s->name = NULL;
			s->name_len = 0;
			if (!object)
				return BW_OK;
			skip_space(s);
			return scan_name(s);
		}
		if (*s->p != (object ? '}' : ']')) {
			return fail(s, object ? "expected ',' or '}'"
					      : "expected ',' or ']'");
		}
		close_container(s);
	}
	return BW_OK;
}

static enum bw_err
scan_text(struct scanner *s)
{
	enum bw_err err;
	bool entered;

	do {
		err = scan_value(s, &entered);
		if (err == BW_OK && !entered)
			err = scan_separator(s);
	} while (err == BW_OK && s->depth > 0);
	if (err != BW_OK)
		return err;
	skip_space(s);
	return s->p == s->end ? BW_OK : fail(s, "text after the end");
}

enum bw_err
bwi_json_append(struct bwi_tree *t, struct bw_str text, uint32_t depth,
    uint32_t *at, struct bw_error *error)
{
	struct scanner s = {
	    .tree = t,
	    .error = error,
	    .begin = text.p,
	    .p = text.p,
	    .end = text.p + text.n,
	    .outer_depth = depth,
	};

	if (text.n > BW_MAX_BODY) {
		return bw_error_set(error, BW_ERR_LIMIT, 0,
		    "json: more than %d bytes", BW_MAX_BODY);
	}
	*at = t->n;
	return scan_text(&s);
}

/*
 * RFC 8259 §8.1 requires UTF-8, but some tools write UTF-16. Its first two
 * bytes are a byte-order mark, or a NUL beside an ASCII byte.
 */
static bool
is_utf16(struct bw_str body)
{
	if (body.n < 2)
		return false;
	return body.p[0] == '\0' || body.p[1] == '\0' ||
	       memcmp(body.p, "\xff\xfe", 2) == 0 ||
	       memcmp(body.p, "\xfe\xff", 2) == 0;
}

enum bw_err
bwi_json_parse(struct bwi_tree *t, struct bw_str body, struct bw_error *error)
{
	uint32_t at;

	if (is_utf16(body)) {
		return bw_error_set(error, BW_ERR_ENCODING, 0,
		    "json: 1:1: not UTF-8: looks like UTF-16 or UTF-32");
	}
	body = bwi_utf8_without_mark(body);
	return bwi_json_append(t, body, 0, &at, error);
}
