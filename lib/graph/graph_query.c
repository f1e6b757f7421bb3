/*
 * The parameters in the query of a lead's URL. They decide which rules answer
 * its event: as query.NAME, and by GET also as NAME.
 */
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "event/event.h"
#include "graph/graph.h"
#include "mask/mask.h"

static bool
has_value(struct bw_str s)
{
	return s.n != 0 && memchr(s.p, BWI_GRAPH_VALUE, s.n) != NULL;
}

/* Does the name of a parameter contain a placeholder? */
static bool
has_open_name(const struct bwi_tree *t)
{
	for (uint32_t i = 1; i < t->n; i++) {
		if (has_value(bwi_node_name(&t->nodes[i])))
			return true;
	}
	return false;
}

void
bwi_graph_read_query(
    struct bw_graph *g, struct bwi_graph_lead *lead, struct bw_str url)
{
	const char *end = memchr(url.p, '#', url.n);
	const char *mark;
	struct bwi_tree *t;
	enum bw_err err;

	if (end != NULL)
		url.n = (size_t)(end - url.p);
	mark = url.n != 0 ? memchr(url.p, '?', url.n) : NULL;
	lead->names_known = url.n != 0 && !has_value(lead->path);
	if (mark == NULL)
		return;
	t = bwi_graph_alloc(g, sizeof(*t));
	if (t == NULL)
		return;
	bwi_tree_init(t);
	lead->query = t;
	url.n -= (size_t)(mark + 1 - url.p);
	url.p = mark + 1;
	err = bwi_query_parse(t, url, NULL);
	if (err == BW_ERR_NOMEM)
		g->err = err;
	if (err != BW_OK)
		bwi_tree_reset(t);
	lead->names_known =
	    lead->names_known && err == BW_OK && !has_open_name(t);
}

/* The node of a parameter; 0: the URL does not have it. */
static uint32_t
find(const struct bwi_graph_lead *lead, struct bw_str name)
{
	if (lead->query == NULL || lead->query->n == 0)
		return 0;
	return bwi_tree_find(lead->query, 0, name);
}

/* Does the URL have the parameter more than once? */
static bool
is_repeated(const struct bwi_graph_lead *lead, struct bw_str name)
{
	char second[128];

	if (name.n + 2 > sizeof(second))
		return true;
	memcpy(second, name.p, name.n);
	memcpy(second + name.n, ".1", 2);
	return find(lead, (struct bw_str){second, name.n + 2}) != 0;
}

/* The name of the parameter that a field means; p NULL: not a parameter. */
static struct bw_str
parameter_of(const struct bwi_graph_lead *lead, struct bw_str field)
{
	const struct bw_str prefix = BW_STR(BWI_EVENT_QUERY);

	if (bw_str_begins(field, prefix))
		return (struct bw_str){field.p + prefix.n, field.n - prefix.n};
	if (lead->method == BWI_LEAD_GET && find(lead, field) != 0 &&
	    !bwi_mask_is_member(field))
		return field;
	return (struct bw_str){NULL, 0};
}

bool
bwi_graph_lead_value(const struct bwi_graph_lead *lead, struct bw_str field,
    struct bw_str *value)
{
	struct bw_str name = parameter_of(lead, field);
	uint32_t i = name.p != NULL ? find(lead, name) : 0;

	*value = (struct bw_str){"", 0};
	if (name.p == NULL || !lead->names_known)
		return false;
	/* By GET, the members of the callback follow in the query. */
	if (i == 0)
		return lead->method == BWI_LEAD_POST;
	if (is_repeated(lead, name))
		return false;
	if (bwi_node_is_scalar(&lead->query->nodes[i]))
		*value = bwi_node_value(&lead->query->nodes[i]);
	return !has_value(*value);
}

bool
bwi_graph_lead_may_count(
    const struct bwi_graph_lead *lead, const struct bwi_rule *rule)
{
	for (size_t i = 0; i < rule->nconditions; i++) {
		const struct bwi_condition *c = &rule->conditions[i];
		struct bw_str name = parameter_of(lead, c->field);
		uint32_t at;

		if (name.p == NULL || bwi_pattern_is_any(c->value))
			continue;
		if (lead->query != NULL && !lead->names_known)
			return true;
		at = find(lead, name);
		if (at != 0 &&
		    has_value(bwi_node_value(&lead->query->nodes[at])))
			return true;
	}
	return false;
}

