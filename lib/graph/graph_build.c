/*
 * Building the nodes of a graph, their steps and their leads from the document.
 * Its rules have been compiled, in the same order.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include <bwcallback/limits.h>

#include "base/decimal.h"
#include "bxml/language.h"
#include "event/event.h"
#include "graph/graph.h"

/* State of reading an answer. */
struct reading {
	struct bw_graph *graph;
	size_t node;
	struct bwi_graph_tag tag;
};

static struct bw_str
text_of(const xmlNode *first)
{
	for (; first != NULL; first = first->next) {
		if (first->type == XML_TEXT_NODE && first->content != NULL)
			return (struct bw_str){(const char *)first->content,
			    strlen((const char *)first->content)};
	}
	return (struct bw_str){"", 0};
}

static struct bw_str
attr_of(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (a->ns == NULL && strcmp((const char *)a->name, name) == 0)
			return text_of(a->children);
	}
	return (struct bw_str){NULL, 0};
}

/* Doubled braces stand for braces; others enclose a placeholder. */
struct bw_str
bwi_graph_outline(struct bw_graph *g, struct bw_str s, bool *open)
{
	struct bw_str out = {NULL, 0};
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_CONFIG);
	bwi_str_outline(s, &b);
	*open = *open || bwi_str_has_placeholder(s);
	if (b.err == BW_OK)
		out = bwi_graph_copy(
		    g, (struct bw_str){b.p != NULL ? b.p : "", b.n});
	else if (g->err == BW_OK)
		g->err = BW_ERR_NOMEM;
	bw_buf_free(&b);
	return out;
}

static struct bwi_graph_tag
tag_of(struct bw_graph *g, struct bw_str source)
{
	struct bwi_graph_tag tag = {BWI_TAG_LITERAL, {NULL, 0}};
	bool open = false;

	tag.text = bwi_graph_outline(g, source, &open);
	if (open)
		tag.kind = BWI_TAG_OPEN;
	return tag;
}

/* The row of an event that a verb causes; the number of rows if it has none. */
static size_t
row_of(const char *event)
{
	const struct bw_event_type *types;
	size_t n, i = 0;

	types = bw_event_types(&n);
	while (i < n && (strcmp(types[i].name, event) != 0 ||
			    (types[i].family != BW_FAMILY_VOICE &&
				types[i].family != BW_FAMILY_CONFERENCE)))
		i++;
	return event[0] != '\0' ? i : n;
}

static void
read_user(struct bw_graph *g, const xmlNode *node, const char *user,
    struct bwi_graph_lead *lead)
{
	bool fallback = strcmp(user, "fallbackUsername") == 0;
	struct bw_str name = attr_of(node, user);
	struct bw_str password =
	    attr_of(node, fallback ? "fallbackPassword" : "password");

	lead->user = user;
	if (name.p == NULL)
		return;
	lead->given = true;
	lead->name = bwi_graph_outline(g, name, &lead->open);
	lead->password = bwi_graph_outline(g, password, &lead->open);
}

static void
read_method(const xmlNode *node, const struct bwi_bxml_element *row,
    const struct bwi_bxml_attr *attr, struct bwi_graph_lead *lead)
{
	const struct bwi_bxml_attr *method =
	    attr->method != NULL ? bwi_bxml_attr(row, attr->method) : NULL;
	struct bw_str value = {NULL, 0};

	if (method != NULL)
		value = attr_of(node, method->name);
	if (value.p == NULL && method != NULL && method->default_value != NULL)
		value = (struct bw_str){
		    method->default_value, strlen(method->default_value)};
	if (value.p == NULL || bw_str_is(value, "POST"))
		lead->method = BWI_LEAD_POST;
	else if (bw_str_is(value, "GET"))
		lead->method = BWI_LEAD_GET;
	else
		lead->method = BWI_LEAD_ANY_METHOD;
}

static void
add_lead(struct reading *r, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_attr *attr,
    const char *event, bool fallback)
{
	struct bw_graph *g = r->graph;
	struct bwi_graph_node *n = &g->nodes.v[r->node];
	struct bw_str url = attr_of(node, attr->name);
	struct bwi_graph_lead *lead;
	int64_t digits = 50;

	if (url.n == 0 || !BWI_GRAPH_GROW(g, leads))
		return;
	lead = &g->leads.v[g->leads.n];
	*lead = (struct bwi_graph_lead){
	    .node = r->node,
	    .step = g->steps.n - 1,
	    .verb = row->name,
	    .attr = attr->name,
	    .event = event,
	    .row = row_of(event),
	    .url = bwi_graph_copy(g, url),
	    .line = bwi_loader_line(node),
	    .fallback = fallback,
	    .https = attr->https,
	    .tag = r->tag,
	};
	(void)bwi_decimal_parse(attr_of(node, "maxDigits"), 50, &digits);
	lead->digits = digits;
	for (size_t i = n->first_lead; i < g->leads.n; i++) {
		if (g->leads.v[i].step == lead->step &&
		    g->leads.v[i].line == lead->line &&
		    strcmp(g->leads.v[i].attr, lead->attr) == 0 &&
		    bw_str_eq(g->leads.v[i].url, lead->url))
			lead->again = true;
	}
	if (attr->user != NULL)
		read_user(g, node, attr->user, lead);
	read_method(node, row, attr, lead);
	g->leads.n++;
	n->nleads++;
}

