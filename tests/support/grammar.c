#include "grammar.h"

#include <libxml/parser.h>

#include <bwcallback/bxml.h>

xmlRelaxNG *
grammar_load(void)
{
	struct bw_buf b;
	xmlRelaxNGParserCtxt *ctxt;
	xmlRelaxNG *schema;

	bw_buf_init(&b, 1 << 20);
	bw_bxml_schema(&b);
	ctxt = xmlRelaxNGNewMemParserCtxt(b.p, (int)b.n);
	schema = xmlRelaxNGParse(ctxt);
	xmlRelaxNGFreeParserCtxt(ctxt);
	bw_buf_free(&b);
	return schema;
}

static void
silent(void *arg, const char *fmt, ...)
{
	(void)arg;
	(void)fmt;
}

bool
grammar_fits(xmlRelaxNG *schema, struct bw_str s)
{
	xmlDoc *doc = xmlReadMemory(s.p, (int)s.n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_HUGE);
	xmlRelaxNGValidCtxt *ctxt = xmlRelaxNGNewValidCtxt(schema);
	int result;

	xmlRelaxNGSetValidErrors(ctxt, silent, silent, NULL);
	result = doc != NULL ? xmlRelaxNGValidateDoc(ctxt, doc) : -1;
	xmlRelaxNGFreeValidCtxt(ctxt);
	xmlFreeDoc(doc);
	return result == 0;
}

void
grammar_free(xmlRelaxNG *schema)
{
	xmlRelaxNGFree(schema);
	xmlRelaxNGCleanupTypes();
}
