/*
 * Parses application/x-www-form-urlencoded, the format of GET callbacks. It is
 * undocumented how Bandwidth flattens nested members, so both common ways are
 * accepted: dotted names, and JSON text in a parameter.
 */
#include <bwcallback/tools/str.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "event/payload_tree.h"

/* A decoded parameter, in place or in the arena. */
struct pair {
	struct bw_str name;
	struct bw_str value;
	bool done; /* already appended, as part of an object */
};

struct parser {
	struct bwi_tree *tree;
	struct bw_error *error;
	struct pair *pairs;
	size_t n;
};

static enum bw_err
out_of_memory(struct bw_error *error)
{
	return bw_error_set(error, BW_ERR_NOMEM, 0, "query: out of memory");
}

/*
 * Is s a telephone number with an unencoded plus, "+19195550100"? No callback
 * has a value of a space and seven to fifteen digits (E.164).
 */
static bool
is_raw_number(struct bw_str s)
{
	if (s.n < 8 || s.n > 16 || s.p[0] != '+')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return true;
}

/* Decode; an invalid escape is copied as it is. */
static size_t
unescape(char *out, struct bw_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && s.n - i > 2 &&
			   bwi_hex_digit(s.p[i + 1]) >= 0 &&
			   bwi_hex_digit(s.p[i + 2]) >= 0) {
			c = (char)(bwi_hex_digit(s.p[i + 1]) << 4 |
				   bwi_hex_digit(s.p[i + 2]));
			i += 2;
		}
		out[n++] = c;
	}
	return n;
}

/*
 * Replace bytes that are not UTF-8 with U+FFFD: a bad byte in a tag must not
 * end the call.
 */
static bool
repair_utf8(struct bwi_tree *t, struct bw_str *s)
{
	size_t good = bwi_utf8_valid(s->p, s->n);
	char *out;
	size_t n;

	if (good == s->n)
		return true;
	out = bwi_arena_alloc(&t->arena, s->n * 3);
	if (out == NULL)
		return false;
	memcpy(out, s->p, good);
	n = good;
	for (size_t i = good; i < s->n;) {
		uint32_t cp;
		size_t len = bwi_utf8_next(s->p + i, s->n - i, &cp);

		n += bwi_utf8_put(out + n, len != 0 ? cp : 0xfffd);
		i += len != 0 ? len : 1;
	}
	*s = (struct bw_str){out, n};
	return true;
}

static bool
decode(struct bwi_tree *t, struct bw_str *s)
{
	char *out;

	if (memchr(s->p, '%', s->n) == NULL && memchr(s->p, '+', s->n) == NULL)
		return repair_utf8(t, s);
	out = bwi_arena_alloc(&t->arena, s->n);
	if (out == NULL)
		return false;
	*s = (struct bw_str){out, unescape(out, *s)};
	return repair_utf8(t, s);
}

static struct bw_str
take_until(struct bw_str *s, char at)
{
	const char *p = memchr(s->p, at, s->n);
	struct bw_str head = *s;

	if (p == NULL) {
		*s = (struct bw_str){s->p + s->n, 0};
		return head;
	}
	head.n = (size_t)(p - s->p);
	s->p = p + 1;
	s->n -= head.n + 1;
	return head;
}

static size_t
count_pairs(struct bw_str query)
{
	size_t n = 1;

	for (size_t i = 0; i < query.n; i++)
		n += query.p[i] == '&';
	return n;
}

static enum bw_err
split(struct parser *p, struct bw_str query)
{
	size_t max = count_pairs(query);

	if (max > BW_MAX_PARAMETERS) {
		return bw_error_set(p->error, BW_ERR_LIMIT, 0,
		    "query: more than %d parameters", BW_MAX_PARAMETERS);
	}
	p->pairs = bwi_arena_alloc(&p->tree->arena, max * sizeof(*p->pairs));
	if (p->pairs == NULL)
		return out_of_memory(p->error);
	while (query.n > 0) {
		struct bw_str value = take_until(&query, '&');
		struct bw_str name = take_until(&value, '=');

		if (name.n == 0 && value.n == 0)
			continue;
		if (!decode(p->tree, &name))
			return out_of_memory(p->error);
		if (!is_raw_number(value) && !decode(p->tree, &value))
			return out_of_memory(p->error);
		p->pairs[p->n++] = (struct pair){name, value, false};
	}
	return BW_OK;
}

