/*
 * Reading a configuration's files. Inclusion is implemented here rather than by
 * libxml2: only whole local files are allowed, and every node records its file
 * for findings.
 */
#include <stdio.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/xml.h>

#include "base/alloc.h"
#include "config/loader.h"
#include "os/file.h"

#define XINCLUDE "http://www.w3.org/2001/XInclude"

/* The _private member of a parser. */
struct parse {
	struct bwi_loader *loader;
	struct bwi_source *source;
	struct bw_str text;
	bool failed;
};

static void
parse_failed(struct parse *p, int line, int column, const char *text)
{
	if (p->failed) /* errors after the first are its consequences */
		return;
	p->failed = true;
	bwi_loader_error_at(
	    p->loader, BW_ERR_CONFIG, p->source->path, line, column, text);
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	xmlParserCtxt *ctxt = arg;
	struct parse *p = ctxt->_private;
	struct bw_buf text;
	int line, column;

	if (error->level < XML_ERR_ERROR || p->failed)
		return;
	bw_buf_init(&text, BW_ERROR_MSG_SIZE);
	bw_xml_explain(&text, error, p->text, &line, &column);
	bw_buf_putc(&text, '\0');
	if (error->code == XML_ERR_NO_MEMORY || text.err == BW_ERR_NOMEM) {
		p->failed = true;
		bwi_loader_no_memory(p->loader);
	} else {
		parse_failed(p, line, column, text.p);
	}
	bw_buf_free(&text);
}

static void
on_doctype(
    void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
	xmlParserCtxt *ctxt = arg;

	(void)name;
	(void)id;
	(void)uri;
	parse_failed(ctxt->_private, ctxt->input->line, 0,
	    "a document type declaration is not allowed: remove <!DOCTYPE>");
	xmlStopParser(ctxt);
}

static xmlDoc *
parse_text(struct parse *p, struct bw_str text)
{
	xmlParserCtxt *ctxt;
	xmlDoc *doc;

	bw_xml_init();
	ctxt = xmlNewParserCtxt();
	if (ctxt == NULL) {
		bwi_loader_no_memory(p->loader);
		return NULL;
	}
	p->text = text;
	ctxt->_private = p;
	ctxt->sax->serror = on_error;
	ctxt->sax->internalSubset = on_doctype;
	xmlDictFree(ctxt->dict);
	ctxt->dict = p->loader->names;
	(void)xmlDictReference(ctxt->dict);
	doc = xmlCtxtReadMemory(ctxt, text.p, (int)text.n, p->source->path,
	    NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
	if (!p->failed && (doc == NULL || !ctxt->wellFormed)) {
		p->failed = true;
		bwi_loader_no_memory(p->loader);
	}
	if (p->failed) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(ctxt);
	return doc;
}

static void
mark_source(xmlNode *node, struct bwi_source *s)
{
	for (; node != NULL; node = node->next) {
		node->_private = s;
		if (node->type == XML_ELEMENT_NODE)
			mark_source(node->children, s);
	}
}

static struct bwi_source *
add_source(
    struct bwi_loader *l, const char *path, const struct bwi_source *includer)
{
	struct bwi_source *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL)
		goto fail;
	s->path = bwi_strndup(path, strlen(path));
	if (s->path == NULL)
		goto fail;
	s->includer = includer;
	s->next = l->sources;
	l->sources = s;
	l->nsources++;
	return s;
fail:
	bwi_free(s);
	bwi_loader_no_memory(l);
	return NULL;
}

/* Why the file cannot be read: the message without its path, or shortened. */
static const char *
reason_of(const struct bw_error *e, const char *path)
{
	size_t n = strlen(path);

	if (e->sys != 0)
		return strerror(e->sys);
	if (strncmp(e->msg, path, n) == 0 && strncmp(e->msg + n, ": ", 2) == 0)
		return e->msg + n + 2;
	return bw_strerror(e->code);
}

/* Read and parse one file; where: the including element, or NULL. */
static struct bwi_source *
read_source(struct bwi_loader *l, const char *path, const xmlNode *where)
{
	struct bwi_source *s =
	    add_source(l, path, where != NULL ? where->_private : NULL);
	struct parse p = {.loader = l, .source = s};
	struct bw_error e = {0};
	char *text = NULL;
	size_t n = 0;
	enum bw_err err;

	if (s == NULL)
		return NULL;
	err = bwi_file_load(
	    path, BW_MAX_CONFIG - l->bytes, &text, &n, &s->seen, &e);
	if (err == BW_ERR_NOMEM) {
		bwi_loader_no_memory(l);
	} else if (err != BW_OK && where != NULL) {
		bwi_loader_report_error(l, where, &e);
	} else if (err != BW_OK) {
		if (l->err == BW_OK)
			l->err = err;
		bwi_loader_error_at(l, err, path, 0, 0, reason_of(&e, path));
	} else {
		l->bytes += n;
		s->doc = parse_text(&p, (struct bw_str){text, n});
	}
	bwi_free(text);
	if (s->doc == NULL)
		return NULL;
	mark_source(s->doc->children, s);
	return s;
}

static bool
is_include(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
	       strcmp((const char *)node->ns->href, XINCLUDE) == 0 &&
	       strcmp((const char *)node->name, "include") == 0;
}

