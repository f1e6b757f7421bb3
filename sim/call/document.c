/* Checks and parses answers. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/bxml.h>
#include <bwcallback/tools/xml.h>
#include <libxml/parser.h>

#include "sim/base/memory.h"
#include "sim/base/xml_attribute.h"
#include "sim/call/document.h"

/* A hostile answer may have an error in every byte; the first ones suffice. */
#define MAX_FINDINGS 20

struct report {
	struct sim_world *world;
	const struct sim_reading *reading;
	int count;
};

void
sim_document_report(struct sim_world *w, const struct sim_reading *reading,
    const struct bw_finding *f)
{
	sim_world_log(
	    w, &(struct sim_log_entry){
		   .kind = SIM_LOG_FINDING,
		   .call = reading->about,
		   .name = reading->event,
		   .text = f->severity == BW_SEVERITY_ERROR ? reading->otherwise
							    : NULL,
		   .finding = f,
	       });
}

static void
report_finding(void *arg, const struct bw_finding *f)
{
	struct report *r = arg;

	if (r->count++ < MAX_FINDINGS)
		sim_document_report(r->world, r->reading, f);
}

static void
report_text(struct report *r, const struct sim_answer *a,
    enum bw_severity severity, const char *text)
{
	report_finding(r, &(struct bw_finding){
			      .severity = severity,
			      .file = a->base,
			      .text = text,
			  });
}

static bool
is_xml(const char *type)
{
	static const char *const types[] = {"application/xml", "text/xml"};

	for (size_t i = 0; type != NULL && i < 2; i++) {
		size_t n = strlen(types[i]);

		if (strncasecmp(type, types[i], n) == 0 &&
		    strchr("; \t", type[n]) != NULL)
			return true;
	}
	return false;
}

static struct sim_document *
parse(const struct sim_answer *a)
{
	struct sim_document *d;
	xmlDoc *xml;

	bw_xml_init();
	xml = xmlReadMemory(a->body.p, (int)a->body.n, NULL, NULL,
	    XML_PARSE_IGNORE_ENC | XML_PARSE_NONET | XML_PARSE_NOENT |
		XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
		XML_PARSE_COMPACT);
	if (xml == NULL)
		return NULL;
	d = sim_alloc(sizeof(*d));
	d->xml = xml;
	d->next = sim_node_element(xmlDocGetRootElement(xml)->children);
	d->base = sim_copy(a->base);
	return d;
}

struct sim_document *
sim_document_read(struct sim_world *w, const struct sim_reading *reading,
    const struct sim_answer *a)
{
	struct bw_str body = {a->body.p != NULL ? a->body.p : "", a->body.n};
	struct report r = {w, reading, 0};
	struct bw_reporter reporter = {report_finding, &r};
	struct bw_bxml_options options = {{NULL, 0}, false};
	struct sim_document *d;
	struct bw_error error = {0};

	if (reading->answering != NULL)
		options.answering = (struct bw_str){
		    reading->answering, strlen(reading->answering)};
	if (body.n == 0) {
		report_text(&r, a, BW_SEVERITY_ERROR,
		    "answer: empty, expected a BXML document");
		return NULL;
	}
	if (!is_xml(a->type)) {
		report_text(&r, a, BW_SEVERITY_WARNING,
		    "answer: Content-Type is neither application/xml nor "
		    "text/xml");
	}
	if (bw_bxml_check(a->base != NULL ? a->base : "BXML", body, &options,
		&reporter, &error) != BW_OK)
		return NULL;
	d = parse(a);
	if (d == NULL)
		report_text(
		    &r, a, BW_SEVERITY_ERROR, "answer: cannot be parsed");
	return d;
}

const xmlNode *
sim_document_step(struct sim_document *d)
{
	const xmlNode *node = d->next;

	if (node != NULL)
		d->next = sim_node_element(node->next);
	return node;
}

void
sim_document_free(struct sim_document *d)
{
	if (d == NULL)
		return;
	xmlFreeDoc(d->xml);
	free(d->base);
	free(d);
}
