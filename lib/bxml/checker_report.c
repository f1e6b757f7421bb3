/* Findings of a check: their positions, and names as shown in messages. */
#include "bxml/checker.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/source_position.h"
#include "base/utf8.h"

static int
line_of(const xmlNode *node)
{
	long line = xmlGetLineNo(node);

	return line > 0 && line <= INT_MAX ? (int)line : 0;
}

/* The number of an element in document order. */
static size_t
number_of(const xmlNode *root, const xmlNode *wanted)
{
	const xmlNode *n = root;
	size_t i = 0;

	while (n != wanted) {
		bool element = n->type == XML_ELEMENT_NODE;
		const xmlNode *next = element ? n->children : NULL;

		i += element;
		while (next == NULL && n != NULL && n != root) {
			next = n->next;
			n = next == NULL ? n->parent : n;
		}
		if (next == NULL)
			break;
		n = next;
	}
	return i;
}

static struct bwi_source_position
position_of(
    const struct bwi_bxml_checker *c, const xmlNode *node, const char *attr)
{
	struct bwi_source_position at = {line_of(node), 0};

	while (node->type != XML_ELEMENT_NODE && node->parent != NULL)
		node = node->parent;
	if (c->options->source.p != NULL)
		at = bwi_bxml_source_position(
		    c->options->source, number_of(c->root, node), attr);
	return at;
}

void
bwi_bxml_error(struct bwi_bxml_checker *c, const xmlNode *node,
    const char *attr, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	struct bwi_source_position at;
	va_list ap;

	if (c->report.done)
		return;
	at = position_of(c, node, attr);
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bwi_finding_report_error(&c->report, at.line, at.column, "%s", text);
}

void
bwi_bxml_warning(struct bwi_bxml_checker *c, const xmlNode *node,
    const char *attr, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	struct bwi_source_position at;
	va_list ap;

	if (c->report.done || c->report.warnings == BWI_REPORT_MAX)
		return;
	at = position_of(c, node, attr);
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bwi_finding_report_warning(&c->report, at.line, at.column, "%s", text);
}

const char *
bwi_bxml_attr_name(const xmlAttr *attr, char *buf, size_t size)
{
	const char *name = (const char *)attr->name;

	if (attr->ns == NULL || attr->ns->prefix == NULL)
		return name;
	(void)snprintf(
	    buf, size, "%s:%s", (const char *)attr->ns->prefix, name);
	return buf;
}

struct bwi_shown
bwi_bxml_show(const char *name)
{
	struct bwi_shown out = {{0}};
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
