/* The verbs of an answer: what the caller hears, and what Bandwidth does. */
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/xml.h>

#include "mask/mask.h"
#include "page/ladder.h"

static struct bw_str
name_of(const xmlNode *n)
{
	return (struct bw_str){
	    (const char *)n->name, strlen((const char *)n->name)};
}

static bool
is(const xmlNode *n, const char *name)
{
	return strcmp((const char *)n->name, name) == 0;
}

/* Append the text of a node and of what is in it. */
static void
add_content(struct bw_buf *b, const xmlNode *n)
{
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type == XML_TEXT_NODE ||
		    c->type == XML_CDATA_SECTION_NODE)
			bw_buf_puts(b, (const char *)c->content);
		else if (c->type == XML_ELEMENT_NODE)
			add_content(b, c);
	}
}

/* The text of a verb, masked as that verb's text. */
static void
put_content(struct bwi_view *v, const xmlNode *n)
{
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_BXML_TAKEN);
	add_content(&b, n);
	bwi_view_value(v, bwi_mask_of_bxml(name_of(n), (struct bw_str){"", 0}),
	    (struct bw_str){b.n > 0 ? b.p : "", b.n});
	bw_buf_free(&b);
}

static void
put_said(struct bwi_view *v, const xmlNode *n)
{
	bwi_ladder_row(v, "said");
	bwi_html_class(&v->html, "span", "back first");
	bwi_view_put(v, "span", "who", "The caller hears ");
	if (is(n, "PlayAudio")) {
		bwi_html_puts(&v->html, "plays ");
		put_content(v, n);
	} else {
		bwi_html_tag(&v->html, "q");
		put_content(v, n);
		bwi_html_end(&v->html);
	}
	bwi_html_end(&v->html);
	bwi_html_end(&v->html);
}

/* The attributes that tell what a verb does; their masks are those of BXML. */
static void
put_attributes(struct bwi_view *v, const xmlNode *n)
{
	static const char *const shown[] = {"maxDigits", "terminatingDigits",
	    "firstDigitTimeout", "maxDuration", "callTimeout", "duration",
	    "redirectUrl", "transferCompleteUrl", "name"};

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		xmlChar *s = xmlGetNoNsProp(n, (const xmlChar *)shown[i]);
		struct bw_str name = {shown[i], strlen(shown[i])};

		if (s == NULL)
			continue;
		bwi_html_printf(&v->html, " \xc2\xb7 %s ", shown[i]);
		bwi_view_value(v, bwi_mask_of_bxml(name_of(n), name),
		    (struct bw_str){(const char *)s, strlen((const char *)s)});
		xmlFree(s);
	}
}

static void
put_pill(struct bwi_view *v, const xmlNode *n)
{
	bwi_ladder_row(v, "does");
	bwi_html_class(&v->html, "span", "pill");
	bwi_view_put(v, "span", "who", "Bandwidth does ");
	bwi_html_tag(&v->html, "b");
	bwi_html_text(&v->html, name_of(n));
	bwi_html_end(&v->html);
	put_attributes(v, n);
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type != XML_ELEMENT_NODE ||
		    !(is(c, "PhoneNumber") || is(c, "SipUri")))
			continue;
		bwi_html_puts(&v->html, " \xc2\xb7 ");
		put_content(v, c);
	}
	bwi_html_end(&v->html);
	bwi_html_end(&v->html);
}

static bool
is_prompt(const xmlNode *n)
{
	return is(n, "SpeakSentence") || is(n, "PlayAudio");
}

/* Prompts are what the caller hears while Bandwidth waits for a key. */
static void
put_verb(struct bwi_view *v, const xmlNode *n)
{
	if (is_prompt(n)) {
		put_said(v, n);
		return;
	}
	put_pill(v, n);
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE && is_prompt(c))
			put_said(v, c);
	}
}

/* An answer that is no BXML has no verbs. */
void
bwi_ladder_verbs(struct bwi_view *v, struct bw_str bxml)
{
	xmlDoc *doc;
	const xmlNode *root;

	if (bxml.n > BW_MAX_BXML_TAKEN)
		return;
	bw_xml_init();
	doc = xmlReadMemory(bxml.p, (int)bxml.n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (root != NULL && (is(root, "Response") || is(root, "Bxml"))) {
		for (const xmlNode *n = root->children; n != NULL;
		     n = n->next) {
			if (n->type == XML_ELEMENT_NODE)
				put_verb(v, n);
		}
	}
	xmlFreeDoc(doc);
}
