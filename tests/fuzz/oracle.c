/*
 * Compares our JSON scanner with json-c. They must agree on what is JSON and on
 * its content, with these intended differences:
 *
 * - Of several members of one name we use the first, json-c the last.
 * - json-c cuts a name at a NUL; we do not.
 * - json-c converts integers to 64 bits and saturates; we store their text.
 * - json-c allows other depths, rejects a byte-order mark, checks only the lead
 * bytes of UTF-8, stops at a NUL and, even if strict, accepts literals (also
 * NaN and Infinity) in any case, control characters in strings, and numbers
 * with leading zeros or without digits. RFC 8259 allows none of these.
 * - json-c 0.18, if strict, takes every byte above 127 for a control character,
 * and refuses integers of more than 64 bits.
 * - Half a surrogate pair is one U+FFFD for us; json-c may make two of it, or
 * drop what follows.
 */
#include "oracle.h"

#include <json-c/json.h>

#include <stdlib.h>

static bool
has_nul(struct bw_str s)
{
	return s.n > 0 && memchr(s.p, '\0', s.n) != NULL;
}

static bool same(const struct bwi_tree *, uint32_t i, struct json_object *);

static bool
same_number(const struct bwi_node *node, struct json_object *o)
{
	char text[32];
	struct bw_str s = bwi_node_value(node);

	if (!json_object_is_type(o, json_type_int) &&
	    !json_object_is_type(o, json_type_double))
		return false;
	if (s.n >= sizeof(text)) /* longer than json-c stores */
		return true;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (json_object_is_type(o, json_type_double))
		return strtod(text, NULL) == json_object_get_double(o);
	return s.n > 18 || strtoll(text, NULL, 10) == json_object_get_int64(o);
}

/* Skip duplicate names and names that json-c cannot store. */
static bool
same_object(const struct bwi_tree *t, uint32_t i, struct json_object *o)
{
	if (!json_object_is_type(o, json_type_object))
		return false;
	for (uint32_t c = i + 1; c < t->nodes[i].end; c = t->nodes[c].end) {
		struct bw_str name = bwi_node_name(&t->nodes[c]);
		struct json_object *value;
		char *key;
		bool found, twice;

		if (has_nul(name))
			return true;
		key = strndup(name.p, name.n);
		if (key == NULL)
			return false;
		found = json_object_object_get_ex(o, key, &value);
		free(key);
		twice = bwi_tree_child(t, i, name) != c;
		for (uint32_t d = t->nodes[c].end; d < t->nodes[i].end;
		     d = t->nodes[d].end)
			twice = twice ||
				bw_str_eq(name, bwi_node_name(&t->nodes[d]));
		if (!found || (!twice && !same(t, c, value)))
			return false;
	}
	return true;
}

static bool
same_list(const struct bwi_tree *t, uint32_t i, struct json_object *o)
{
	size_t k = 0;

	if (!json_object_is_type(o, json_type_array))
		return false;
	for (uint32_t c = i + 1; c < t->nodes[i].end; c = t->nodes[c].end) {
		if (k >= json_object_array_length(o) ||
		    !same(t, c, json_object_array_get_idx(o, k)))
			return false;
		k++;
	}
	return k == json_object_array_length(o);
}

static bool
same_string(const struct bwi_node *node, struct json_object *o)
{
	struct bw_str s = bwi_node_value(node);

	if (!json_object_is_type(o, json_type_string))
		return false;
	for (size_t i = 0; i + 3 <= s.n;
	     i++) { /* half a surrogate pair, or U+FFFD */
		if (memcmp(s.p + i, "\xef\xbf\xbd", 3) == 0)
			return true;
	}
	return bw_str_eq(s, (struct bw_str){json_object_get_string(o),
				(size_t)json_object_get_string_len(o)});
}

static bool
same(const struct bwi_tree *t, uint32_t i, struct json_object *o)
{
	const struct bwi_node *node = &t->nodes[i];

	switch ((enum bw_value_kind)node->kind) {
	case BW_KIND_OBJECT:
		return same_object(t, i, o);
	case BW_KIND_LIST:
		return same_list(t, i, o);
	case BW_KIND_STRING:
		return same_string(node, o);
	case BW_KIND_NUMBER:
		return same_number(node, o);
	case BW_KIND_TRUE:
	case BW_KIND_FALSE:
		return json_object_is_type(o, json_type_boolean) &&
		       json_object_get_boolean(o) ==
			   (node->kind == BW_KIND_TRUE);
	default:
		return o == NULL;
	}
}

/* Invalid JSON that json-c accepts: see the beginning of this file. */
static bool
is_lax(struct bw_str s, enum bw_err err)
{
	if (err == BW_ERR_DEPTH || err == BW_ERR_LIMIT ||
	    err == BW_ERR_ENCODING || has_nul(s))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((unsigned char)c < ' ' || strchr("NnTtFfIi", c) != NULL)
			return true;
		if (strchr("-+.eE", c) != NULL || (c >= '0' && c <= '9'))
			return true;
	}
	return false;
}

/* json-c's value; *error: what it says. */
static struct json_object *
parse(const char *copy, int flags, enum json_tokener_error *error)
{
	struct json_tokener *tok = json_tokener_new_ex(BW_MAX_DEPTH + 2);
	struct json_object *o = NULL;

	*error = json_tokener_error_size;
	if (tok != NULL && copy != NULL) {
		json_tokener_set_flags(tok, flags);
		/* With the NUL, so that a number at the end is complete. */
		o = json_tokener_parse_ex(tok, copy, (int)strlen(copy) + 1);
		*error = json_tokener_get_error(tok);
	}
	json_tokener_free(tok);
	return o;
}

/* What json-c 0.18 refuses only if it is strict. */
static bool
is_refused_by_strict(struct bw_str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] > 127)
			return true;
		digits = s.p[i] >= '0' && s.p[i] <= '9' ? digits + 1 : 0;
		if (digits > 18)
			return true;
	}
	return false;
}

const char *
oracle_compare(struct bw_str text)
{
	char *copy = strndup(text.p, text.n);
	struct json_object *o;
	enum json_tokener_error theirs;
	const char *what = NULL;
	struct bwi_tree tree;
	enum bw_err ours;

	bwi_tree_init(&tree);
	ours = bwi_json_parse(&tree, text, NULL);
	o = parse(
	    copy, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8, &theirs);
	if (ours == BW_OK && theirs != json_tokener_success &&
	    is_refused_by_strict(text))
		o = parse(copy, JSON_TOKENER_VALIDATE_UTF8, &theirs);
	if (ours == BW_OK && *text.p != (char)0xef) { /* no byte-order mark */
		if (theirs != json_tokener_success)
			what = "json-c refuses it";
		else if (!same(&tree, 0, o))
			what = "json-c reads something else";
	} else if (ours != BW_OK && theirs == json_tokener_success &&
		   !is_lax(text, ours)) {
		what = "json-c accepts it";
	}
	json_object_put(o);
	free(copy);
	bwi_tree_free(&tree);
	return what;
}
