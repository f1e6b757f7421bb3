/* Reads attributes and text of checked BXML. */
#include <limits.h>
#include <string.h>

#include <bwcallback/bxml.h>
#include <bwcallback/tools/str.h>

#include "sim/base/memory.h"
#include "sim/base/xml_attribute.h"

/* More than any number of seconds that BXML allows, in milliseconds. */
#define MAX_THOUSANDTHS (INT64_C(1000) * 1000 * 1000)

const char *
sim_attr_given(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (strcmp((const char *)a->name, name) != 0)
			continue;
		if (a->children == NULL || a->children->content == NULL)
			return "";
		return (const char *)a->children->content;
	}
	return NULL;
}

const char *
sim_attr(const xmlNode *node, const char *name)
{
	const char *value = sim_attr_given(node, name);

	if (value != NULL)
		return value;
	return bw_bxml_default((const char *)node->name, name);
}

bool
sim_attr_true(const xmlNode *node, const char *name)
{
	const char *value = sim_attr(node, name);

	return value != NULL && strcmp(value, "true") == 0;
}

int64_t
sim_thousandths(const char *s)
{
	int64_t n = 0;
	int decimals = -1;

	while (*s == ' ' || *s == '+')
		s++;
	for (; decimals < 3; s++) {
		if (*s == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (*s < '0' || *s > '9')
			break;
		if (n < MAX_THOUSANDTHS)
			n = n * 10 + (*s - '0');
		if (decimals >= 0)
			decimals++;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 3; decimals++)
		n *= 10;
	return n;
}

int64_t
sim_attr_time(const xmlNode *node, const char *name)
{
	const char *value = sim_attr(node, name);

	return value != NULL ? sim_thousandths(value) : 0;
}

int
sim_attr_number(const xmlNode *node, const char *name)
{
	int64_t n = sim_attr_time(node, name) / 1000;

	return n < INT_MAX ? (int)n : INT_MAX;
}

char *
sim_node_text(const xmlNode *node)
{
	xmlChar *content = xmlNodeGetContent(node);
	const char *s = content != NULL ? (const char *)content : "";
	char *text = sim_alloc(strlen(s) + 1);
	size_t n = 0;

	for (; *s != '\0'; s++) {
		if (!bw_is_space(*s))
			text[n++] = *s;
		else if (n > 0 && text[n - 1] != ' ')
			text[n++] = ' ';
	}
	if (n > 0 && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	xmlFree(content);
	return text;
}

bool
sim_node_is(const xmlNode *node, const char *name)
{
	return node != NULL && strcmp((const char *)node->name, name) == 0;
}

const xmlNode *
sim_node_element(const xmlNode *node)
{
	while (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}
