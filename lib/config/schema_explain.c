/*
 * Explains how a configuration violates the schema. For a misspelt attribute,
 * libxml2 reports only that an element failed to validate content; this code
 * reads the schema itself to find what is allowed.
 */
#include <stdio.h>

#include <bwcallback/tools/spell.h>

#include "base/printed.h"
#include "config/loader.h"

/* More than any element of the schema has. */
#define MAX_NAMES 48

/* One element or attribute that a pattern allows. */
struct item {
	const char *name;
	const xmlNode *pattern;
	const xmlNode *choice; /* the enclosing <choice>, or NULL */
	bool optional;
	bool repeats;
};

/* The content that the schema allows in one element. */
struct model {
	struct item elements[MAX_NAMES];
	size_t nelements;
	struct item attributes[MAX_NAMES];
	size_t nattributes;
	bool any_attribute;
	bool any_element;
	bool text;
};

struct explainer {
	struct bwi_loader *loader;
	const xmlNode *grammar;
};

/* Where items are being collected, and how often they may occur. */
struct context {
	const xmlNode *choice;
	bool optional;
	bool repeats;
};

static const char *
name_of(const xmlNode *node)
{
	return (const char *)node->name;
}

/* The text of an attribute of the schema, which is a single node. */
static const char *
schema_attr(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (strcmp((const char *)a->name, name) == 0 &&
		    a->children != NULL)
			return (const char *)a->children->content;
	}
	return NULL;
}

static bool
schema_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp(name_of(node), name) == 0;
}

static const xmlNode *
find_define(const struct explainer *x, const char *name)
{
	for (const xmlNode *d = x->grammar->children; d != NULL; d = d->next) {
		const char *is =
		    schema_is(d, "define") ? schema_attr(d, "name") : NULL;

		if (is != NULL && strcmp(is, name) == 0)
			return d;
	}
	return NULL;
}

static void
add_item(struct item *items, size_t *n, const xmlNode *pattern,
    const char *name, const struct context *c)
{
	if (*n < MAX_NAMES)
		items[(*n)++] = (struct item){
		    name, pattern, c->choice, c->optional, c->repeats};
}

static void collect(
    const struct explainer *, const xmlNode *, struct context, struct model *);

static void
collect_one(const struct explainer *x, const xmlNode *p, struct context c,
    struct model *m)
{
	const char *name = schema_attr(p, "name");

	if (schema_is(p, "element")) {
		m->any_element = m->any_element || name == NULL;
		if (name != NULL)
			add_item(m->elements, &m->nelements, p, name, &c);
	} else if (schema_is(p, "attribute")) {
		m->any_attribute = m->any_attribute || name == NULL;
		if (name != NULL)
			add_item(m->attributes, &m->nattributes, p, name, &c);
	} else if (schema_is(p, "text")) {
		m->text = true;
	} else if (schema_is(p, "ref")) {
		p = name != NULL ? find_define(x, name) : NULL;
		if (p != NULL)
			collect(x, p, c, m);
	} else if (p->type == XML_ELEMENT_NODE) {
		if (schema_is(p, "optional") || schema_is(p, "zeroOrMore"))
			c.optional = true;
		if (schema_is(p, "zeroOrMore") || schema_is(p, "oneOrMore"))
			c.repeats = true;
		if (schema_is(p, "choice"))
			c.choice = p;
		collect(x, p, c, m);
	}
}

/* Recursive patterns stand for any content: do not enter them. */
static void
collect(const struct explainer *x, const xmlNode *pattern, struct context c,
    struct model *m)
{
	for (const xmlNode *p = pattern->children; p != NULL; p = p->next)
		collect_one(x, p, c, m);
}

static const struct item *
find_item(const struct item *items, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(items[i].name, name) == 0)
			return &items[i];
	}
	return NULL;
}

/* Append "; it takes a, b, c", after a suggestion for a misspelt name. */
static void
list_names(
    char *out, size_t size, const struct item *items, size_t n, const char *got)
{
	const char *names[MAX_NAMES] = {NULL};
	const char *near;
	size_t at = 0;
	int len;

	for (size_t i = 0; i < n; i++)
		names[i] = items[i].name;
	near = got != NULL ? bw_spell_suggest(
				 (struct bw_str){got, strlen(got)}, names, n)
			   : NULL;
	out[0] = '\0';
	if (near != NULL) {
		len = snprintf(out, size, ", did you mean \"%s\"?", near);
		at = bwi_printed(len, size);
	}
	for (size_t i = 0; i < n; i++) {
		len = snprintf(out + at, size - at, "%s%s",
		    i == 0 ? "; allowed: " : ", ", names[i]);
		at += bwi_printed(len, size - at);
	}
	if (n == 0)
		(void)snprintf(out, size, "; none is allowed");
}