/* Was it reported for the rule before, for another URL? */
static bool
is_reported(const struct bw_graph *g, const struct bwi_graph_node *n,
    struct bw_str text)
{
	for (size_t i = 0; i < g->findings.n; i++) {
		const struct bwi_graph_finding *f = &g->findings.v[i];

		if (f->line == n->line && strcmp(f->file, n->file) == 0 &&
		    strncmp(f->text, text.p, text.n) == 0)
			return true;
	}
	return false;
}

static void
report_bare(struct bw_graph *g, const struct bwi_graph_lead *lead,
    const struct bwi_graph_node *n, struct bw_str name)
{
	struct bw_buf b;

	if (lead->method != BWI_LEAD_POST || find(lead, name) == 0 ||
	    bwi_mask_is_member(name))
		return;
	bw_buf_init(&b, 512);
	bw_buf_printf(&b, "<on>: \"%.*s\" is no member of %s, ",
	    (int)(name.n < 80 ? name.n : 80), name.p, lead->event);
	if (b.err == BW_OK && !is_reported(g, n, (struct bw_str){b.p, b.n}))
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, n->line,
		    "%.*sit is in the query of the URL that leads here "
		    "(\"%.80s\"): write \"query.%.*s\"",
		    (int)b.n, b.p, lead->url.p,
		    (int)(name.n < 80 ? name.n : 80), name.p);
	if (b.err == BW_ERR_NOMEM)
		g->err = b.err;
	bw_buf_free(&b);
}

void
bwi_graph_bare_names(struct bw_graph *g, const struct bwi_graph_lead *lead,
    const struct bwi_graph_node *n)
{
	if (lead->query == NULL || n->rule == NULL || lead->event[0] == '\0')
		return;
	for (size_t i = 0; i < n->rule->nconditions; i++)
		report_bare(g, lead, n, n->rule->conditions[i].field);
	for (size_t i = 0; i < n->nnames; i++)
		report_bare(g, lead, n, g->names.v[n->first_name + i]);
}

/* Add the field of a placeholder, "from|spell" or "staff[digits].phone". */
static void
add_name(struct bw_graph *g, struct bwi_graph_node *n, struct bw_str s)
{
	const char *open = memchr(s.p, '[', s.n);
	size_t end = 0;

	if (open != NULL) {
		s.n -= (size_t)(open + 1 - s.p);
		s.p = open + 1;
	}
	s = bw_str_trim(s);
	while (end < s.n && strchr("|]", s.p[end]) == NULL)
		end++;
	s = bw_str_trim((struct bw_str){s.p, end});
	if (s.n == 0 || s.p[0] == '\'' || !BWI_GRAPH_GROW(g, names))
		return;
	g->names.v[g->names.n] = bwi_graph_copy(g, s);
	if (g->err != BW_OK)
		return;
	g->names.n++;
	n->nnames++;
}

static void
read_names(struct bw_graph *g, struct bwi_graph_node *n, const xmlChar *text)
{
	const char *s = (const char *)text;

	while (s != NULL && (s = strchr(s, '{')) != NULL) {
		const char *end = strchr(s, '}');

		if (s[1] == '{') {
			s += 2;
			continue;
		}
		if (end == NULL)
			return;
		add_name(g, n, (struct bw_str){s + 1, (size_t)(end - s) - 1});
		s = end + 1;
	}
}

void
bwi_graph_read_names(
    struct bw_graph *g, struct bwi_graph_node *n, const xmlNode *node)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		read_names(
		    g, n, a->children != NULL ? a->children->content : NULL);
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			bwi_graph_read_names(g, n, c);
		else if (c->type == XML_TEXT_NODE ||
			 c->type == XML_CDATA_SECTION_NODE)
			read_names(g, n, c->content);
	}
}
