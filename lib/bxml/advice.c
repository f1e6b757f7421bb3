/*
 * Advice about text, values and attributes in the wrong place. The table of the
 * language tells where they would be valid.
 */
#include "bxml/advice.h"

#include <stdio.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/str.h>

#include "base/phone_number.h"
#include "base/utf8.h"
#include "bxml/value.h"

/* A value that fits into an advice, and text around it. */
#define MAX_SHOWN 100

static const struct bwi_advice none = {"", NULL};

static bool
is_suitable(const struct bwi_bxml_attr *a, struct bw_str value)
{
	return value.n <= MAX_SHOWN && bwi_bxml_value_ok(a, value);
}

/* Is it a type with a syntax of its own, unlike plain text? */
static bool
is_typed(enum bwi_bxml_type type)
{
	return type != BWI_BXML_NONE && type != BWI_BXML_STRING &&
	       type != BWI_BXML_SSML && type != BWI_BXML_DISPLAY;
}

struct bw_str
bwi_bxml_text_of(const xmlNode *node)
{
	for (const xmlNode *n = node->children; n != NULL; n = n->next) {
		const char *s = (const char *)n->content;

		if (s != NULL &&
		    (n->type == XML_TEXT_NODE ||
			n->type == XML_CDATA_SECTION_NODE) &&
		    !bwi_bxml_is_blank((struct bw_str){s, strlen(s)}))
			return bw_str_trim((struct bw_str){s, strlen(s)});
	}
	return (struct bw_str){NULL, 0};
}

static struct bwi_advice
write_attr(const struct bwi_bxml_attr *a, struct bw_str value)
{
	struct bwi_advice out = {"", a};

	(void)snprintf(out.text, sizeof(out.text), ", write %s=\"%.*s\"",
	    a->name, (int)value.n, value.p);
	return out;
}

static struct bwi_advice
write_element(const struct bwi_bxml_element *row, struct bw_str value)
{
	struct bwi_advice out = none;

	(void)snprintf(out.text, sizeof(out.text), ", write <%s>%.*s</%s>",
	    row->name, (int)value.n, value.p, row->name);
	return out;
}

/* The value in E.164 form or as a SIP URI, if it is one in another form. */
static bool
rewrite(struct bw_str value, struct bw_buf *out)
{
	uint64_t number;

	bw_buf_reset(out);
	if (bw_str_begins_lower(value, "tel:"))
		value = (struct bw_str){value.p + 4, value.n - 4};
	if (bwi_phone_number_parse(value, &number)) {
		bwi_phone_number_write(number, out);
	} else if (value.n > 0 && value.p[0] != '@' &&
		   memchr(value.p, '@', value.n) != NULL &&
		   memchr(value.p, ':', value.n) == NULL) {
		bw_buf_puts(out, "sip:");
		bw_buf_add(out, value.p, value.n);
	}
	return out->n > 0 && out->err == BW_OK;
}

/* Every word is a valid relative URL, so require a slash. */
static bool
looks_like(const struct bwi_bxml_attr *a, struct bw_str value)
{
	return (a->type != BWI_BXML_URL ||
		   memchr(value.p, '/', value.n) != NULL) &&
	       is_suitable(a, value);
}

/* An element of that parent whose text the value may be. */
static struct bwi_advice
advise_element(const char *parent, struct bw_str value)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		if (is_typed(e->text) && bwi_bxml_stands_in(e, parent) &&
		    strcmp(parent, "Response") != 0 &&
		    looks_like(&e->content, value))
			return write_element(e, value);
	}
	return none;
}

static struct bwi_advice
advise_as_attr(const struct bwi_bxml_element *row, struct bw_str text)
{
	for (int required = 1; required >= 0; required--) {
		for (size_t i = 0; i < row->nattrs; i++) {
			const struct bwi_bxml_attr *a = &row->attrs[i];

			if (a->required == (required == 1) &&
			    (a->required || is_typed(a->type)) &&
			    looks_like(a, text))
				return write_attr(a, text);
		}
	}
	return none;
}

