/*
 * Templates: a sink, a template and a value of an event. The value never adds
 * an element or attribute, and never determines the target of a URL.
 */
#include "template/template.h"

#include <stdlib.h>

#include <libxml/parser.h>

#include "fuzz.h"

#define MAX_URL 8192

static const struct bw_event *
decode_value(struct bw_decoder *d, struct bw_buf *query, struct bw_str value)
{
	const struct bw_event *const *events = NULL;
	struct bw_payload in = {.get = true};
	size_t n = 0;

	bw_buf_puts(query, "eventType=gather&accountId=1&v=");
	bw_buf_url(query, value);
	in.query = (struct bw_str){query->p, query->n};
	if (bw_decode(d, &in, &events, &n, NULL) != BW_OK || n != 1)
		return NULL;
	return events[0];
}

/* Scheme and host, as the most lenient parser would see them. */
static struct bw_str
target_of(const char *url)
{
	size_t i = strcspn(url, ":/\\?#"), end;

	if (url[i] == ':')
		i++;
	else if (strspn(url, "/\\") >= 2)
		i = 0;
	else
		return (struct bw_str){"", 0};
	end = i + strspn(url + i, "/\\");
	end += strcspn(url + end, "/\\?#");
	return (struct bw_str){url, end};
}

/* The document must be one element with one attribute; copy its value. */
static bool
read_back(const struct bw_buf *b, char *url)
{
	xmlDoc *doc = xmlReadMemory(b->p, (int)b->n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	const xmlNode *root;
	xmlChar *value;
	bool fits;

	if (doc == NULL)
		abort();
	root = xmlDocGetRootElement(doc);
	if (root->children != NULL || root->properties == NULL ||
	    root->properties->next != NULL)
		abort();
	value = xmlGetProp(root, (const xmlChar *)"b");
	fits = value != NULL && strlen((char *)value) < MAX_URL;
	if (fits)
		memcpy(url, value, strlen((char *)value) + 1);
	xmlFree(value);
	xmlFreeDoc(doc);
	return fits;
}

static bool
render(const struct bwi_template *t, struct bw_str value, char *url)
{
	struct bw_decoder *d = bw_decoder_new();
	const struct bw_event *event;
	struct bwi_arena arena;
	struct bw_buf query, out;
	bool good = false;

	bwi_arena_init(&arena);
	bw_buf_init(&query, 65536);
	bw_buf_init(&out, 65536);
	event = decode_value(d, &query, value);
	if (event != NULL &&
	    bwi_template_render(t, event, &arena, &out, NULL) == BW_OK)
		good = read_back(&out, url);
	bw_buf_free(&query);
	bw_buf_free(&out);
	bwi_arena_free(&arena);
	bw_decoder_free(d);
	return good;
}

static void
check(const struct bwi_template *t, struct bw_str value, enum bwi_sink sink)
{
	static char first[MAX_URL], second[MAX_URL];

	if (!render(t, value, first) || sink != BWI_SINK_URL)
		return;
	if (render(t, BW_STR("x"), second) &&
	    !bw_str_eq(target_of(first), target_of(second)))
		abort();
}

/*
 * Input: the first byte is the sink, then the template up to a NUL, then the
 * value.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct bwi_tables none = {NULL, 0};
	const struct bwi_template *t = NULL;
	struct bwi_template_builder b;
	struct bwi_arena arena;
	struct bwi_slot slot = {BWI_SINK_XML, false, false};
	struct bw_error e = {0};
	struct bw_str source, value;
	const char *nul;

	if (n < 2)
		return 0;
	slot.sink = (enum bwi_sink)(p[0] % (BWI_SINK_CALLEE + 1));
	source = (struct bw_str){(const char *)p + 1, n - 1};
	nul = memchr(source.p, '\0', source.n);
	if (nul == NULL)
		return 0;
	value.p = nul + 1;
	value.n = source.n - (size_t)(nul - source.p) - 1;
	source.n = (size_t)(nul - source.p);
	bwi_arena_init(&arena);
	bwi_template_init(&b, &arena, &none);
	bwi_template_literal(&b, BW_STR("<a b=\""));
	if (bwi_template_value(&b, source, slot, &e) == BW_OK) {
		bwi_template_literal(&b, BW_STR("\"/>"));
		if (bwi_template_finish(&b, &t, &e) == BW_OK)
			check(t, value, slot.sink);
	}
	fuzz_check_error(e.code, &e);
	bwi_template_free(&b);
	bwi_arena_free(&arena);
	return 0;
}
