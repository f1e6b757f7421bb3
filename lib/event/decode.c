/* Decodes the bytes of a request into events. */
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "event/event.h"

/* Events of a usual body; memory for more is freed afterwards. */
#define RETAINED_EVENTS 16

struct bw_decoder {
	struct bwi_tree tree;
	struct bwi_tree parameters; /* of the URL, if not the payload itself */
	struct bw_event *events;
	const struct bw_event **list;
	size_t cap;
};

enum form {
	FORM_JSON,
	FORM_XML,
	FORM_QUERY
};

struct bw_decoder *
bw_decoder_new(void)
{
	struct bw_decoder *d = bwi_calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	bwi_tree_init(&d->tree);
	bwi_tree_init(&d->parameters);
	return d;
}

static void
free_events(struct bw_decoder *d)
{
	bwi_free(d->events);
	bwi_free(d->list);
	d->events = NULL;
	d->list = NULL;
	d->cap = 0;
}

void
bw_decoder_free(struct bw_decoder *d)
{
	if (d == NULL)
		return;
	free_events(d);
	bwi_tree_free(&d->tree);
	bwi_tree_free(&d->parameters);
	bwi_free(d);
}

/* Does the text contain the word, in any case? ASCII only. */
static bool
contains_word(struct bw_str text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.n; i++) {
		size_t k = 0;

		while (k < n && (text.p[i + k] | 0x20) == word[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

/*
 * Is the body XML? It begins with '<' in any encoding: as one byte, beside the
 * NUL of UTF-16, or after a byte-order mark, which JSON must not have.
 */
static bool
is_xml(struct bw_str body, struct bw_str content_type)
{
	size_t i = bwi_utf8_mark(body);

	while (i < body.n && bw_is_space(body.p[i]))
		i++;
	if (i < body.n && body.p[i] == '<')
		return true;
	if (body.n >= 2 && memcmp(body.p, "\0<", 2) == 0)
		return true;
	return body.n >= 2 && contains_word(content_type, "xml") &&
	       (memcmp(body.p, "\xff\xfe", 2) == 0 ||
		   memcmp(body.p, "\xfe\xff", 2) == 0);
}

static enum form
find_form(const struct bw_payload *in)
{
	struct bw_str body = in->body;

	if (in->get)
		return FORM_QUERY;
	if (is_xml(body, in->content_type))
		return FORM_XML;
	while (body.n > 0 && bw_is_space(*body.p)) {
		body.p++;
		body.n--;
	}
	if (body.n > 0 && *body.p != '{' && *body.p != '[' &&
	    contains_word(in->content_type, "x-www-form-urlencoded"))
		return FORM_QUERY;
	return FORM_JSON;
}

static enum bw_err
parse(struct bw_decoder *d, const struct bw_payload *in, struct bw_error *error)
{
	switch (find_form(in)) {
	case FORM_XML:
		return bwi_xml_parse(&d->tree, in->body, error);
	case FORM_QUERY:
		return bwi_query_parse(
		    &d->tree, in->get ? in->query : in->body, error);
	case FORM_JSON:
		break;
	}
	if (in->body.n == 0)
		return bw_error_set(error, BW_ERR_SYNTAX, 0, "body: empty");
	return bwi_json_parse(&d->tree, in->body, error);
}

/*
 * Parse the query of the URL that a payload was posted to. No callback is
 * refused because of it: one that is beyond a limit has no parameters.
 */
static enum bw_err
parse_parameters(
    struct bw_decoder *d, const struct bw_payload *in, struct bw_error *error)
{
	enum bw_err err;

	if (in->get || in->query.n == 0)
		return BW_OK;
	err = bwi_query_parse(&d->parameters, in->query, NULL);
	if (err == BW_ERR_NOMEM)
		return bw_error_set(error, err, 0, "query: out of memory");
	if (err != BW_OK)
		bwi_tree_reset(&d->parameters);
	return BW_OK;
}

static enum bw_err
reserve_events(struct bw_decoder *d, size_t n, struct bw_error *error)
{
	if (n > BW_MAX_EVENTS) {
		return bw_error_set(error, BW_ERR_LIMIT, 0,
		    "body: more than %d events", BW_MAX_EVENTS);
	}
	if (n <= d->cap && d->cap <= RETAINED_EVENTS)
		return BW_OK;
	free_events(d);
	d->events = bwi_calloc(n, sizeof(*d->events));
	d->list = bwi_calloc(n, sizeof(*d->list));
	if (d->events == NULL || d->list == NULL) {
		free_events(d);
		return bw_error_set(
		    error, BW_ERR_NOMEM, 0, "body: out of memory");
	}
	d->cap = n;
	return BW_OK;
}

static size_t
count_elements(const struct bwi_tree *t)
{
	size_t n = 0;

	for (uint32_t i = 1; i < t->n; i = t->nodes[i].end)
		n++;
	return n;
}

static void
set_event(struct bw_decoder *d, size_t k, uint32_t node, struct bw_str raw,
    const struct bw_payload *in, bool element)
{
	enum bw_family hint =
	    (unsigned)in->hint < BW_FAMILY__MAX ? in->hint : BW_FAMILY_OTHER;

	d->events[k] = (struct bw_event){
	    .tree = &d->tree, .node = node, .raw = raw, .query = in->query};
	if (in->get)
		d->events[k].parameters = &d->tree;
	else if (d->parameters.n != 0)
		d->events[k].parameters = &d->parameters;
	d->list[k] = &d->events[k];
	bwi_event_recognise(&d->events[k], hint, element);
}

/* Each element of a list is an event. */
static enum bw_err
add_list_events(struct bw_decoder *d, const struct bw_payload *in, size_t *n,
    struct bw_error *error)
{
	size_t count = count_elements(&d->tree);
	enum bw_err err = reserve_events(d, count, error);
	uint32_t node = 1;

	if (err != BW_OK)
		return err;
	for (size_t k = 0; k < count; k++) {
		struct bw_str raw = bwi_node_value(&d->tree.nodes[node]);

		if (raw.p == NULL)
			raw = BW_STR("null");
		set_event(d, k, node, raw, in, true);
		node = d->tree.nodes[node].end;
	}
	*n = count;
	return BW_OK;
}

enum bw_err
bw_decode(struct bw_decoder *d, const struct bw_payload *in,
    const struct bw_event *const **events, size_t *n, struct bw_error *error)
{
	enum bw_err err;

	*events = NULL;
	*n = 0;
	bwi_tree_reset(&d->tree);
	bwi_tree_reset(&d->parameters);
	err = parse(d, in, error);
	if (err == BW_OK)
		err = parse_parameters(d, in, error);
	if (err != BW_OK)
		return err;
	if (d->tree.nodes[0].kind == BW_KIND_LIST) {
		err = add_list_events(d, in, n, error);
	} else {
		err = reserve_events(d, 1, error);
		if (err == BW_OK) {
			set_event(d, 0, d->tree.xml ? 1 : 0,
			    in->get ? in->query : in->body, in, false);
			*n = 1;
		}
	}
	if (err == BW_OK)
		*events = d->list;
	return err;
}