static void
add_leads(
    struct reading *r, const xmlNode *node, const struct bwi_bxml_element *row)
{
	for (size_t i = 0; i < row->ncallbacks; i++) {
		const struct bwi_bxml_callback *c = &row->callbacks[i];
		const struct bwi_bxml_attr *attr = bwi_bxml_attr(row, c->url);

		if (attr == NULL)
			continue;
		add_lead(r, node, row, attr, c->event, false);
		if (attr->fallback != NULL)
			add_lead(r, node, row,
			    bwi_bxml_attr(row, attr->fallback), c->event, true);
	}
}

/* The destinations of a Transfer have their own URLs and tag. */
static void
read_parties(struct reading *r, const xmlNode *verb)
{
	for (const xmlNode *c = bwi_node_element(verb->children); c != NULL;
	     c = bwi_node_element(c->next)) {
		const struct bwi_bxml_element *row = bwi_bxml_element(
		    (const char *)verb->name, (const char *)c->name);
		struct reading party = *r;
		struct bw_str tag = attr_of(c, "tag");

		if (row == NULL || row->ncallbacks == 0)
			continue;
		party.tag.kind = BWI_TAG_OPEN; /* default unknown */
		if (tag.p != NULL)
			party.tag = tag_of(r->graph, tag);
		add_leads(&party, c, row);
	}
}

/*
 * Collect all text below a node as one line, truncated at the buffer's limit.
 */
static void
gather_text(const xmlNode *node, struct bw_buf *out)
{
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		const char *s = (const char *)c->content;

		if (c->type == XML_ELEMENT_NODE) {
			if (out->n != 0)
				bw_buf_putc(out, ' ');
			gather_text(c, out);
		}
		if (c->type != XML_TEXT_NODE || s == NULL)
			continue;
		for (; *s != '\0' && out->n < 1000; s++) {
			bool space = strchr(" \t\r\n", *s) != NULL;

			if (!space)
				bw_buf_putc(out, *s);
			else if (out->n != 0 && out->p[out->n - 1] != ' ')
				bw_buf_putc(out, ' ');
		}
	}
}

static struct bw_str
words_of(struct bw_graph *g, const xmlNode *node)
{
	struct bw_str words = attr_of(node, "to"); /* target of Forward */
	struct bw_buf b;

	if (words.p != NULL)
		return bwi_graph_copy(g, words);
	bw_buf_init(&b, 4096);
	gather_text(node, &b);
	while (b.n != 0 && b.p[b.n - 1] == ' ')
		b.n--;
	words = bwi_graph_copy(g, (struct bw_str){b.p != NULL ? b.p : "", b.n});
	bw_buf_free(&b);
	return words;
}

