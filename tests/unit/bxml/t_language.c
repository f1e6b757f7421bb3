/* The table of the language is complete and unambiguous. */
#include <stdio.h>

#include "bxml/value.h"
#include "tests/tap/tap.h"

static const struct bwi_bxml_element *
find_id(const char *id)
{
	const char *dot = strchr(id, '.');
	char parent[32];

	if (dot != NULL) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(dot - id), id);
		return bwi_bxml_element(parent, dot + 1);
	}
	for (size_t i = bwi_bxml_nelements; i-- > 0;) {
		if (strcmp(bwi_bxml_elements[i].name, id) == 0)
			return &bwi_bxml_elements[i];
	}
	return NULL;
}

/* Each parent is a row itself, and no parent has two children of one name. */
static void
check_parents(const struct bwi_bxml_element *e)
{
	char parents[128], *save = NULL;

	snprintf(parents, sizeof(parents), "%s", e->parents);
	for (char *p = strtok_r(parents, "|", &save); p != NULL;
	     p = strtok_r(NULL, "|", &save)) {
		ok(find_id(p) != NULL, "%s stands in %s, a row", e->name, p);
		ok(bwi_bxml_element(p, e->name) == e, "%s in %s is one row",
		    e->name, p);
	}
}

/* True if the names of all attributes differ. */
static bool
unique_attrs(const struct bwi_bxml_element *e)
{
	for (size_t i = 0; i < e->nattrs; i++) {
		if (bwi_bxml_attr(e, e->attrs[i].name) != &e->attrs[i])
			return false;
	}
	return true;
}

/* NULL, or an attribute of the element? */
static bool
is_attr(const struct bwi_bxml_element *e, const char *name)
{
	return name == NULL || bwi_bxml_attr(e, name) != NULL;
}

static void
check_attrs(const struct bwi_bxml_element *e)
{
	bool users =
	    e->ends == NULL || e->ends[0] == '\0' || is_attr(e, e->ends);

	for (size_t i = 0; i < e->nattrs; i++) {
		const struct bwi_bxml_attr *a = &e->attrs[i];

		users = users && is_attr(e, a->user) && is_attr(e, a->method) &&
			is_attr(e, a->fallback);
		ok(a->default_value == NULL ||
			bwi_bxml_value_ok(a, (struct bw_str){a->default_value,
						 strlen(a->default_value)}),
		    "%s %s: its default is a value", e->name, a->name);
	}
	for (size_t i = 0; i < e->ncallbacks; i++)
		users = users && is_attr(e, e->callbacks[i].url);
	ok(unique_attrs(e), "%s: every attribute once", e->name);
	ok(users, "%s: names of attributes are attributes", e->name);
	ok(e->nattrs <= BWI_BXML_MAX_ATTRS, "%s: a word of bits is enough",
	    e->name);
}

static void
test_rows(void)
{
	size_t verbs = 0, attrs = 0, roots = 0;

	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		check_parents(e);
		check_attrs(e);
		roots += bwi_bxml_stands_in(e, NULL);
		verbs += bwi_bxml_stands_in(e, "Response");
		if (!bwi_bxml_stands_in(e, "SpeakSentence"))
			attrs += e->nattrs;
	}
	is_int((long long)roots, 2, "roots");
	is_int((long long)verbs, 26, "verbs");
	is_int((long long)attrs, 183, "attributes outside SSML");
}

static void
test_lookup(void)
{
	const struct bwi_bxml_element *e;

	ok(bwi_bxml_element("Refer", "SipUri") !=
		bwi_bxml_element("Transfer", "SipUri"),
	    "SipUri is two elements");
	ok(bwi_bxml_element("Response", "SipUri") == NULL, "and no verb");
	ok(bwi_bxml_element("Bxml", "Hangup") != NULL,
	    "verbs in the other root");
	ok(bwi_bxml_element("Gather", "Hangup") == NULL, "Hangup in Gather");
	ok(bwi_bxml_element(NULL, "Hangup") == NULL, "Hangup as a root");
	ok(bwi_bxml_element("", "") == NULL, "nothing");
	ok(bwi_bxml_element("Resp", "Hangup") == NULL, "half a parent");
	ok(bwi_bxml_element("emphasis", "break") != NULL, "SSML in SSML");
	ok(bwi_bxml_element("break", "p") == NULL, "SSML in an empty element");
	e = bwi_bxml_element("Response", "Redirect");
	is_str(bwi_bxml_attr(e, "redirectUrl")->user, "username",
	    "the user of a URL");
	is_str(bwi_bxml_attr(e, "redirectFallbackUrl")->user,
	    "fallbackUsername", "the user of a fallback URL");
	ok(bwi_bxml_attr(e, "redirecturl") == NULL, "names have a case");
}

static void
test_standards(void)
{
	static const struct {
		const char *element;
		const char *attribute;
		const char *want;
	} rows[] = {
	    {"Gather", "firstDigitTimeout", "5"},
	    {"Gather", "terminatingDigits", ""},
	    {"Record", "terminatingDigits", "#"},
	    {"SipUri", "transferAnswerMethod", "POST"},
	    {"Gather", "gatherUrl", NULL},
	    {"Gather", "Duration", NULL},
	    {"Tea", "duration", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_str(bw_bxml_default(rows[i].element, rows[i].attribute),
		    rows[i].want, "%s %s", rows[i].element, rows[i].attribute);
	}
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		for (size_t j = 0; j < e->nattrs; j++) {
			const char *got =
			    bw_bxml_default(e->name, e->attrs[j].name);

			is_str(got, e->attrs[j].default_value, "%s %s", e->name,
			    e->attrs[j].name);
		}
	}
}

int
main(void)
{
	test_standards();
	test_rows();
	test_lookup();
	return tap_done();
}
