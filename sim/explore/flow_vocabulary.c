/* Reads entry points and keys from a configuration. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/uri.h>
#include <libxml/xinclude.h>

#include <bwcallback/tools/xml.h>

#include "sim/base/memory.h"
#include "sim/explore/flow_vocabulary.h"

/* Bytes read of a table's file: the first rows suffice. */
#define MAX_DATA 65536

void
sim_vocabulary_free(struct sim_vocabulary *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->entrances[i].path);
	free(f->entrances);
	*f = (struct sim_vocabulary){.n = 0};
}

static bool
is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, name) == 0;
}

/* An attribute's value, sim_alloc'ed; NULL when absent. */
static char *
attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = sim_copy((const char *)value);

	xmlFree(value);
	return copy;
}

/* Does a rule with this event="..." apply to the event? */
static bool
list_contains(const char *events, const char *event)
{
	size_t n = strlen(event);

	while (events != NULL && *events != '\0') {
		size_t word = strcspn(events, "|");

		if (word == n && strncmp(events, event, n) == 0)
			return true;
		events += word;
		events += *events == '|';
	}
	return events == NULL;
}

static bool
has_rule_for(const xmlNode *section, const char *event)
{
	bool found = false;

	for (const xmlNode *n = section->children; n != NULL && !found;
	     n = n->next) {
		char *events;

		if (!is_element(n, "on"))
			continue;
		events = attribute(n, "event");
		found = list_contains(events, event);
		free(events);
	}
	return found;
}

/* "field.NAME" is the field NAME, without the checks of check. */
static const char *
unprefixed(const char *attribute_name)
{
	static const char prefix[] = "field.";
	size_t n = sizeof(prefix) - 1;

	return attribute_name +
	       (strncmp(attribute_name, prefix, n) == 0 ? n : 0);
}

/* The mode of machine detection that the rules use, or NULL. */
static const char *
detection_of(const xmlNode *section)
{
	static const char field[] = "machineDetectionResult";
	const char *how = NULL;

	for (const xmlNode *n = section->children; n != NULL; n = n->next) {
		char *events;

		if (!is_element(n, "on"))
			continue;
		for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
			const char *name = unprefixed((const char *)a->name);

			if (how == NULL &&
			    strncmp(name, field, sizeof(field) - 1) == 0)
				how = "sync";
		}
		events = attribute(n, "event");
		if (events != NULL &&
		    list_contains(events, "machineDetectionComplete"))
			how = "async";
		free(events);
	}
	return how;
}

static void
add_entrance(struct sim_vocabulary *f, const char *mount, const char *path,
    const char *machine_detection, bool outbound)
{
	f->entrances =
	    sim_resize(f->entrances, f->n, f->n + 1, sizeof(*f->entrances));
	f->entrances[f->n++] = (struct sim_entrance){
	    .path = sim_format("%s%s", mount != NULL ? mount : "", path),
	    .outbound = outbound,
	    .machine_detection = machine_detection,
	};
}

/* The SIP member that an attribute compares: "diversion.reason". */
struct compared {
	enum sim_sip_member member;
	const char *name; /* "reason"; "": the member itself */
};

static bool
is_compared(const char *attribute_name, struct compared *out)
{
	static const struct {
		const char *begin;
		enum sim_sip_member member;
	} begins[] = {{"stirShaken.", SIM_SIP_STIR_SHAKEN},
	    {"diversion.", SIM_SIP_DIVERSION}, {"sipHeaders.", SIM_SIP_HEADERS},
	    {"uui", SIM_SIP_UUI}};

	attribute_name = unprefixed(attribute_name);
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t n = strlen(begins[i].begin);

		if (strncmp(attribute_name, begins[i].begin, n) != 0)
			continue;
		*out = (struct compared){begins[i].member, attribute_name + n};
		return true;
	}
	return false;
}

/* The k-th alternative of "a|b*", or the last; a wildcard becomes "x". */
static void
put_alternative(struct bw_buf *b, const char *pattern, size_t k)
{
	while (k-- > 0 && strchr(pattern, '|') != NULL)
		pattern = strchr(pattern, '|') + 1;
	for (; *pattern != '\0' && *pattern != '|'; pattern++)
		bw_buf_putc(
		    b, *pattern == '*' || *pattern == '?' ? 'x' : *pattern);
}

/* Add to a text: the value, or NAME=VALUE. Absent values are left out. */
static void
put_member(struct sim_sip_texts *sip, const struct compared *c,
    const char *pattern, size_t k)
{
	char *text = sip->texts[c->member];
	struct bw_buf b;
	size_t before;

	bw_buf_init(&b, SIM_MAX_SIP + 1);
	bw_buf_puts(&b, text);
	if (b.n > 0)
		bw_buf_putc(&b, ',');
	if (*c->name != '\0')
		bw_buf_printf(&b, "%s=", c->name);
	before = b.n;
	put_alternative(&b, pattern, k);
	if (b.n == before && c->member == SIM_SIP_STIR_SHAKEN &&
	    *text == '\0') {
		bw_buf_reset(&b);
		bw_buf_puts(&b, "none");
		before = 0;
	}
	bw_buf_putc(&b, '\0');
	if (b.err == BW_OK && b.n > before + 1 &&
	    sim_sip_check(c->member, b.p, NULL) == BW_OK)
		memcpy(text, b.p, b.n);
	bw_buf_free(&b);
}

