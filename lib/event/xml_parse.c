/*
 * Parses XML with libxml2's SAX2 interface, directly into the tree. Nothing is
 * fetched, declared or expanded: a document type declaration is refused, so
 * only XML's five predefined entities exist.
 */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <bwcallback/tools/str.h>
#include <bwcallback/tools/xml.h>

#include "base/utf8.h"
#include "event/payload_tree.h"

struct element {
	uint32_t node;
	size_t text; /* start of its own text in the buffer */
	bool children;
};

struct builder {
	struct bwi_tree *tree;
	struct bw_error *error;
	xmlParserCtxtPtr ctxt;
	enum bw_err err;
	int skipped_lines; /* lines skipped before the parser's input */
	/*
	 * Own text of the open elements, outermost first. An element's text is
	 * removed when the element ends, so each text is contiguous.
	 */
	struct bw_buf text;
	uint32_t depth;
	struct element open[BW_MAX_DEPTH];
};

/* Record the first error and stop the parser. */
static void
stop(struct builder *b, enum bw_err err)
{
	if (b->err == BW_OK)
		b->err = err;
	xmlStopParser(b->ctxt);
}

static void
stop_at(struct builder *b, enum bw_err err, const char *what)
{
	const xmlParserInput *in = b->ctxt->input;

	bw_error_set(b->error, err, 0, "xml: %d:%d: %s",
	    (in != NULL ? in->line : 1) + b->skipped_lines,
	    in != NULL ? in->col : 1, what);
	stop(b, err);
}

static void
stop_no_memory(struct builder *b)
{
	stop(b, bw_error_set(b->error, BW_ERR_NOMEM, 0, "xml: out of memory"));
}

/* Copy into the arena. False, with the parser stopped, when out of memory. */
static bool
copy_text(struct builder *b, const char *p, size_t n, struct bw_str *out)
{
	*out = bwi_arena_copy(&b->tree->arena, (struct bw_str){p, n});
	if (out->p == NULL)
		stop_no_memory(b);
	return out->p != NULL;
}

/* Append a node with that name; an attribute's gets the prefix '@'. */
static struct bwi_node *
add_node(struct builder *b, enum bw_value_kind kind, bool attribute,
    const char *name)
{
	size_t n = strlen(name);
	char *copy = bwi_arena_alloc(&b->tree->arena, n + 1);
	enum bw_err err;
	uint32_t at;

	if (copy == NULL) {
		stop_no_memory(b);
		return NULL;
	}
	copy[0] = '@';
	memcpy(copy + attribute, name, n);
	err = bwi_tree_add(b->tree, kind, &at, b->error);
	if (err != BW_OK) {
		stop(b, err);
		return NULL;
	}
	b->tree->nodes[at].name = copy;
	b->tree->nodes[at].name_len = (uint32_t)(n + attribute);
	return &b->tree->nodes[at];
}

/* libxml2 passes each as localname, prefix, URI, value, end of value. */
static void
add_attributes(struct builder *b, int n, const xmlChar **attributes)
{
	for (int i = 0; i < n && b->err == BW_OK; i++) {
		const char **a = (const char **)attributes + i * 5;
		struct bwi_node *node;
		struct bw_str value;

		node = add_node(b, BW_KIND_STRING, true, a[0]);
		if (node == NULL ||
		    !copy_text(b, a[3], (size_t)(a[4] - a[3]), &value))
			return;
		node->value = value.p;
		node->value_len = (uint32_t)value.n;
	}
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int nnamespaces, const xmlChar **namespaces,
    int nattributes, int ndefaulted, const xmlChar **attributes)
{
	struct builder *b = arg;
	uint32_t at = b->tree->n;

	(void)prefix, (void)uri, (void)nnamespaces, (void)namespaces;
	(void)ndefaulted;
	if (b->err != BW_OK)
		return;
	if (b->depth == BW_MAX_DEPTH) {
		stop_at(b, BW_ERR_DEPTH, "nested too deeply");
		return;
	}
	if (b->depth > 0)
		b->open[b->depth - 1].children = true;
	if (add_node(b, BW_KIND_STRING, false, (const char *)name) == NULL)
		return;
	b->open[b->depth++] = (struct element){.node = at, .text = b->text.n};
	add_attributes(b, nattributes, attributes);
}

static void
on_end(
    void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct builder *b = arg;
	struct element *element;
	struct bwi_node *node;
	struct bw_str text, copy;

	(void)name, (void)prefix, (void)uri;
	if (b->err != BW_OK || b->depth == 0)
		return;
	element = &b->open[--b->depth];
	text = (struct bw_str){b->text.p, b->text.n - element->text};
	if (text.n > 0)
		text.p += element->text;
	text = bw_str_trim(text);
	node = &b->tree->nodes[element->node];
	node->end = b->tree->n;
	if (element->children)
		node->kind = BW_KIND_OBJECT;
	if (text.n > 0 || !element->children) {
		if (!copy_text(b, text.p, text.n, &copy))
			return;
		node->value = copy.p;
		node->value_len = (uint32_t)copy.n;
	}
	b->text.n = element->text;
}

