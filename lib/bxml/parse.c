/*
 * Checking BXML text: the output of an external program, or a file. libxml2
 * builds the tree without network access or entity expansion. Its errors go to
 * our handlers only: nothing is printed, and no state is shared between
 * threads.
 */
#include <strings.h>

#include <libxml/parser.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/str.h>
#include <bwcallback/tools/xml.h>

#include "base/source_position.h"
#include "base/utf8.h"
#include "bxml/check.h"
#include "bxml/checker.h"

struct parse {
	struct bwi_finding_report report;
	struct bw_str document;
	bool no_memory;
};

static void
report_parser_error(struct parse *p, const xmlError *e)
{
	struct bw_buf text;
	int line, column;

	if (e->code == XML_ERR_NO_MEMORY)
		p->no_memory = true;
	/*
	 * Only the first syntax error is reported: later ones are usually its
	 * consequences. Undeclared prefixes are found later, in the tree.
	 */
	if (p->no_memory || p->report.errors > 0 || e->level < XML_ERR_ERROR ||
	    e->domain == XML_FROM_NAMESPACE)
		return;
	bw_buf_init(&text, BW_ERROR_MSG_SIZE);
	bw_xml_explain(&text, e, p->document, &line, &column);
	bwi_finding_report_error(
	    &p->report, line, column, "%.*s", (int)text.n, text.p);
	bw_buf_free(&text);
}

/* Errors that belong to a parser; arg is its context. */
static void
on_parser_error(void *arg, xmlErrorPtr e)
{
	const xmlParserCtxt *ctxt = arg;

	report_parser_error(ctxt->_private, e);
}

/* Errors that libxml2 reports without a parser context. */
static void
on_stray_error(void *arg, xmlErrorPtr e)
{
	report_parser_error(arg, e);
}

static void
on_doctype(void *arg, const xmlChar *name, const xmlChar *public_id,
    const xmlChar *system_id)
{
	xmlParserCtxt *ctxt = arg;
	struct parse *p = ctxt->_private;
	const xmlParserInput *in = ctxt->input;

	(void)name, (void)public_id, (void)system_id;
	bwi_finding_report_error(&p->report, in != NULL ? in->line : 0,
	    in != NULL ? in->col : 0,
	    "document type declaration not allowed, leave out <!DOCTYPE>");
	xmlStopParser(ctxt);
}

static bool
check_bytes(struct bwi_finding_report *r, struct bw_str document)
{
	struct bwi_source_position at;
	size_t valid;

	if (document.n > BW_MAX_BXML_TAKEN) {
		bwi_finding_report_error(r, 0, 0,
		    "%zu bytes, at most %d are allowed, and %d are safe",
		    document.n, BW_MAX_BXML_TAKEN, BW_MAX_BXML);
		return false;
	}
	if (document.n > BW_MAX_BXML)
		bwi_finding_report_warning(r, 0, 0,
		    "%zu bytes: \"64 KB\" may mean %d, stay below", document.n,
		    BW_MAX_BXML);
	if (document.n == 0) {
		bwi_finding_report_error(
		    r, 0, 0, "empty, write at least <Response/>");
		return false;
	}
	valid = bwi_utf8_valid(document.p, document.n);
	if (valid < document.n) {
		at = bwi_source_position_of(document, valid);
		bwi_finding_report_error(r, at.line, at.column,
		    "byte 0x%02X is not part of UTF-8",
		    (unsigned)(unsigned char)document.p[valid]);
		return false;
	}
	if (memchr(document.p, '\0', document.n) != NULL) {
		bwi_finding_report_error(
		    r, 0, 0, "NUL byte, BXML is UTF-8 text");
		return false;
	}
	return true;
}

/* Other names of UTF-8, and of ASCII, which is a part of it. */
static const struct {
	const char *name;
	bool ascii;
} like_utf8[] = {
    {"UTF8", false},
    {"UTF_8", false},
    {"US-ASCII", true},
    {"ASCII", true},
    {"ANSI_X3.4-1968", true},
};

static bool
is_ascii(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] > 0x7f)
			return false;
	}
	return true;
}

static bool
equals_name(struct bw_str s, const char *name)
{
	return s.n == strlen(name) && strncasecmp(s.p, name, s.n) == 0;
}

/* The encoding in the XML declaration, n 0 if there is none. */
static struct bw_str
declared_encoding(struct bw_str document)
{
	struct bw_str s = {document.p + bwi_utf8_mark(document), 0};
	const char *end = memchr(document.p, '>', document.n), *quote;
	static const char name[] = "encoding";
	size_t n = sizeof(name) - 1;

	if (end == NULL || end - s.p < 6 || memcmp(s.p, "<?xml", 5) != 0 ||
	    !bw_is_space(s.p[5]))
		return (struct bw_str){s.p, 0};
	while (s.p + n < end && memcmp(s.p, name, n) != 0)
		s.p++;
	if (s.p + n >= end)
		return s;
	s.p += n;
	while (s.p < end && *s.p != '"' && *s.p != '\'')
		s.p++;
	quote =
	    s.p < end ? memchr(s.p + 1, *s.p, (size_t)(end - s.p - 1)) : NULL;
	if (quote != NULL)
		s = (struct bw_str){s.p + 1, (size_t)(quote - s.p - 1)};
	return s;
}

/*
 * The document is read as UTF-8. Accept a declaration of ASCII if all bytes are
 * ASCII, and other names of UTF-8, which most parsers know.
 */
