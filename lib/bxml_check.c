/*
 * Is this tree BXML? Names, places and requirements, all from the table.
 * This is one step between an answer and the wire and knows nothing of
 * either.
 */
#include <limits.h>
#include <stdio.h>

#include <bwcallback/limits.h>

#include "bxml.h"
#include "report.h"
#include "suggest.h"
#include "utf8.h"

/* More names than any list of candidates has. */
#define MAX_CANDIDATES 64

struct checker {
	struct bwi_report report;
	bool templates;
	unsigned depth;
};

/* A name from outside, cut to what a message can bear. */
struct shown {
	char s[64];
};

static struct shown
show(const char *name)
{
	struct shown out = {{0}};
	size_t n = 0, rest = strlen(name), len;
	uint32_t cp;

	while (rest > 0 && (len = bwi_utf8_next(name, rest, &cp)) > 0 &&
	       n + len < sizeof(out.s) - 4) {
		memcpy(out.s + n, name, len);
		n += len;
		name += len;
		rest -= len;
	}
	if (rest > 0)
		memcpy(out.s + n, "...", 3);
	return out;
}

static const char *
node_name(const xmlNode *node)
{
	return (const char *)node->name;
}

/* With its prefix, for which buf is there. */
static const char *
attr_name(const xmlAttr *attr, struct shown *buf)
{
	const char *name = (const char *)attr->name;

	if (attr->ns == NULL || attr->ns->prefix == NULL)
		return name;
	(void)snprintf(buf->s, sizeof(buf->s), "%s:%s",
	    (const char *)attr->ns->prefix, name);
	return buf->s;
}

static int
line_of(const xmlNode *node)
{
	long line = xmlGetLineNo(node);

	return line > 0 && line <= INT_MAX ? (int)line : 0;
}

static bool
is_blank(const xmlChar *content)
{
	const char *text = (const char *)content;

	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* Which of the elements that may stand there was meant? */
static const char *
suggest_element(const char *parent, const char *name)
{
	const char *names[MAX_CANDIDATES];
	size_t n = 0;

	for (size_t i = 0; i < bwi_bxml_nelements && n < MAX_CANDIDATES; i++) {
		if (bwi_bxml_stands_in(&bwi_bxml_elements[i], parent))
			names[n++] = bwi_bxml_elements[i].name;
	}
	return bwi_suggest((struct bw_str){name, strlen(name)}, names, n);
}

static const char *
suggest_attr(const struct bwi_bxml_element *row, const char *name)
{
	const char *names[MAX_CANDIDATES];
	size_t n = 0;

	for (size_t i = 0; i < row->nattrs && n < MAX_CANDIDATES; i++)
		names[n++] = row->attrs[i].name;
	return bwi_suggest((struct bw_str){name, strlen(name)}, names, n);
}

/* Where may the element stand? "<Response> or <Gather>", cut at size. */
static void
add_places(char *places, size_t size, const struct bwi_bxml_element *row)
{
	const char *p = row->parents;

	for (;;) {
		size_t n = strcspn(p, "|"), used = strlen(places);

		/* That SSML stands in SSML goes without saying. */
		if (*p >= 'A' && *p <= 'Z' && strncmp(p, "Bxml", n) != 0) {
			(void)snprintf(places + used, size - used, "%s<%.*s>",
			    used > 0 ? " or " : "", (int)n, p);
		}
		p += n;
		if (*p++ == '\0')
			return;
	}
}

/* Is there an element of that name, which stands elsewhere? Then say where. */
static bool
report_misplaced(struct bwi_report *r, const xmlNode *node, const char *parent)
{
	const char *name = node_name(node);
	char places[128] = "";

	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (strcmp(bwi_bxml_elements[i].name, name) == 0)
			add_places(
			    places, sizeof(places), &bwi_bxml_elements[i]);
	}
	if (bwi_bxml_element(NULL, name) != NULL)
		(void)snprintf(places, sizeof(places), "no other element");
	if (places[0] == '\0')
		return false;
	bwi_report_error(r, line_of(node), 0,
	    "<%s>: not allowed in <%s>, it stands in %s", name, parent, places);
	return true;
}

static void
report_element(struct bwi_report *r, const xmlNode *node, const char *parent)
{
	bool verb = bwi_bxml_element(NULL, parent) != NULL;
	struct shown name = show(node_name(node));
	const char *near;

	if (report_misplaced(r, node, parent))
		return;
	near = suggest_element(parent, node_name(node));
	if (verb && near != NULL)
		bwi_report_error(r, line_of(node), 0,
		    "<%s>: unknown verb, did you mean <%s>?", name.s, near);
	else if (verb)
		bwi_report_error(
		    r, line_of(node), 0, "<%s>: unknown verb", name.s);
	else if (near != NULL)
		bwi_report_error(r, line_of(node), 0,
		    "<%s>: unknown element in <%s>, did you mean <%s>?", name.s,
		    parent, near);
	else
		bwi_report_error(r, line_of(node), 0,
		    "<%s>: unknown element in <%s>", name.s, parent);
}

