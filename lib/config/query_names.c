/* The parameters in the queries of URLs of a configuration. */
#include "config/query_names.h"

#include "bxml/language.h"

static struct bw_str
value_of(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const xmlNode *text = a->children;

		if (strcmp((const char *)a->name, name) == 0 && text != NULL &&
		    text->content != NULL)
			return (struct bw_str){(const char *)text->content,
			    strlen((const char *)text->content)};
	}
	return (struct bw_str){NULL, 0};
}

bool
bwi_query_names_has(const struct bwi_loader *l, struct bw_str name)
{
	const struct bwi_query_name *q = l->query_names;

	while (q != NULL && !bw_str_eq(q->name, name))
		q = q->next;
	return q != NULL;
}

static void
add_name(struct bwi_loader *l, struct bw_str name)
{
	struct bwi_query_name *q;

	if (name.n == 0 || bwi_query_names_has(l, name))
		return;
	q = bwi_arena_alloc(&l->config->arena, sizeof(*q));
	if (q == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	*q = (struct bwi_query_name){
	    l->query_names, bwi_arena_copy(&l->config->arena, name)};
	if (q->name.p == NULL)
		bwi_loader_no_memory(l);
	else
		l->query_names = q;
}

static void
add_query(struct bwi_loader *l, struct bw_str url)
{
	size_t i = 0;

	while (i < url.n && url.p[i] != '?')
		i++;
	while (i < url.n && url.p[i] != '#') {
		size_t begin = ++i;

		while (i < url.n && strchr("=&#", url.p[i]) == NULL)
			i++;
		add_name(l, (struct bw_str){url.p + begin, i - begin});
		while (i < url.n && url.p[i] != '&' && url.p[i] != '#')
			i++;
	}
}

static void
collect_element(struct bwi_loader *l, const xmlNode *node)
{
	const struct bwi_bxml_element *row = bwi_bxml_element(
	    (const char *)node->parent->name, (const char *)node->name);

	for (const xmlAttr *a = node->properties; row != NULL && a != NULL;
	     a = a->next) {
		const char *name = (const char *)a->name;
		const struct bwi_bxml_attr *attr = bwi_bxml_attr(row, name);

		if (attr != NULL && attr->type == BWI_BXML_URL)
			add_query(l, value_of(node, name));
	}
}

/* The node after this one in document order. */
static const xmlNode *
next_node(const xmlNode *node, const xmlNode *root)
{
	if (node->children != NULL && node->type == XML_ELEMENT_NODE)
		return node->children;
	while (node != root && node->next == NULL)
		node = node->parent;
	return node != root ? node->next : NULL;
}

void
bwi_query_names_collect(struct bwi_loader *l, const xmlNode *root)
{
	for (const xmlNode *n = next_node(root, root); n != NULL;
	     n = next_node(n, root)) {
		if (n->type == XML_ELEMENT_NODE)
			collect_element(l, n);
	}
}