/* The lead of a step just read whose answer continues the call. */
static size_t
next_document(
    const struct bw_graph *g, const struct bwi_bxml_element *row, size_t first)
{
	const char *attr = row->ends != NULL ? row->ends : "";

	if (strcmp(row->name, "Redirect") == 0)
		attr = "redirectUrl";
	for (size_t i = first; i < g->leads.n; i++) {
		if (strcmp(g->leads.v[i].attr, attr) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* Read a verb; false if no later verb runs. */
static bool
read_verb(
    struct reading *r, const xmlNode *node, const struct bwi_bxml_element *row)
{
	struct bw_graph *g = r->graph;
	struct bw_str tag = attr_of(node, "tag");
	size_t first = g->leads.n;
	struct bwi_graph_step *step;

	if (!BWI_GRAPH_GROW(g, steps))
		return false;
	step = &g->steps.v[g->steps.n++];
	*step = (struct bwi_graph_step){
	    .verb = row->name,
	    .says = words_of(g, node),
	    .line = bwi_loader_line(node),
	    .lead = SIZE_MAX,
	};
	g->nodes.v[r->node].nsteps++;
	if (strcmp(row->name, "Tag") == 0)
		r->tag = tag_of(g, text_of(node->children));
	else if (tag.p != NULL)
		r->tag = tag_of(g, tag);
	add_leads(r, node, row);
	read_parties(r, node);
	step->lead = next_document(g, row, first);
	if (row->ends == NULL)
		return true;
	if (row->ends[0] != '\0')
		return attr_of(node, row->ends).n == 0;
	g->nodes.v[r->node].ends = true;
	return false;
}

static void
read_response(struct reading *r, const xmlNode *response)
{
	struct bw_graph *g = r->graph;

	g->nodes.v[r->node].first_step = g->steps.n;
	g->nodes.v[r->node].first_lead = g->leads.n;
	if (response == NULL || !bwi_node_is(response, "Response"))
		return;
	for (const xmlNode *c = bwi_node_element(response->children); c != NULL;
	     c = bwi_node_element(c->next)) {
		const struct bwi_bxml_element *row =
		    bwi_bxml_element("Response", (const char *)c->name);

		if (row != NULL && !read_verb(r, c, row))
			return;
	}
}

static void
read_pairs(struct bw_graph *g, struct bwi_graph_node *n, const xmlNode *node)
{
	size_t count = 0;

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		count++;
	n->pairs = bwi_graph_alloc(g, (count + 1) * sizeof(*n->pairs));
	if (n->pairs == NULL)
		return;
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const char *name = (const char *)a->name;

		n->pairs[n->npairs++] = (struct bwi_graph_pair){
		    bwi_graph_copy(g, (struct bw_str){name, strlen(name)}),
		    bwi_graph_copy(g, text_of(a->children)),
		};
	}
}

/*
 * The name of a node's file, valid after the document is freed: near if it is
 * the same, else a copy.
 */
static const char *
file_of(struct bw_graph *g, const xmlNode *node, const char *near)
{
	const char *file = bwi_loader_file(node);

	if (near != NULL && strcmp(near, file) == 0)
		return near;
	return bwi_graph_copy(g, (struct bw_str){file, strlen(file)}).p;
}

static void
read_rule(struct bw_graph *g, struct bwi_graph_section *s, const xmlNode *node,
    const struct bwi_rule *rule)
{
	struct reading r = {g, g->nodes.n, {BWI_TAG_INHERITED, {NULL, 0}}};
	const char *file = file_of(g, node, s->file);

	/* A call that has just come in has no tag yet. */
	if (bw_str_is(attr_of(node, "event"), "initiate"))
		r.tag = (struct bwi_graph_tag){BWI_TAG_LITERAL, {"", 0}};
	if (file == NULL || !BWI_GRAPH_GROW(g, nodes))
		return;
	g->nodes.v[g->nodes.n++] = (struct bwi_graph_node){
	    .section = s->section,
	    .rule = rule,
	    .file = file,
	    .line = bwi_loader_line(node),
	};
	s->nnodes++;
	g->nodes.v[r.node].first_name = g->names.n;
	for (const xmlNode *c = bwi_node_element(node->children); c != NULL;
	     c = bwi_node_element(c->next))
		bwi_graph_read_names(g, &g->nodes.v[r.node], c);
	read_pairs(g, &g->nodes.v[r.node], node);
	read_response(&r, bwi_node_element(node->children));
}

static void
read_section(struct bw_graph *g, const xmlNode *node, const char *file,
    const struct bwi_section *section)
{
	const struct bwi_flow *flow = section->flow;
	struct bwi_graph_section *s;
	size_t rule = 0;

	if (!BWI_GRAPH_GROW(g, sections))
		return;
	s = &g->sections.v[g->sections.n++];
	*s = (struct bwi_graph_section){
	    .section = section,
	    .file = file,
	    .line = bwi_loader_line(node),
	    .first_node = g->nodes.n,
	    .fallback = SIZE_MAX,
	    .deadline = attr_of(node, "deadline").p != NULL,
	};
	if (!flow->bxml)
		return;
	for (const xmlNode *c = bwi_node_element(node->children); c != NULL;
	     c = bwi_node_element(c->next)) {
		bool fallback = bwi_node_is(c, "fallback");

		if (fallback)
			s->fallback = g->nodes.n;
		if (fallback || rule < flow->nrules)
			read_rule(
			    g, s, c, fallback ? NULL : &flow->rules[rule++]);
	}
}

static void
weigh_table(struct bw_graph *g, struct bwi_loader *l, const xmlNode *node)
{
	struct bw_str name = bwi_loader_attr(l, node, "file");
	const char *file =
	    name.p != NULL ? bwi_loader_path(l, node, name) : NULL;
	struct stat st;

	if (file != NULL && stat(file, &st) == 0)
		g->tables += st.st_size;
}

void
bwi_graph_build(struct bw_graph *g, struct bwi_loader *l, const xmlNode *root)
{
	g->file = file_of(g, root, NULL);
	g->line = bwi_loader_line(root);
	if (l->login != NULL)
		g->login = *l->login;
	for (const xmlNode *c = bwi_node_element(root->children); c != NULL;
	     c = bwi_node_element(c->next)) {
		const struct bwi_section *s = NULL;
		struct bw_str path = attr_of(c, "path");
		const char *file = file_of(g, c, g->file);

		if (file == NULL || g->err != BW_OK)
			return;
		if (bwi_node_is(c, "table") || bwi_node_is(c, "calendar"))
			weigh_table(g, l, c);
		if (path.p != NULL)
			s = bwi_loader_section(l, path);
		if (s != NULL)
			read_section(g, c, file, s);
	}
}