static void
check_value(const struct explainer *x, const xmlNode *node, const xmlAttr *a,
    const struct item *item)
{
	const xmlNode *choice = bwi_node_element(item->pattern->children);
	const char *value =
	    a->children != NULL ? (const char *)a->children->content : NULL;
	char list[128] = "";
	size_t at = 0;

	/* Follows the human-readable alternative in the schema. */
	while (choice != NULL && !schema_is(choice, "choice"))
		choice = bwi_node_element(choice->next);
	if (choice == NULL)
		return;
	for (const xmlNode *v = choice->children; v != NULL; v = v->next) {
		const char *is = v->children != NULL
				     ? (const char *)v->children->content
				     : NULL;
		int len;

		if (is == NULL)
			continue;
		if (value != NULL && strcmp(value, is) == 0)
			return;
		len = snprintf(list + at, sizeof(list) - at, "%s\"%s\"",
		    at == 0 ? "" : " or ", is);
		at += bwi_printed(len, sizeof(list) - at);
	}
	bwi_loader_error(x->loader, node, "<%.60s>: %s=\"%.60s\": write %s",
	    name_of(node), item->name, value != NULL ? value : "", list);
}

static void
check_attributes(
    const struct explainer *x, const xmlNode *node, const struct model *m)
{
	char list[300];

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const char *name = (const char *)a->name;
		const struct item *item =
		    a->ns == NULL
			? find_item(m->attributes, m->nattributes, name)
			: NULL;

		if (item != NULL) {
			check_value(x, node, a, item);
		} else if (!m->any_attribute || a->ns != NULL) {
			list_names(list, sizeof(list), m->attributes,
			    m->nattributes, name);
			bwi_loader_error(x->loader, node,
			    "<%.60s>: unknown attribute \"%.60s\"%s",
			    name_of(node), name, list);
		}
	}
	for (size_t i = 0; i < m->nattributes; i++) {
		const struct item *item = &m->attributes[i];

		if (item->optional ||
		    xmlHasProp(node, (const xmlChar *)item->name) != NULL)
			continue;
		bwi_loader_error(x->loader, node,
		    "<%.60s>: the attribute \"%s\" is missing", name_of(node),
		    item->name);
	}
}

/* Report missing elements, and duplicates of those that may occur once. */
static void
check_count(
    const struct explainer *x, const xmlNode *node, const struct model *m)
{
	const xmlNode *last = NULL;
	const struct item *item, *needed = NULL;
	size_t n = 0, first = 0;
	char list[300];

	for (size_t i = 0; i < m->nelements; i++) {
		if (m->elements[i].optional || m->elements[i].repeats)
			continue;
		if (needed == NULL)
			first = i;
		needed = &m->elements[i];
		n++;
	}
	for (const xmlNode *c = bwi_node_element(node->children); c != NULL;
	     c = bwi_node_element(c->next)) {
		item = find_item(m->elements, m->nelements, name_of(c));
		if (item == NULL || item->repeats)
			continue;
		if (last != NULL &&
		    (item->choice != NULL ||
			strcmp(name_of(c), name_of(last)) == 0)) {
			bwi_loader_error(x->loader, c,
			    "<%.60s>: duplicate in <%.60s>, the first is "
			    "<%.60s> in line %d",
			    name_of(c), name_of(node), name_of(last),
			    bwi_loader_line(last));
		}
		last = c;
	}
	if (last == NULL && needed != NULL) {
		list_names(list, sizeof(list), m->elements + first, n, NULL);
		bwi_loader_error(
		    x->loader, node, "<%.60s>: empty%s", name_of(node), list);
	}
}

static bool
is_blank(const xmlNode *text)
{
	const char *p = (const char *)text->content;

	return p == NULL || p[strspn(p, " \t\r\n")] == '\0';
}

static void
check_element(
    const struct explainer *x, const xmlNode *node, const xmlNode *pattern)
{
	struct context c = {NULL, false, false};
	struct model m = {.nelements = 0};
	char list[300];

	collect(x, pattern, c, &m);
	if (m.any_element) /* BXML is checked elsewhere */
		return;
	check_attributes(x, node, &m);
	for (const xmlNode *n = node->children; n != NULL; n = n->next) {
		const struct item *item;

		if (n->type == XML_TEXT_NODE && !m.text && !is_blank(n)) {
			bwi_loader_error(x->loader, n,
			    "<%.60s>: text is not allowed in it",
			    name_of(node));
		}
		if (n->type != XML_ELEMENT_NODE)
			continue;
		item = find_item(m.elements, m.nelements, name_of(n));
		if (n->ns != NULL) {
			bwi_loader_error(x->loader, n,
			    "<%.60s>: namespaces are not allowed: remove the "
			    "xmlns or the prefix",
			    name_of(n));
			continue;
		}
		if (item != NULL) {
			check_element(x, n, item->pattern);
			continue;
		}
		list_names(
		    list, sizeof(list), m.elements, m.nelements, name_of(n));
		bwi_loader_error(x->loader, n,
		    "<%.60s>: not allowed in <%.60s>%s", name_of(n),
		    name_of(node), list);
	}
	check_count(x, node, &m);
}

void
bwi_loader_explain(
    struct bwi_loader *l, const xmlNode *root, const xmlDoc *schema)
{
	struct explainer x = {l, xmlDocGetRootElement(schema)};
	struct context c = {NULL, false, false};
	struct model m = {.nelements = 0};
	const xmlNode *start = bwi_node_element(x.grammar->children);
	const struct item *item;

	collect(&x, start, c, &m);
	item = find_item(m.elements, m.nelements, name_of(root));
	if (item != NULL)
		check_element(&x, root, item->pattern);
}