static void
on_text(void *arg, const xmlChar *p, int n)
{
	struct builder *b = arg;

	if (b->err != BW_OK || n <= 0)
		return;
	bw_buf_add(&b->text, (const char *)p, (size_t)n);
	if (b->text.err == BW_ERR_LIMIT)
		stop_at(b, BW_ERR_LIMIT, "too much text");
	else if (b->text.err != BW_OK)
		stop_no_memory(b);
}

static void
on_doctype(void *arg, const xmlChar *name, const xmlChar *public_id,
    const xmlChar *system_id)
{
	struct builder *b = arg;

	(void)name, (void)public_id, (void)system_id;
	stop_at(b, BW_ERR_SYNTAX, "document type declaration not allowed");
}

/*
 * XML_ERR_INVALID_CHAR means invalid UTF-8 (int1 is 0), or a character (int1)
 * that XML does not allow.
 */
static enum bw_err
error_class(const xmlError *e)
{
	switch (e->code) {
	case XML_ERR_NO_MEMORY:
		return BW_ERR_NOMEM;
	case XML_ERR_INVALID_CHAR:
		return e->int1 == 0 ? BW_ERR_ENCODING : BW_ERR_SYNTAX;
	case XML_ERR_UNKNOWN_ENCODING:
	case XML_ERR_UNSUPPORTED_ENCODING:
	case XML_ERR_INVALID_ENCODING:
	case XML_I18N_CONV_FAILED:
	case XML_I18N_NO_HANDLER:
	case XML_IO_ENCODER:
		return BW_ERR_ENCODING;
	default:
		return BW_ERR_SYNTAX;
	}
}

/*
 * Only records the error: the parser must not be stopped while it reads, and
 * ends by itself.
 */
static void
on_error(void *arg, xmlErrorPtr e)
{
	struct builder *b = arg;
	const char *what = e->message != NULL ? e->message : "not well-formed";

	/* Namespace errors do not affect well-formedness. */
	if (e->level == XML_ERR_WARNING || e->domain == XML_FROM_NAMESPACE ||
	    b->err != BW_OK)
		return;
	b->err = error_class(e);
	if (e->line == 0) /* errors of the character decoder have no position */
		what = "wrong character encoding";
	bw_error_set(b->error, b->err, 0, "xml: %d:%d: %.*s",
	    (e->line != 0 ? e->line : 1) + b->skipped_lines,
	    e->line != 0 ? e->int2 : 1, (int)strcspn(what, "\n"), what);
}

static void
set_handlers(xmlSAXHandler *sax)
{
	*sax = (xmlSAXHandler){
	    .initialized = XML_SAX2_MAGIC,
	    .startElementNs = on_start,
	    .endElementNs = on_end,
	    .characters = on_text,
	    .cdataBlock = on_text,
	    .ignorableWhitespace = on_text,
	    .internalSubset = on_doctype,
	    .serror = on_error,
	};
}

/* Skip white space before "<?xml", a frequent error of servers and editors. */
static struct bw_str
skip_blank(struct bw_str body, int *lines)
{
	body = bwi_utf8_without_mark(body);
	while (body.n > 0 && bw_is_space(*body.p)) {
		*lines += *body.p == '\n';
		body.p++;
		body.n--;
	}
	return body;
}

/*
 * Errors of character decoding go to the thread's handler instead of the
 * parser's. By default it would print bytes of the body to standard error.
 */
static enum bw_err
run(struct builder *b, struct bw_str body)
{
	xmlStructuredErrorFunc handler = xmlStructuredError;
	void *context = xmlStructuredErrorContext;
	xmlDocPtr doc;

	set_handlers(b->ctxt->sax);
	b->ctxt->userData = b;
	xmlSetStructuredErrorFunc(b, on_error);
	doc = xmlCtxtReadMemory(
	    b->ctxt, body.p, (int)body.n, NULL, NULL, XML_PARSE_NONET);
	xmlSetStructuredErrorFunc(context, handler);
	xmlFreeDoc(doc);
	if (b->err == BW_OK && (!b->ctxt->wellFormed || b->tree->n < 2)) {
		b->err = bw_error_set(
		    b->error, BW_ERR_SYNTAX, 0, "xml: not well-formed");
	}
	return b->err;
}

enum bw_err
bwi_xml_parse(struct bwi_tree *t, struct bw_str body, struct bw_error *error)
{
	struct builder b = {.tree = t, .error = error};
	enum bw_err err;
	uint32_t root;

	if (body.n > BW_MAX_BODY) {
		return bw_error_set(error, BW_ERR_LIMIT, 0,
		    "xml: more than %d bytes", BW_MAX_BODY);
	}
	t->xml = true;
	t->repeats = true;
	err = bwi_tree_add(t, BW_KIND_OBJECT, &root, error);
	if (err != BW_OK)
		return err;
	/* A byte of another encoding may need three bytes in UTF-8. */
	bw_buf_init(&b.text, (size_t)BW_MAX_BODY * 3);
	body = skip_blank(body, &b.skipped_lines);
	bw_xml_init();
	b.ctxt = xmlNewParserCtxt();
	if (b.ctxt == NULL) {
		return bw_error_set(
		    error, BW_ERR_NOMEM, 0, "xml: out of memory");
	}
	err = run(&b, body);
	t->nodes[root].end = t->n;
	xmlFreeParserCtxt(b.ctxt);
	bw_buf_free(&b.text);
	return err;
}