static struct bwi_advice
advise_text(const struct bwi_bxml_element *row, struct bw_str text)
{
	struct bwi_advice out = none;

	if (bwi_bxml_element(row->name, "SpeakSentence") != NULL) {
		(void)snprintf(out.text, sizeof(out.text), "%s",
		    ", write it in <SpeakSentence>");
		return out;
	}
	out = advise_element(row->name, text);
	return out.text[0] != '\0' ? out : advise_as_attr(row, text);
}

struct bwi_advice
bwi_bxml_advise_text(const struct bwi_bxml_element *row, struct bw_str text)
{
	struct bwi_advice out;
	struct bw_buf b;

	text = bw_str_trim(text);
	if (text.n == 0)
		return none;
	out = advise_text(row, text);
	if (out.text[0] != '\0')
		return out;
	bw_buf_init(&b, MAX_SHOWN);
	if (rewrite(text, &b))
		out = advise_text(row, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
	return out;
}

/* The value as it is, or in another element beside this one. */
static struct bwi_advice
advise_text_value(const struct bwi_bxml_element *row, const xmlNode *node,
    struct bw_str value)
{
	const char *parent = (const char *)node->parent->name;

	if (is_suitable(&row->content, value))
		return write_element(row, value);
	return advise_element(parent, value);
}

static struct bwi_advice
advise_form(const struct bwi_bxml_element *row, const xmlNode *node,
    const struct bwi_bxml_attr *a, struct bw_str value)
{
	if (a == &row->content)
		return advise_text_value(row, node, value);
	return is_suitable(a, value) ? write_attr(a, value) : none;
}

struct bwi_advice
bwi_bxml_advise_value(const struct bwi_bxml_element *row, const xmlNode *node,
    const struct bwi_bxml_attr *a, struct bw_str value)
{
	struct bwi_advice out = none;
	struct bw_buf b;

	if (a->type != BWI_BXML_NUMBER && a->type != BWI_BXML_CALLER &&
	    a->type != BWI_BXML_CALLEE && a->type != BWI_BXML_SIP_URI)
		return none;
	if (node->parent == NULL || node->parent->name == NULL)
		return none;
	out = advise_form(row, node, a, value);
	if (out.text[0] != '\0')
		return out;
	bw_buf_init(&b, MAX_SHOWN);
	if (rewrite(value, &b))
		out = advise_form(row, node, a, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
	return out;
}

/* Names from other languages for the URL of a verb. */
static bool
is_url_name(const char *name)
{
	static const char *const names[] = {"url", "uri", "href", "src", "link",
	    "action", "callback", "statusCallback", "webhook", "address"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), len = strlen(suffix);

	return n >= len && strcmp(name + n - len, suffix) == 0;
}

static const struct bwi_bxml_attr *
first_url(const struct bwi_bxml_element *row)
{
	for (size_t i = 0; i < row->nattrs; i++) {
		if (row->attrs[i].type == BWI_BXML_URL ||
		    row->attrs[i].type == BWI_BXML_WSURL)
			return &row->attrs[i];
	}
	return NULL;
}

/* The attribute that a common name stands for. */
static const struct bwi_bxml_attr *
find_by_word(const struct bwi_bxml_element *row, const char *name)
{
	static const struct {
		const char *name, *means;
	} words[] = {
	    {"number", "to"},
	    {"phoneNumber", "to"},
	    {"destination", "to"},
	    {"sipUri", "to"},
	    {"transferTo", "to"},
	    {"from", "transferCallerId"},
	    {"callerId", "transferCallerId"},
	    {"callerId", "from"},
	    {"transferCallerId", "from"},
	    {"seconds", "duration"},
	    {"time", "duration"},
	    {"length", "duration"},
	    {"timeout", "callTimeout"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct bwi_bxml_attr *a = NULL;

		if (strcmp(words[i].name, name) == 0)
			a = bwi_bxml_attr(row, words[i].means);
		if (a != NULL)
			return a;
	}
	return is_url_name(name) ? first_url(row) : NULL;
}

/*
 * The first URL attribute of the verb, for the URL attribute of another verb;
 * likewise for methods.
 */
static const struct bwi_bxml_attr *
find_by_suffix(const struct bwi_bxml_element *row, const char *name)
{
	const struct bwi_bxml_attr *url = first_url(row);

	if (ends_in(name, "Url") || ends_in(name, "URL") ||
	    ends_in(name, "Uri"))
		return url;
	if (url != NULL && url->method != NULL &&
	    (ends_in(name, "Method") || strcmp(name, "method") == 0))
		return bwi_bxml_attr(row, url->method);
	return NULL;
}

/* The row of the element that the node stands in, or NULL. */
static const struct bwi_bxml_element *
parent_row(const xmlNode *node)
{
	const xmlNode *parent = node->parent, *above;

	if (parent == NULL || parent->type != XML_ELEMENT_NODE)
		return NULL;
	above = parent->parent;
	return bwi_bxml_element(above != NULL && above->type == XML_ELEMENT_NODE
				    ? (const char *)above->name
				    : NULL,
	    (const char *)parent->name);
}

/* An element inside this one, or around it, that has such an attribute. */
static const struct bwi_bxml_element *
find_owner(
    const struct bwi_bxml_element *row, const xmlNode *node, const char *name)
{
	const struct bwi_bxml_element *parent = parent_row(node);

	for (size_t i = 0;
	     i < bwi_bxml_nelements && !bwi_bxml_stands_in(row, NULL); i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		if (bwi_bxml_stands_in(e, row->name) &&
		    bwi_bxml_attr(e, name) != NULL)
			return e;
	}
	return parent != NULL && bwi_bxml_attr(parent, name) != NULL ? parent
								     : NULL;
}

/* The missing text may be in an attribute instead. */
static struct bwi_advice
advise_as_text(const struct bwi_bxml_element *row, const xmlNode *node,
    struct bw_str value)
{
	struct bwi_advice out = none;

	if (row->text == BWI_BXML_NONE || bwi_bxml_text_of(node).n > 0 ||
	    bwi_bxml_is_blank(value))
		return none;
	if (row->text != BWI_BXML_SSML && !is_suitable(&row->content, value))
		return none;
	out = write_element(
	    row, (struct bw_str){value.p, (size_t)bwi_utf8_shown(value, 60)});
	out.attr = &row->content;
	return out;
}

static struct bwi_advice
name_attr(const struct bwi_bxml_attr *a, bool sure)
{
	struct bwi_advice out = {"", a};

	(void)snprintf(out.text, sizeof(out.text),
	    sure ? ", write %s" : ", did you mean %s?", a->name);
	return out;
}

struct bwi_advice
bwi_bxml_advise_attr(const struct bwi_bxml_element *row, const xmlNode *node,
    const char *name, struct bw_str value, const char *near)
{
	const struct bwi_bxml_element *owner = find_owner(row, node, name);
	const struct bwi_bxml_attr *a = find_by_word(row, name);
	struct bwi_advice out = advise_as_text(row, node, value);

	if (owner != NULL) {
		out = none;
		(void)snprintf(out.text, sizeof(out.text),
		    ", it is one of <%s>", owner->name);
		return out;
	}
	if (is_url_name(name) && out.attr != NULL)
		return out;
	if (a != NULL)
		return name_attr(a, true);
	if (near != NULL)
		return name_attr(bwi_bxml_attr(row, near), false);
	if (out.attr != NULL)
		return out;
	a = find_by_suffix(row, name);
	if (a != NULL)
		return name_attr(a, true);
	if (row->children_min > 0)
		out = advise_element(row->name, value);
	if (out.text[0] != '\0')
		out.attr = &row->content;
	return out;
}