static void
report_attr(struct bwi_report *r, const xmlAttr *attr,
    const struct bwi_bxml_element *row)
{
	struct shown buf, name = show(attr_name(attr, &buf));
	const char *near = suggest_attr(row, name.s);
	int line = line_of(attr->parent);

	if (near != NULL)
		bwi_report_error(r, line, 0,
		    "%s: unknown attribute of <%s>, did you mean %s?", name.s,
		    row->name, near);
	else
		bwi_report_error(r, line, 0, "%s: unknown attribute of <%s>%s",
		    name.s, row->name,
		    row->nattrs == 0 ? ", which has none" : "");
}

/* What XInclude leaves behind in a configuration says where it came from. */
static bool
is_base(const xmlAttr *attr)
{
	struct shown buf;

	return strcmp(attr_name(attr, &buf), "xml:base") == 0;
}

static void
check_attrs(
    struct checker *c, const xmlNode *node, const struct bwi_bxml_element *row)
{
	uint32_t seen = 0; /* of the required ones, which stand among 32 */
	struct shown buf;

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const struct bwi_bxml_attr *known;

		known = bwi_bxml_attr(row, attr_name(a, &buf));
		if (known != NULL)
			seen |= UINT32_C(1) << (known - row->attrs);
		else if (!c->templates || !is_base(a))
			report_attr(&c->report, a, row);
	}
	for (size_t i = 0; i < row->nattrs; i++) {
		if (row->attrs[i].required && (seen >> i & 1) == 0)
			bwi_report_error(&c->report, line_of(node), 0,
			    "%s: required attribute of <%s> is missing",
			    row->attrs[i].name, row->name);
	}
}

static void
check_text(
    struct checker *c, const xmlNode *node, const struct bwi_bxml_element *row)
{
	if (row->text == BWI_BXML_NONE)
		bwi_report_error(&c->report, line_of(node), 0,
		    "text: not allowed in <%s>%s", row->name,
		    bwi_bxml_element(row->name, "SpeakSentence") != NULL
			? ", to be spoken it stands in <SpeakSentence>"
			: "");
}

static void check_element(
    struct checker *, const xmlNode *, const struct bwi_bxml_element *row);

static void
check_child(
    struct checker *c, const xmlNode *node, const struct bwi_bxml_element *row)
{
	const struct bwi_bxml_element *child;

	child = bwi_bxml_element(row->name, node_name(node));
	if (child == NULL)
		report_element(&c->report, node, row->name);
	else
		check_element(c, node, child);
}

/* True when there is something that counts as text. */
static bool
check_content(
    struct checker *c, const xmlNode *node, const struct bwi_bxml_element *row)
{
	bool text = false;

	for (const xmlNode *n = node->children; n != NULL; n = n->next) {
		switch (n->type) {
		case XML_ELEMENT_NODE:
			text = text || row->text == BWI_BXML_SSML;
			check_child(c, n, row);
			break;
		case XML_TEXT_NODE:
		case XML_CDATA_SECTION_NODE:
			if (is_blank(n->content))
				break;
			text = true;
			check_text(c, n, row);
			break;
		case XML_ENTITY_REF_NODE:
			bwi_report_error(&c->report, line_of(n), 0,
			    "&%s;: entities are not allowed",
			    show(node_name(n)).s);
			break;
		default: /* comments, and what XInclude leaves behind */
			break;
		}
		if (c->report.done)
			break;
	}
	return text;
}

static bool
has_namespace(const xmlNode *node)
{
	return node->ns != NULL || node->nsDef != NULL;
}

static void
check_element(
    struct checker *c, const xmlNode *node, const struct bwi_bxml_element *row)
{
	if (c->depth == BW_MAX_BXML_DEPTH) {
		bwi_report_error(&c->report, line_of(node), 0,
		    "<%s>: nested more than %d levels deep", row->name,
		    BW_MAX_BXML_DEPTH);
		return;
	}
	if (has_namespace(node)) {
		bwi_report_error(&c->report, line_of(node), 0,
		    "<%s>: namespaces are not allowed, leave out xmlns",
		    row->name);
		return;
	}
	c->depth++;
	check_attrs(c, node, row);
	if (!check_content(c, node, row) && row->text_required)
		bwi_report_error(&c->report, line_of(node), 0,
		    "<%s>: text is missing", row->name);
	c->depth--;
}

enum bw_err
bwi_bxml_check_node(const char *file, const xmlNode *root, bool templates,
    const struct bw_reporter *to, struct bw_error *error)
{
	struct checker c = {
	    .report = {file, to, error, BW_ERR_BXML, 0, false},
	    .templates = templates,
	};
	const struct bwi_bxml_element *row;

	row = bwi_bxml_element(NULL, node_name(root));
	if (row == NULL)
		bwi_report_error(&c.report, line_of(root), 0,
		    "<%s>: not BXML, whose root is <Response>",
		    show(node_name(root)).s);
	else
		check_element(&c, root, row);
	return c.report.errors > 0 ? BW_ERR_BXML : BW_OK;
}
