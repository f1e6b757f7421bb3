#include "verdicts.h"
#include "base/request.h"
#include "base/response.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libxml/relaxng.h>

#include <bwcallback/callback.h>

#include "tests/tap/tap.h"

static struct bw_callback_context *worker;
static struct bw_response resp;
static xmlRelaxNG *schema;

static xmlRelaxNG *
load_schema(void)
{
	char path[4096];
	xmlRelaxNGParserCtxt *parser;
	xmlRelaxNG *s;

	(void)snprintf(path, sizeof(path),
	    "%s/../../schema/"
	    "portout-response.rng",
	    tap_data_dir());
	parser = xmlRelaxNGNewParserCtxt(path);
	s = xmlRelaxNGParse(parser);
	xmlRelaxNGFreeParserCtxt(parser);
	return s;
}

static void
ignore(void *arg, const char *fmt, ...)
{
	(void)arg;
	(void)fmt;
}

bool
verdicts_begin(void)
{
	schema = load_schema();
	xmlSetGenericErrorFunc(NULL, ignore);
	bwi_response_init(&resp);
	worker = bw_callback_context_new();
	return schema != NULL && worker != NULL;
}

void
verdicts_end(void)
{
	bw_callback_context_free(worker);
	bwi_response_release(&resp);
	xmlRelaxNGFree(schema);
	xmlRelaxNGCleanupTypes();
	xmlCleanupParser();
}

void
verdicts_renew(void)
{
	bw_callback_context_free(worker);
	worker = bw_callback_context_new();
	bwi_response_release(&resp);
	bwi_response_init(&resp);
}

const struct bw_response *
verdicts_response(void)
{
	return &resp;
}

static struct bw_request
make_request(const char *path, struct bw_str body)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct bw_request){
	    .method = BW_METHOD_POST,
	    .method_name = BW_STR("POST"),
	    .path = {path, strlen(path)},
	    .content_type = BW_STR("application/xml; charset=utf-8"),
	    .content_length = (int64_t)body.n,
	    .body = body,
	    .arrived = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec,
	};
}

void
verdicts_send(struct bw_config *config, const char *path, struct bw_str body)
{
	struct bw_request req = make_request(path, body);

	bw_callback_answer(worker, config, &req, &resp);
}

void
verdicts_replay(struct bw_config *config, const char *path, struct bw_str body)
{
	struct bw_request req = make_request(path, body);

	bw_callback_replay(worker, config, &req, &resp);
}

static struct bw_str
answer(void)
{
	if (resp.prepared.p != NULL)
		return resp.prepared;
	return resp.body.p != NULL ? (struct bw_str){resp.body.p, resp.body.n}
				   : (struct bw_str){"", 0};
}

/* NULL if Bandwidth can parse the answer. */
const char *
verdicts_fault(void)
{
	struct bw_str a = answer();
	xmlRelaxNGValidCtxt *valid;
	const char *why = NULL;
	xmlDoc *doc;

	if (resp.status != 200)
		return "status";
	if (resp.content_type == NULL ||
	    strcmp(resp.content_type, "application/xml") != 0)
		return "type";
	doc = xmlReadMemory(a.p, (int)a.n, NULL, NULL, XML_PARSE_NOERROR);
	if (doc == NULL)
		return "not well-formed";
	valid = xmlRelaxNGNewValidCtxt(schema);
	if (xmlRelaxNGValidateDoc(valid, doc) != 0)
		why = "not valid";
	xmlRelaxNGFreeValidCtxt(valid);
	xmlFreeDoc(doc);
	return why;
}

/* The codes of the answer, "" if the numbers may leave, "?" if unclear. */
const char *
verdicts_codes(void)
{
	static char list[256];
	struct bw_str a = answer();
	static char text[65536];
	const char *p = text;
	size_t n = 0;

	if (a.n >= sizeof(text))
		return "?";
	memcpy(text, a.p, a.n);
	text[a.n] = '\0';
	if (strstr(text, "<Portable>true</Portable>") != NULL)
		return "";
	list[0] = '\0';
	while ((p = strstr(p, "<Code>")) != NULL && n < sizeof(list) - 6) {
		p += 6;
		n += (size_t)snprintf(
		    list + n, sizeof(list) - n, "%s%.4s", n > 0 ? " " : "", p);
	}
	return n > 0 ? list : "?";
}

bool
verdicts_hold(const char *text)
{
	struct bw_str a = answer();

	return memmem(a.p, a.n, text, strlen(text)) != NULL;
}