static void
check_encoding(struct parse *p)
{
	struct bw_str document = p->document;
	struct bw_str name = declared_encoding(document);
	struct bwi_source_position at;
	int n = bwi_utf8_shown(name, 40);

	if (name.n == 0 || equals_name(name, "UTF-8"))
		return;
	at = bwi_source_position_of(document, (size_t)(name.p - document.p));
	for (size_t i = 0; i < sizeof(like_utf8) / sizeof(like_utf8[0]); i++) {
		if (!equals_name(name, like_utf8[i].name) ||
		    (like_utf8[i].ascii && !is_ascii(document)))
			continue;
		bwi_finding_report_warning(&p->report, at.line, at.column,
		    "encoding=\"%.*s\": BXML is UTF-8, write "
		    "encoding=\"UTF-8\"",
		    n, name.p);
		return;
	}
	bwi_finding_report_error(&p->report, at.line, at.column,
	    "encoding=\"%.*s\": BXML is UTF-8, write the document in UTF-8 and "
	    "encoding=\"UTF-8\"",
	    n, name.p);
}

/* The tree; NULL after a reported error or with no_memory set. */
static xmlDoc *
parse(struct parse *p, xmlParserCtxt *ctxt, struct bw_str document)
{
	xmlDoc *doc;

	ctxt->_private = p;
	ctxt->sax->serror = on_parser_error;
	ctxt->sax->internalSubset = on_doctype;
	doc = xmlCtxtReadMemory(ctxt, document.p, (int)document.n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC);
	/* After an allocation failure the tree may be incomplete. */
	if (p->no_memory || ctxt->errNo == XML_ERR_NO_MEMORY) {
		p->no_memory = true;
		xmlFreeDoc(doc);
		return NULL;
	}
	if (p->report.errors == 0 &&
	    (doc == NULL || xmlDocGetRootElement(doc) == NULL))
		bwi_finding_report_error(&p->report, 0, 0, "not well-formed");
	if (p->report.errors > 0) {
		xmlFreeDoc(doc);
		return NULL;
	}
	return doc;
}

/* Outside the root element, which the tree's checker does not visit. */
static void
check_instructions(struct parse *p, const xmlDoc *doc)
{
	for (const xmlNode *n = doc->children; n != NULL; n = n->next) {
		if (n->type == XML_PI_NODE)
			bwi_finding_report_error(&p->report,
			    (int)xmlGetLineNo(n), 0,
			    "<?%s?>: processing instructions are not allowed",
			    bwi_bxml_show((const char *)n->name).s);
	}
}

static enum bw_err
check_tree(struct parse *p, const xmlDoc *doc, struct bw_str document,
    const struct bw_bxml_options *o)
{
	enum bwi_bxml_context context = bwi_bxml_context(o->answering);
	struct bwi_bxml_checking how = {
	    .file = p->report.file,
	    .lenient = o->lenient,
	    .source = document,
	};
	enum bw_err err;

	if (context == BWI_BXML_NOTHING)
		bwi_finding_report_warning(&p->report, 0, 0,
		    "BXML in the answer is ignored after %.*s",
		    (int)(o->answering.n < 60 ? o->answering.n : 60),
		    o->answering.p);
	else if (context != BWI_BXML_ANY)
		how.contexts = 1U << context;
	check_encoding(p);
	check_instructions(p, doc);
	err = bwi_bxml_check_node(
	    &how, xmlDocGetRootElement(doc), p->report.to, p->report.error);
	return err == BW_OK && p->report.errors > 0 ? BW_ERR_BXML : err;
}

static enum bw_err
check(struct parse *p, struct bw_str document, const struct bw_bxml_options *o)
{
	xmlParserCtxt *ctxt;
	enum bw_err err = BW_ERR_BXML;
	xmlDoc *doc = NULL;

	bw_xml_init();
	ctxt = xmlNewParserCtxt();
	p->no_memory = ctxt == NULL;
	if (ctxt != NULL)
		doc = parse(p, ctxt, document);
	if (doc != NULL)
		err = check_tree(p, doc, document, o);
	/* Out of memory, libxml2 may silently drop the prefix of a name. */
	if (err == BW_OK && !ctxt->nsWellFormed) {
		bwi_finding_report_error(
		    &p->report, 0, 0, "undeclared namespace prefix");
		err = BW_ERR_BXML;
	}
	if (p->no_memory)
		err = bw_error_set(p->report.error, BW_ERR_NOMEM, 0,
		    "%s: out of memory", p->report.file);
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(ctxt);
	return err;
}

enum bw_err
bw_bxml_check(const char *file, struct bw_str document,
    const struct bw_bxml_options *options, const struct bw_reporter *to,
    struct bw_error *error)
{
	static const struct bw_bxml_options strict = {.lenient = false};
	struct parse p = {
	    .report = {.file = file,
		.to = to,
		.error = error,
		.code = BW_ERR_BXML},
	    .document = document,
	};
	xmlStructuredErrorFunc handler = xmlStructuredError;
	void *handler_arg = xmlStructuredErrorContext;
	enum bw_err err;

	if (!check_bytes(&p.report, document))
		return BW_ERR_BXML;
	/*
	 * This handler is thread-local in libxml2; restore the caller's
	 * afterwards.
	 */
	xmlSetStructuredErrorFunc(&p, on_stray_error);
	err = check(&p, document, options != NULL ? options : &strict);
	xmlSetStructuredErrorFunc(handler_arg, handler);
	return err;
}

bool
bw_bxml_answers(struct bw_str event)
{
	return bwi_bxml_context(event) != BWI_BXML_NOTHING;
}
