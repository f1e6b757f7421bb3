/* Validates with schema/scenario.rng, which is compiled in. */
#include "sim/scenario/scenario_schema.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/relaxng.h>

#include <bwcallback/tools/xml.h>

#include "sim/base/memory.h"
#include "sim/scenario/scenario_rng.h"

/*
 * The first error of libxml2 is roughly the cause; the others are consequences.
 */
struct violation {
	char *text;
	int line;
};

static void
on_error(void *arg, xmlErrorPtr error)
{
	struct violation *c = arg;

	if (c->text != NULL || error->message == NULL)
		return;
	c->line = error->line;
	c->text = sim_copy_str(
	    (struct bw_str){error->message, strcspn(error->message, "\n")});
}

/* Compiled once; read by several threads. */
static xmlRelaxNG *schema;

static void
compile_schema(void)
{
	xmlRelaxNGParserCtxt *ctxt;

	bw_xml_init();
	(void)xmlRelaxNGInitTypes();
	ctxt = xmlRelaxNGNewMemParserCtxt(
	    (const char *)schema_bytes, (int)sizeof(schema_bytes));
	if (ctxt == NULL)
		sim_no_memory();
	schema = xmlRelaxNGParse(ctxt);
	xmlRelaxNGFreeParserCtxt(ctxt);
	if (schema == NULL)
		sim_no_memory();
}

bool
sim_scenario_validate(
    const char *file, xmlDoc *doc, const struct bw_reporter *to)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct violation c = {NULL, 0};
	struct bw_finding f = {.severity = BW_SEVERITY_ERROR, .file = file};
	char *text = NULL;
	xmlRelaxNGValidCtxt *ctxt;
	int result;

	(void)pthread_once(&once, compile_schema);
	ctxt = xmlRelaxNGNewValidCtxt(schema);
	if (ctxt == NULL)
		sim_no_memory();
	xmlRelaxNGSetValidStructuredErrors(ctxt, on_error, &c);
	result = xmlRelaxNGValidateDoc(ctxt, doc);
	xmlRelaxNGFreeValidCtxt(ctxt);
	if (result != 0)
		text = sim_scenario_explain(xmlDocGetRootElement(doc), &f.line);
	if (text == NULL)
		f.line = c.line;
	f.text = text != NULL ? text : c.text;
	if (result != 0 && to->fn != NULL)
		to->fn(to->arg, &f);
	free(text);
	free(c.text);
	return result == 0;
}
