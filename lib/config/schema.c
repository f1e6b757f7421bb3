/* Validation with schema/callbacks.rng, which is compiled in. */
#include <pthread.h>
#include <stdio.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include <bwcallback/tools/xml.h>

#include "config/loader.h"

static const unsigned char schema_bytes[] = {
#include "config/callbacks_rng.h"
};

/* The first message of libxml2, used if the explanation finds nothing. */
struct complaint {
	char text[256];
	const xmlNode *node;
	bool no_memory;
};

static void
on_error(void *arg, xmlErrorPtr error)
{
	struct complaint *c = arg;

	if (error->code == XML_ERR_NO_MEMORY)
		c->no_memory = true;
	if (c->text[0] != '\0' || error->message == NULL)
		return;
	c->node = error->node;
	(void)snprintf(c->text, sizeof(c->text), "%.*s",
	    (int)strcspn(error->message, "\n"), error->message);
}

/*
 * Compiled once and cached for the life of the process. It is constant, and
 * libxml2's RELAX NG compiler does not check every allocation: it must not run
 * during a reload that is short of memory.
 */
static xmlRelaxNG *schema;

static void
compile_schema(void)
{
	struct complaint c = {{0}, NULL, false};
	xmlRelaxNGParserCtxt *ctxt;

	bw_xml_init();
	/* libxml2 initializes its type tables without a lock. */
	(void)xmlRelaxNGInitTypes();
	ctxt = xmlRelaxNGNewMemParserCtxt(
	    (const char *)schema_bytes, (int)sizeof(schema_bytes));
	if (ctxt == NULL)
		return;
	xmlRelaxNGSetParserStructuredErrors(ctxt, on_error, &c);
	schema = xmlRelaxNGParse(ctxt);
	xmlRelaxNGFreeParserCtxt(ctxt);
}

/* 0: valid, > 0: invalid, < 0: out of memory. */
static int
validate(xmlDoc *doc, struct complaint *c)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	xmlRelaxNGValidCtxt *ctxt;
	int result = -1;

	(void)pthread_once(&once, compile_schema);
	ctxt = schema != NULL ? xmlRelaxNGNewValidCtxt(schema) : NULL;
	if (ctxt != NULL) {
		xmlRelaxNGSetValidStructuredErrors(ctxt, on_error, c);
		result = xmlRelaxNGValidateDoc(ctxt, doc);
	}
	xmlRelaxNGFreeValidCtxt(ctxt);
	return c->no_memory ? -1 : result;
}

static void
explain(struct bwi_loader *l, const xmlNode *root, const struct complaint *c)
{
	xmlDoc *doc =
	    xmlReadMemory((const char *)schema_bytes, (int)sizeof(schema_bytes),
		NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOBLANKS);

	if (doc == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	bwi_loader_explain(l, root, doc);
	xmlFreeDoc(doc);
	if (l->err == BW_OK)
		bwi_loader_error(l, c->node != NULL ? c->node : root, "%s",
		    c->text[0] != '\0' ? c->text : "does not match the schema");
}

bool
bwi_loader_validate(struct bwi_loader *l, const xmlNode *root)
{
	struct complaint c = {{0}, NULL, false};
	int result = validate(root->doc, &c);

	if (result < 0)
		bwi_loader_no_memory(l);
	else if (result > 0)
		explain(l, root, &c);
	return l->err == BW_OK;
}