/* Add the calls whose SIP members this rule compares, one per alternative. */
static void
read_sip(struct sim_lexicon *l, const xmlNode *on)
{
	size_t alternatives = 1;

	for (size_t k = 0; k < alternatives; k++) {
		struct sim_sip_texts sip = {0};

		for (const xmlAttr *a = on->properties; a != NULL;
		     a = a->next) {
			struct compared c;
			char *value = attribute(on, (const char *)a->name);
			size_t n = 1;

			for (const char *p = value; p != NULL && *p != '\0';
			     p++)
				n += *p == '|';
			if (is_compared((const char *)a->name, &c)) {
				put_member(&sip, &c, value, k);
				alternatives =
				    n > alternatives ? n : alternatives;
			}
			free(value);
		}
		if (sim_sip_texts_set(&sip))
			sim_lexicon_sip(l, &sip);
	}
}

static void
read_rule(struct sim_lexicon *l, const xmlNode *on)
{
	for (const xmlAttr *a = on->properties; a != NULL; a = a->next) {
		char *value = attribute(on, (const char *)a->name);

		if (value != NULL)
			sim_lexicon_match(l, (const char *)a->name,
			    (struct bw_str){value, strlen(value)});
		free(value);
	}
	read_sip(l, on);
}

static void
read_section(struct sim_vocabulary *f, struct sim_lexicon *l, const char *mount,
    const xmlNode *section)
{
	char *path = attribute(section, "path");

	if (path != NULL && has_rule_for(section, "initiate"))
		add_entrance(f, mount, path, NULL, false);
	if (path != NULL && has_rule_for(section, "answer"))
		add_entrance(f, mount, path, detection_of(section), true);
	free(path);
	for (const xmlNode *n = section->children; n != NULL; n = n->next) {
		if (is_element(n, "on"))
			read_rule(l, n);
	}
}

/* The file of an element, relative to that of the element; sim_alloc'ed. */
static char *
file_of(const xmlNode *node)
{
	char *name = attribute(node, "file"), *copy;
	xmlChar *base = xmlNodeGetBase(node->doc, node);
	xmlChar *path = xmlBuildURI((const xmlChar *)name, base);

	copy = sim_copy((const char *)path);
	xmlFree(path);
	xmlFree(base);
	free(name);
	return copy;
}

/* Numbers of a table's file: probably keys that are looked up. */
static void
read_table(struct sim_lexicon *l, const xmlNode *table)
{
	char *path = file_of(table), *data;
	FILE *f = path != NULL ? fopen(path, "re") : NULL;

	if (f != NULL) {
		data = sim_alloc(MAX_DATA);
		sim_lexicon_data(
		    l, (struct bw_str){data, fread(data, 1, MAX_DATA, f)});
		free(data);
		(void)fclose(f);
	}
	free(path);
}

static void
read_calendar(struct sim_lexicon *l, const xmlNode *calendar)
{
	char *path = file_of(calendar);

	if (path != NULL)
		sim_lexicon_calendar_take(l, path);
}

static void
read_root(struct sim_vocabulary *f, struct sim_lexicon *l, const xmlNode *root)
{
	char *mount = attribute(root, "mount");

	for (const xmlNode *n = root->children; n != NULL; n = n->next) {
		if (is_element(n, "voice"))
			read_section(f, l, mount, n);
		else if (is_element(n, "table"))
			read_table(l, n);
		else if (is_element(n, "calendar"))
			read_calendar(l, n);
	}
	free(mount);
}

enum bw_err
sim_vocabulary_read(const char *file, struct sim_vocabulary *f,
    struct sim_lexicon *l, struct bw_error *e)
{
	const int how =
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlDoc *doc;
	xmlNode *root;

	bw_xml_init();
	*f = (struct sim_vocabulary){.n = 0};
	doc = xmlReadFile(file, NULL, how);
	root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (doc == NULL && access(file, R_OK) != 0)
		return bw_error_set(
		    e, BW_ERR_NOFILE, errno, "%s: %s", file, strerror(errno));
	if (root == NULL) {
		xmlFreeDoc(doc);
		return bw_error_set(
		    e, BW_ERR_CONFIG, 0, "%s: not well-formed XML", file);
	}
	/* A failed include is not reported here: bwcallback check does. */
	(void)xmlXIncludeProcessFlags(doc, how);
	read_root(f, l, root);
	xmlFreeDoc(doc);
	return BW_OK;
}
