/*
 * CPU time of checking and writing an answer, compared with libxml2's RELAX NG
 * validation and text writer on the same document, in microseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlwriter.h>

#include <bwcallback/build.h>
#include <bwcallback/bxml.h>

#define TIMES 20000

static struct bw_buf document;
static xmlRelaxNG *schema;

static void
build(struct bw_buf *out)
{
	struct bw_bxml b;

	bw_bxml_begin(&b, out, BW_STR("initiate"));
	bw_bxml_begin_gather(
	    &b, &(struct bw_bxml_gather){.gatherUrl = BW_STR("/voice/menu"),
		    .username = BW_STR("bandwidth"),
		    .password = BW_STR("a-long-password"),
		    .maxDigits = 1,
		    .firstDigitTimeout = 5,
		    .repeatCount = 2});
	bw_bxml_speak_sentence(&b,
	    BW_STR("Hello and welcome. For sales press one, for support press "
		   "two, or stay on the line."),
	    &(struct bw_bxml_speak_sentence){.voice = BW_BXML_VOICE_JULIE});
	bw_bxml_play_audio(&b, BW_STR("https://media.example.com/a.wav"), NULL);
	bw_bxml_end(&b);
	bw_bxml_begin_transfer(
	    &b, &(struct bw_bxml_transfer){
		    .transferCallerId = BW_STR("+19195550101"),
		    .transferCompleteUrl = BW_STR("/voice/done"),
		    .username = BW_STR("bandwidth"),
		    .password = BW_STR("a-long-password"),
		    .callTimeout = 30});
	for (int i = 0; i < 4; i++)
		bw_bxml_phone_number(&b, BW_STR("+19195550102"),
		    &(struct bw_bxml_phone_number){
			.transferAnswerUrl = BW_STR("/voice/whisper"),
			.tag = BW_STR("sales")});
	bw_bxml_end(&b);
	bw_bxml_redirect(
	    &b, &(struct bw_bxml_redirect){.redirectUrl = BW_STR("/voice")});
	if (bw_bxml_finish(&b, NULL) != BW_OK)
		abort();
}

static void
run_build(void)
{
	bw_buf_reset(&document);
	build(&document);
}

static void
run_check(void)
{
	if (bw_bxml_check("bench", (struct bw_str){document.p, document.n},
		NULL, NULL, NULL) != BW_OK)
		abort();
}

static void
run_relaxng(void)
{
	xmlDoc *doc = xmlReadMemory(document.p, (int)document.n, NULL, NULL, 0);
	xmlRelaxNGValidCtxt *ctxt = xmlRelaxNGNewValidCtxt(schema);

	if (xmlRelaxNGValidateDoc(ctxt, doc) != 0)
		abort();
	xmlRelaxNGFreeValidCtxt(ctxt);
	xmlFreeDoc(doc);
}

static void
copy_node(xmlTextWriter *w, const xmlNode *n)
{
	if (n->type == XML_TEXT_NODE) {
		xmlTextWriterWriteString(w, n->content);
		return;
	}
	xmlTextWriterStartElement(w, n->name);
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
		xmlTextWriterWriteAttribute(w, a->name, a->children->content);
	for (const xmlNode *c = n->children; c != NULL; c = c->next)
		copy_node(w, c);
	xmlTextWriterEndElement(w);
}

static xmlDoc *read_once;

static void
run_writer(void)
{
	xmlBuffer *buffer = xmlBufferCreate();
	xmlTextWriter *w = xmlNewTextWriterMemory(buffer, 0);

	copy_node(w, xmlDocGetRootElement(read_once));
	xmlFreeTextWriter(w);
	xmlBufferFree(buffer);
}

static void
measure(const char *what, void (*fn)(void))
{
	struct timespec a, b;

	for (int i = 0; i < 100; i++)
		fn();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int i = 0; i < TIMES; i++)
		fn();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	printf("%-28s %7.2f us\n", what,
	    ((double)(b.tv_sec - a.tv_sec) * 1e9 +
		(double)(b.tv_nsec - a.tv_nsec)) /
		TIMES / 1e3);
}

int
main(void)
{
	xmlRelaxNGParserCtxt *ctxt;
	struct bw_buf rng;

	bw_buf_init(&document, BW_MAX_BXML);
	bw_buf_init(&rng, 1 << 20);
	bw_bxml_schema(&rng);
	ctxt = xmlRelaxNGNewMemParserCtxt(rng.p, (int)rng.n);
	schema = xmlRelaxNGParse(ctxt);
	xmlRelaxNGFreeParserCtxt(ctxt);
	bw_buf_free(&rng);
	run_build();
	read_once = xmlReadMemory(document.p, (int)document.n, NULL, NULL, 0);
	if (schema == NULL || read_once == NULL)
		return 1;
	printf("a document of %zu bytes\n", document.n);
	measure("the builder", run_build);
	measure("libxml2's text writer", run_writer);
	measure("the checker", run_check);
	measure("libxml2 with the schema", run_relaxng);
	xmlFreeDoc(read_once);
	xmlRelaxNGFree(schema);
	bw_buf_free(&document);
	xmlCleanupParser();
	return 0;
}
