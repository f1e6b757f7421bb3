/* Explains why the schema refuses a scenario file. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/person/role.h"
#include "sim/scenario/scenario_schema.h"

#define EXPECTED "hears plays wrong verb answered verdict callback ends"
#define ANYTIME	 "sometime never stored"
#define REST	 "complete redirect pause-recording resume-recording"
#define ACTIONS	 "presses says waits hangs-up"

/* What elements may contain: blank-separated names. */
static const struct rule {
	const char *name;
	const char *required;
	const char *optional; /* NULL: any attribute */
	const char *inside;   /* elements; NULL: text */
} rules[] = {
    {"scenarios", "", "flow at", "call message order portout"},
    {"call", "name",
	"from to url status-url fallback-url direction at does "
	"stir-shaken diversion uui sip-headers",
	"callee also rest " ACTIONS " " EXPECTED " " ANYTIME},
    {"message", "name", "from to text direction error url at",
	EXPECTED " " ANYTIME},
    {"order", "name", "type statuses numbers text url at",
	EXPECTED " " ANYTIME},
    {"portout", "name", "numbers pon pin account zip subscriber url at",
	EXPECTED " " ANYTIME},
    {"stored", "type", NULL, ""},
    {"verdict", "is", "", ""},
    {"callee", "number does", "", ""},
    {"also", "", "from to url after does", ""},
    {"rest", "does after", "conference url tag", ""},
    {"presses", "keys", "after", ""},
    {"says", "", "after", NULL},
    {"waits", "", "", ""},
    {"hangs-up", "", "after", ""},
    {"hears", "", "", NULL},
    {"plays", "", "", NULL},
    {"wrong", "", "", NULL},
    {"verb", "name", "", ""},
    {"answered", "", "", ""},
    {"callback", "event", NULL, ""},
    {"ends", "", "cause", ""},
    {"sometime", "", "", EXPECTED},
    {"never", "", "", EXPECTED},
};

/* Is the word in the list? */
static bool
is_among(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)) != NULL; p += n) {
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return true;
	}
	return false;
}

static const struct rule *
rule_of(const xmlNode *node)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp((const char *)node->name, rules[i].name) == 0)
			return &rules[i];
	}
	return NULL;
}

static bool
is_seconds(const char *value)
{
	char *end;
	double v = strtod(value, &end);

	return end != value && *end == '\0' && v >= 0 && v <= 86400;
}

/* Is it an error code? */
static bool
is_code(const char *value)
{
	size_t n = strspn(value, "0123456789");

	return n > 0 && n <= 5 && value[n] == '\0' && strspn(value, "0") < n;
}

/* What the value must be; NULL: it is valid. */
static const char *
wanted_value(const char *element, const char *name, const char *value)
{
	bool callback = strcmp(element, "callback") == 0;
	/* Other attributes of these elements are fields of events. */
	bool fields = callback || strcmp(element, "stored") == 0;

	if (strcmp(name, "keys") == 0 && !fields)
		return sim_is_keys(value) ? NULL : "keys: 0-9 * # A-D";
	if (strcmp(name, "error") == 0 && !fields)
		return is_code(value) ? NULL : "a number from 1 to 99999";
	if (strcmp(name, "after") == 0 && !fields)
		return is_seconds(value) ? NULL : "seconds, from 0 to 86400";
	if (strcmp(element, "verdict") == 0)
		return is_among("portable refused", value)
			   ? NULL
			   : "portable or refused";
	if (strcmp(name, "direction") == 0 && !fields)
		return is_among("inbound outbound", value)
			   ? NULL
			   : "inbound or outbound";
	if (strcmp(name, "name") == 0 && !fields)
		return *value != '\0' ? NULL : "a name";
	if (strcmp(element, "rest") == 0 && strcmp(name, "does") == 0)
		return is_among(REST, value)
			   ? NULL
			   : "complete, redirect, pause-recording or "
			     "resume-recording";
	if (callback &&
	    (strcmp(name, "delivered") == 0 || strcmp(name, "fallback") == 0))
		return is_among("true false", value) ? NULL : "true or false";
	return NULL;
}

/* sim_alloc'ed; NULL: no error found. */
static char *
explain_attributes(const xmlNode *node, const struct rule *r)
{
	const char *element = (const char *)node->name;

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const char *name = (const char *)a->name, *expected;
		xmlChar *value = xmlGetProp(node, a->name);

		expected = wanted_value(
		    element, name, value != NULL ? (const char *)value : "");
		xmlFree(value);
		if (r->optional != NULL && !is_among(r->required, name) &&
		    !is_among(r->optional, name))
			return sim_format("<%s> has no attribute \"%s\": it "
					  "has %s%s%s",
			    element, name, r->required,
			    *r->required != '\0' ? " " : "", r->optional);
		if (expected != NULL)
			return sim_format(
			    "<%s %s>: must be %s", element, name, expected);
	}
	return NULL;
}

static char *
explain_missing(const xmlNode *node, const struct rule *r)
{
	char *copy = sim_copy(r->required), *rest = copy, *word, *text = NULL;

	while (text == NULL && (word = strsep(&rest, " ")) != NULL) {
		if (*word != '\0' &&
		    xmlHasProp(node, (const xmlChar *)word) == NULL)
			text = sim_format("<%s>: the attribute \"%s\" is "
					  "missing",
			    (const char *)node->name, word);
	}
	free(copy);
	return text;
}

static char *
explain_child(const xmlNode *child, const struct rule *parent)
{
	const char *name = (const char *)child->name;

	if (child->type == XML_TEXT_NODE && !xmlIsBlankNode(child) &&
	    parent->inside != NULL)
		return sim_format(
		    "<%s>: text is not allowed in it", parent->name);
	if (child->type != XML_ELEMENT_NODE)
		return NULL;
	if (parent->inside == NULL || *parent->inside == '\0')
		return sim_format(
		    "<%s> in <%s>: not allowed: the element must be empty",
		    name, parent->name);
	if (!is_among(parent->inside, name))
		return sim_format("<%s> in <%s>: not allowed; expected: %s",
		    name, parent->name, parent->inside);
	return NULL;
}

/* An element after <sometime>, <never> or <stored>, which must be last. */
static char *
explain_order(const xmlNode *child)
{
	const char *name = (const char *)child->name;

	if (child->type != XML_ELEMENT_NODE || is_among(ANYTIME, name))
		return NULL;
	for (const xmlNode *n = child->prev; n != NULL; n = n->prev) {
		if (n->type == XML_ELEMENT_NODE &&
		    is_among(ANYTIME, (const char *)n->name))
			return sim_format(
			    "<%s> after <%s>: must come before it", name,
			    (const char *)n->name);
	}
	return NULL;
}

char *
sim_scenario_explain(const xmlNode *node, int *line)
{
	const struct rule *r = rule_of(node);
	char *text = NULL;

	if (r == NULL)
		return NULL;
	*line = (int)xmlGetLineNo(node);
	text = explain_attributes(node, r);
	if (text == NULL)
		text = explain_missing(node, r);
	for (const xmlNode *n = node->children; n != NULL && text == NULL;
	     n = n->next) {
		*line = (int)xmlGetLineNo(n);
		text = explain_child(n, r);
		if (text == NULL)
			text = explain_order(n);
		if (text == NULL && n->type == XML_ELEMENT_NODE)
			text = sim_scenario_explain(n, line);
	}
	return text;
}
