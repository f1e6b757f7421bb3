/* Writes an event as JSON, with json-c. */
#include <json-c/json.h>

#include <bwcallback/tools/printable.h>

#include "base/alloc.h"
#include "event/event.h"

struct writer {
	const struct bwi_tree *tree;
	struct bw_buf name; /* NUL-terminated name of the member being added */
};

/* User data of lists made from members with the same name. */
static int repeated;

static struct json_object *make_value(struct writer *, uint32_t i);

/*
 * json-c takes NUL-terminated names. A NUL inside a name becomes U+FFFD, so
 * that the name is not truncated to another one.
 */
static const char *
terminated(struct writer *w, struct bw_str name)
{
	bw_buf_reset(&w->name);
	while (name.n > 0) {
		const char *nul = memchr(name.p, '\0', name.n);
		size_t n = nul != NULL ? (size_t)(nul - name.p) : name.n;

		bw_buf_add(&w->name, name.p, n);
		if (nul != NULL) {
			bw_buf_puts(&w->name, "\xef\xbf\xbd");
			n++;
		}
		name.p += n;
		name.n -= n;
	}
	bw_buf_putc(&w->name, '\0');
	return w->name.err == BW_OK ? w->name.p : NULL;
}

/* Add another member of the same name: to a list, or in JSON not at all. */
static bool
add_repeated(struct writer *w, struct json_object *object, const char *name,
    struct json_object *before, struct json_object *value)
{
	struct json_object *list = before;

	if (!w->tree->repeats) {
		json_object_put(value);
		return true;
	}
	if (json_object_get_userdata(before) != &repeated) {
		list = json_object_new_array();
		if (list == NULL)
			goto out;
		json_object_set_userdata(list, &repeated, NULL);
		if (json_object_array_add(list, json_object_get(before)) != 0) {
			json_object_put(before);
			json_object_put(list);
			goto out;
		}
		if (json_object_object_add(object, name, list) != 0) {
			json_object_put(list);
			goto out;
		}
	}
	if (json_object_array_add(list, value) == 0)
		return true;
out:
	json_object_put(value);
	return false;
}

static bool
add_member(struct writer *w, struct json_object *object, struct bw_str name,
    struct json_object *value)
{
	const char *key = terminated(w, name);
	struct json_object *before;

	if (key != NULL && json_object_object_get_ex(object, key, &before))
		return add_repeated(w, object, key, before, value);
	if (key != NULL && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool
is_null(const struct writer *w, uint32_t i)
{
	return w->tree->nodes[i].kind == BW_KIND_NULL;
}

static struct json_object *
make_object(struct writer *w, uint32_t i)
{
	const struct bwi_node *nodes = w->tree->nodes;
	struct json_object *object = json_object_new_object();
	struct json_object *value;

	if (object == NULL)
		return NULL;
	for (uint32_t c = i + 1; c < nodes[i].end; c = nodes[c].end) {
		value = make_value(w, c);
		if ((value == NULL && !is_null(w, c)) ||
		    !add_member(w, object, bwi_node_name(&nodes[c]), value))
			goto out;
	}
	if (w->tree->xml && nodes[i].value_len > 0) {
		value = json_object_new_string_len(
		    nodes[i].value, (int)nodes[i].value_len);
		if (value == NULL ||
		    !add_member(w, object, BW_STR("#text"), value))
			goto out;
	}
	return object;
out:
	json_object_put(object);
	return NULL;
}

static struct json_object *
make_list(struct writer *w, uint32_t i)
{
	const struct bwi_node *nodes = w->tree->nodes;
	struct json_object *list = json_object_new_array();

	if (list == NULL)
		return NULL;
	for (uint32_t c = i + 1; c < nodes[i].end; c = nodes[c].end) {
		struct json_object *value = make_value(w, c);

		if ((value == NULL && !is_null(w, c)) ||
		    json_object_array_add(list, value) != 0) {
			json_object_put(value);
			json_object_put(list);
			return NULL;
		}
	}
	return list;
}

/* A number exactly as received: no loss of precision or change of format. */
static struct json_object *
make_number(struct writer *w, struct bw_str s)
{
	const char *text = terminated(w, s);

	return text != NULL ? json_object_new_double_s(0, text) : NULL;
}

/* NULL for null, and when out of memory. */
static struct json_object *
make_value(struct writer *w, uint32_t i)
{
	const struct bwi_node *node = &w->tree->nodes[i];

	if (w->tree->xml && node->end > i + 1)
		return make_object(w, i);
	switch ((enum bw_value_kind)node->kind) {
	case BW_KIND_OBJECT:
		return make_object(w, i);
	case BW_KIND_LIST:
		return make_list(w, i);
	case BW_KIND_STRING:
		return json_object_new_string_len(
		    node->value, (int)node->value_len);
	case BW_KIND_NUMBER:
		return make_number(w, bwi_node_value(node));
	case BW_KIND_TRUE:
	case BW_KIND_FALSE:
		return json_object_new_boolean(node->kind == BW_KIND_TRUE);
	case BW_KIND_NULL:
	case BW_KIND_ABSENT:
		break;
	}
	return NULL;
}

/*
 * Make the object of an event: its fields and, unless they are these already,
 * the parameters of its URL as the member "query". NULL for null, and when out
 * of memory.
 */
static struct json_object *
make_event(struct writer *w, const struct bw_event *e)
{
	struct json_object *value = make_value(w, e->node);
	struct json_object *query;

	if (e->parameters == NULL || e->parameters == e->tree ||
	    !json_object_is_type(value, json_type_object))
		return value;
	w->tree = e->parameters;
	query = make_value(w, 0);
	w->tree = e->tree;
	if (query != NULL && json_object_object_add(value, "query", query) == 0)
		return value;
	json_object_put(query);
	json_object_put(value);
	return NULL;
}

enum bw_err
bw_event_json(const struct bw_event *e, struct bw_buf *out)
{
	struct writer w = {.tree = e->tree};
	struct json_object *value;
	const char *text = "null";
	size_t n = 4;

	bw_buf_init(&w.name, (size_t)BW_MAX_BODY * 3 + 1);
	value = make_event(&w, e);
	bw_buf_free(&w.name);
	if (value != NULL) {
		text = json_object_to_json_string_length(value,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		    &n);
	} else if (!is_null(&w, e->node)) {
		text = NULL;
	}
	if (text != NULL)
		bw_printable_json(out, (struct bw_str){text, n});
	json_object_put(value);
	return text != NULL ? out->err : BW_ERR_NOMEM;
}