/* A JSON object or list in a parameter becomes a subtree. */
static bool
looks_like_json(struct bw_str s)
{
	return s.n >= 2 && ((s.p[0] == '{' && s.p[s.n - 1] == '}') ||
			       (s.p[0] == '[' && s.p[s.n - 1] == ']'));
}

static enum bw_err
add_value(
    struct parser *p, struct bw_str name, struct bw_str value, uint32_t depth)
{
	uint32_t before = p->tree->n;
	enum bw_err err = BW_ERR_SYNTAX;
	uint32_t at;

	if (looks_like_json(value))
		err = bwi_json_append(p->tree, value, depth, &at, NULL);
	if (err == BW_ERR_NOMEM)
		return out_of_memory(p->error);
	if (err != BW_OK) {
		p->tree->n = before;
		err = bwi_tree_add(p->tree, BW_KIND_STRING, &at, p->error);
		if (err != BW_OK)
			return err;
		p->tree->nodes[at].value = value.p;
		p->tree->nodes[at].value_len = (uint32_t)value.n;
	}
	p->tree->nodes[at].name = name.p;
	p->tree->nodes[at].name_len = (uint32_t)name.n;
	return BW_OK;
}

/*
 * Length of the first part of a dotted name after skip bytes; 0 without a dot.
 */
static size_t
first_part_length(struct bw_str name, size_t skip)
{
	const char *dot = memchr(name.p + skip, '.', name.n - skip);

	if (dot == NULL)
		return 0;
	return (size_t)(dot - (name.p + skip));
}

/*
 * Append the parameters, from the ith on, whose names begin with the prefix, as
 * members of an object depth levels below the root.
 */
static enum bw_err
add_members(struct parser *p, size_t i, struct bw_str prefix, uint32_t depth)
{
	enum bw_err err = BW_OK;

	for (; err == BW_OK && i < p->n; i++) {
		struct pair *pair = &p->pairs[i];
		struct bw_str name = pair->name;
		size_t group;
		uint32_t at;

		if (pair->done || !bw_str_begins(name, prefix))
			continue;
		group = first_part_length(name, prefix.n);
		if (group == 0 || depth == BW_MAX_DEPTH) {
			pair->done = true;
			name.p += prefix.n;
			name.n -= prefix.n;
			err = add_value(p, name, pair->value, depth);
			continue;
		}
		err = bwi_tree_add(p->tree, BW_KIND_OBJECT, &at, p->error);
		if (err != BW_OK)
			break;
		p->tree->nodes[at].name = name.p + prefix.n;
		p->tree->nodes[at].name_len = (uint32_t)group;
		name.n = prefix.n + group + 1;
		err = add_members(p, i, name, depth + 1);
		p->tree->nodes[at].end = p->tree->n;
	}
	return err;
}

enum bw_err
bwi_query_parse(struct bwi_tree *t, struct bw_str query, struct bw_error *error)
{
	struct parser p = {.tree = t, .error = error};
	enum bw_err err;
	uint32_t root;

	if (query.n > BW_MAX_BODY) {
		return bw_error_set(error, BW_ERR_LIMIT, 0,
		    "query: more than %d bytes", BW_MAX_BODY);
	}
	t->repeats = true;
	err = bwi_tree_add(t, BW_KIND_OBJECT, &root, error);
	if (err != BW_OK)
		return err;
	if (query.n > 0)
		err = split(&p, query);
	if (err == BW_OK)
		err = add_members(&p, 0, (struct bw_str){"", 0}, 1);
	t->nodes[root].end = t->n;
	return err;
}