static size_t
include_depth(const struct bwi_source *s)
{
	size_t n = 0;

	while (s->includer != NULL) {
		s = s->includer;
		n++;
	}
	return n;
}

/*
 * Only <xi:include href="local file"/> is allowed, without the other features
 * of XInclude.
 */
static bool
check_include(struct bwi_loader *l, const xmlNode *node, struct bw_str href)
{
	const char *colon, *slash;

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (strcmp((const char *)a->name, "href") != 0) {
			bwi_loader_error(l, node,
			    "<include>: only the attribute \"href\" is "
			    "supported, not \"%s\"",
			    (const char *)a->name);
			return false;
		}
	}
	if (bwi_node_element(node->children) != NULL) {
		bwi_loader_error(l, node,
		    "<include>: must be empty, <fallback> is not supported: a "
		    "missing file is an error");
		return false;
	}
	colon = href.n != 0 ? strchr(href.p, ':') : NULL;
	slash = href.n != 0 ? strchr(href.p, '/') : NULL;
	if (href.n == 0 ||
	    (colon != NULL && (slash == NULL || colon < slash)) ||
	    strncmp(href.p, "//", 2) == 0) {
		bwi_loader_error(l, node,
		    "<include>: href must name a local file, like "
		    "\"menus.xml\"");
		return false;
	}
	if (include_depth(node->_private) >= BW_MAX_INCLUDE_DEPTH ||
	    l->nsources >= BW_MAX_INCLUDES) {
		bwi_loader_error(l, node,
		    "<include>: %s: too many included files: does one include "
		    "itself?",
		    href.p);
		return false;
	}
	return true;
}

/* Replace the element by the root of the named file. */
static xmlNode *
include(struct bwi_loader *l, xmlNode *node)
{
	struct bw_str href = bwi_loader_attr(l, node, "href");
	struct bwi_source *s;
	const char *path;
	xmlNode *root;

	if (!check_include(l, node, href))
		return NULL;
	path = bwi_loader_path(l, node, href);
	s = path != NULL ? read_source(l, path, node) : NULL;
	if (s == NULL)
		return NULL;
	root = xmlDocGetRootElement(s->doc);
	xmlUnlinkNode(root);
	/* Do not free the document: it owns the xml: namespace of its nodes. */
	(void)xmlReplaceNode(node, root);
	xmlFreeNode(node);
	return root;
}

static bool
expand(struct bwi_loader *l, xmlNode *node)
{
	while (node != NULL) {
		if (is_include(node)) {
			node = include(l, node);
			if (node == NULL)
				return false;
			continue; /* the new node may be an <include> itself */
		}
		if (node->type == XML_ELEMENT_NODE &&
		    !expand(l, node->children))
			return false;
		node = node->next;
	}
	return true;
}

static const char *overlay; /* a file; NULL: none */

void
bw_config_overlay(const char *file)
{
	overlay = file;
}

/* Remove the elements of that name. */
static void
drop(xmlNode *root, const xmlChar *name)
{
	xmlNode *next;

	for (xmlNode *c = root->children; c != NULL; c = next) {
		next = c->next;
		if (c->type != XML_ELEMENT_NODE ||
		    xmlStrcmp(c->name, name) != 0)
			continue;
		xmlUnlinkNode(c);
		xmlFreeNode(c);
	}
}

/* Put the elements of the overlay after those of the configuration. */
static bool
lay_over(struct bwi_loader *l, xmlNode *root)
{
	struct bwi_source *s = read_source(l, overlay, NULL);
	xmlNode *from, *next;

	if (s == NULL)
		return false;
	from = xmlDocGetRootElement(s->doc);
	for (xmlNode *c = from->children; c != NULL; c = next) {
		next = c->next;
		if (c->type != XML_ELEMENT_NODE)
			continue;
		if (!bwi_node_is(c, "credentials"))
			drop(root, c->name);
		xmlUnlinkNode(c);
		(void)xmlAddChild(root, c);
	}
	return true;
}

const xmlNode *
bwi_loader_read(struct bwi_loader *l, const char *file)
{
	struct bwi_source *s;
	xmlNode *root;

	l->names = xmlDictCreate();
	if (l->names == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	s = read_source(l, file, NULL);
	if (s == NULL)
		return NULL;
	root = xmlDocGetRootElement(s->doc);
	if (!bwi_node_is(root, "callbacks")) {
		bwi_loader_error(l, root,
		    "<%.60s>: the root of a configuration is <callbacks>",
		    (const char *)root->name);
		return NULL;
	}
	if (!expand(l, root->children) ||
	    (overlay != NULL && !lay_over(l, root)))
		return NULL;
	return root;
}

void
bwi_loader_free_sources(struct bwi_loader *l)
{
	struct bwi_source *s = l->sources;

	/*
	 * Two passes: included nodes are linked into the including documents.
	 */
	for (; s != NULL; s = s->next) {
		if (s->doc != NULL && s->includer == NULL)
			xmlFreeDoc(s->doc);
	}
	while ((s = l->sources) != NULL) {
		l->sources = s->next;
		if (s->includer != NULL)
			xmlFreeDoc(s->doc);
		bwi_free(s->path);
		bwi_free(s);
	}
	xmlDictFree(l->names);
	l->names = NULL;
}
