/* Reads the answer to a port-out request as strictly as Bandwidth may. */
#include "sim/family/portout_response.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include <bwcallback/tools/xml.h>

#include "sim/base/memory.h"

static const xmlNode *
child(const xmlNode *parent, const char *name)
{
	const xmlNode *n = parent != NULL ? parent->children : NULL;

	while (n != NULL && (n->type != XML_ELEMENT_NODE ||
				strcmp((const char *)n->name, name) != 0))
		n = n->next;
	return n;
}

/* The text of an element without the white space around it; sim_alloc'ed. */
static char *
text_of(const xmlNode *n)
{
	xmlChar *content;
	const char *p;
	size_t length;
	char *text;

	if (n == NULL)
		return NULL;
	content = xmlNodeGetContent(n);
	if (content == NULL)
		sim_no_memory();
	p = (const char *)content;
	p += strspn(p, " \t\r\n");
	length = strlen(p);
	while (length > 0 && strchr(" \t\r\n", p[length - 1]) != NULL)
		length--;
	text = sim_copy_str((struct bw_str){p, length});
	xmlFree(content);
	return text;
}

/* The valid codes (Numbers API): with any other one the port-out succeeds. */
static int
read_code(const char *text)
{
	int code = 0;

	if (text == NULL || strlen(text) != 4)
		return 0;
	for (int i = 0; i < 4; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		code = code * 10 + (text[i] - '0');
	}
	return (code >= 7510 && code <= 7519) || code == 7598 ? code : 0;
}

static void
read_errors(struct sim_portout_response *v, const xmlNode *errors)
{
	const xmlNode *n = errors != NULL ? errors->children : NULL;

	for (; n != NULL; n = n->next) {
		char *text;
		int code;

		if (n->type != XML_ELEMENT_NODE)
			continue;
		text = text_of(child(n, "Code"));
		code = read_code(text);
		free(text);
		if (v->code == 0)
			v->code = code;
		/* These codes cancel the order. */
		if (code >= 7516 && code <= 7518)
			v->ends = true;
	}
}

static bool
has_element(const xmlNode *parent)
{
	const xmlNode *n = parent != NULL ? parent->children : NULL;

	while (n != NULL && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n != NULL;
}

static void
refuse(struct sim_portout_response *v, const xmlNode *root)
{
	read_errors(v, child(root, "Errors"));
	if (v->code == 0) {
		v->wrong = "a refusal without any of the codes 7510 to 7519 "
			   "and 7598: Bandwidth ignores it";
		return;
	}
	v->portable = false;
	if (!has_element(child(root, "AcceptableValues"))) {
		v->wrong = "a refusal without AcceptableValues: Bandwidth "
			   "expects at least one";
		v->harmless = true;
	}
}

static void
read_root(struct sim_portout_response *v, const xmlNode *root, const char *pon)
{
	char *portable, *echo;

	if (root == NULL || strcmp((const char *)root->name,
				"PortOutValidationResponse") != 0) {
		v->wrong = "not a PortOutValidationResponse";
		return;
	}
	portable = text_of(child(root, "Portable"));
	if (portable != NULL && strcmp(portable, "false") == 0)
		refuse(v, root);
	else if (portable == NULL || strcmp(portable, "true") != 0)
		v->wrong = "Portable is neither true nor false";
	free(portable);
	echo = text_of(child(root, "PON"));
	if (v->wrong == NULL && echo != NULL &&
	    (pon == NULL || strcmp(echo, pon) != 0)) {
		v->wrong = "the PON differs from the request's";
		v->harmless = true;
	}
	free(echo);
}

void
sim_portout_response_read(
    struct sim_portout_response *v, struct bw_str document, const char *pon)
{
	xmlDoc *doc;

	*v = (struct sim_portout_response){.portable = true};
	bw_xml_init();
	doc = xmlReadMemory(document.n > 0 ? document.p : "", (int)document.n,
	    NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc == NULL) {
		v->wrong =
		    document.n > 0 ? "not well-formed XML" : "an empty answer";
		return;
	}
	read_root(v, xmlDocGetRootElement(doc), pon);
	xmlFreeDoc(doc);
}
