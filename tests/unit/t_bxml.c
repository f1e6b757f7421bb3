/* The table of the language: whole, unambiguous, and as it is documented. */
#include <stdio.h>
#include <stdlib.h>

#include <json.h>

#include "bxml.h"
#include "tap.h"

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

/* Each place is a row itself, and no name stands twice in one place. */
static void
check_places(const struct bwi_bxml_element *e)
{
	char places[128], *save = NULL;

	snprintf(places, sizeof(places), "%s", e->parents);
	for (char *p = strtok_r(places, "|", &save); p != NULL;
	     p = strtok_r(NULL, "|", &save)) {
		ok(find_id(p) != NULL, "%s stands in %s, a row", e->name, p);
		ok(bwi_bxml_element(p, e->name) == e, "%s in %s is one row",
		    e->name, p);
	}
}

/* True when no attribute has the name of another. */
static bool
unique_attrs(const struct bwi_bxml_element *e)
{
	for (size_t i = 0; i < e->nattrs; i++) {
		if (bwi_bxml_attr(e, e->attrs[i].name) != &e->attrs[i])
			return false;
	}
	return true;
}

static void
check_attrs(const struct bwi_bxml_element *e)
{
	bool users = true;

	for (size_t i = 0; i < e->nattrs; i++) {
		const char *user = e->attrs[i].user;

		if (user != NULL && bwi_bxml_attr(e, user) == NULL)
			users = false;
	}
	ok(unique_attrs(e), "%s: every attribute once", e->name);
	ok(users, "%s: users of URLs are attributes", e->name);
	ok(e->nattrs <= 32, "%s: a word of bits is enough", e->name);
}

static void
test_rows(void)
{
	size_t verbs = 0, attrs = 0, roots = 0;

	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		check_places(e);
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
	ok(bwi_bxml_element("break", "p") == NULL, "SSML in what is empty");
	e = bwi_bxml_element("Response", "Redirect");
	is_str(bwi_bxml_attr(e, "redirectUrl")->user, "username",
	    "the user of a URL");
	is_str(bwi_bxml_attr(e, "redirectFallbackUrl")->user,
	    "fallbackUsername", "the user of a fallback URL");
	ok(bwi_bxml_attr(e, "redirecturl") == NULL, "names have a case");
}

static const struct {
	enum bwi_bxml_type type;
	const char *name;
} types[] = {
    {BWI_BXML_STRING, "string"},
    {BWI_BXML_BOOLEAN, "boolean"},
    {BWI_BXML_INTEGER, "integer"},
    {BWI_BXML_DECIMAL, "decimal"},
    {BWI_BXML_ENUM, "enum"},
    {BWI_BXML_METHOD, "method"},
    {BWI_BXML_URL, "url"},
    {BWI_BXML_WSURL, "wsurl"},
    {BWI_BXML_NUMBER, "e164"},
    {BWI_BXML_CALLER, "e164-or-anonymous"},
    {BWI_BXML_CALLEE, "e164-or-sip-uri"},
    {BWI_BXML_SIP_URI, "sip-uri"},
    {BWI_BXML_DISPLAY, "display-name"},
    {BWI_BXML_CALL_ID, "call-id"},
    {BWI_BXML_CALL_IDS, "call-id-list"},
    {BWI_BXML_NAME, "conference-name"},
    {BWI_BXML_KEYS, "dtmf-set"},
    {BWI_BXML_DTMF, "dtmf-string"},
    {BWI_BXML_UUI, "uui"},
    {BWI_BXML_LOCALE, "language-tag"},
    {BWI_BXML_LOCALES, "locale-list"},
    {BWI_BXML_DURATION, "duration"},
    {BWI_BXML_PERCENT, "enum-or-percent"},
    {BWI_BXML_DECIBEL, "enum-or-db"},
    {BWI_BXML_SSML, "ssml"},
};

static const char *
type_name(enum bwi_bxml_type type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	return "none";
}

static const char *
member(json_object *o, const char *key)
{
	return json_object_get_string(json_object_object_get(o, key));
}

/* The attribute that carries the user for a URL, by the event it causes. */
static const char *
user_of(json_object *element, const char *url)
{
	json_object *list = json_object_object_get(element, "callbacks");
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n; i++) {
		json_object *c = json_object_array_get_idx(list, i);
		const char *primary = member(c, "urlAttribute");
		const char *fallback = member(c, "fallbackUrlAttribute");

		if (primary != NULL && strcmp(primary, url) == 0)
			return member(c, "usernameAttribute");
		if (fallback != NULL && strcmp(fallback, url) == 0)
			return member(c, "fallbackUsernameAttribute");
	}
	return NULL;
}

static void
compare_attrs(
    const struct bwi_bxml_element *e, const char *id, json_object *want)
{
	json_object *attrs = json_object_object_get(want, "attributes");

	is_int((long long)e->nattrs, json_object_object_length(attrs),
	    "%s: number of attributes", id);
	json_object_object_foreach(attrs, name, value)
	{
		const struct bwi_bxml_attr *a = bwi_bxml_attr(e, name);

		if (!ok(a != NULL, "%s %s is there", id, name))
			continue;
		is_str(type_name(a->type), member(value, "type"), "%s %s: type",
		    id, name);
		is_int(a->required,
		    json_object_get_boolean(
			json_object_object_get(value, "required")),
		    "%s %s: required", id, name);
		if (a->type == BWI_BXML_URL)
			is_str(a->user, user_of(want, name), "%s %s: user", id,
			    name);
	}
}

static void
compare_element(const char *id, json_object *want)
{
	const struct bwi_bxml_element *e = find_id(id);
	json_object *text = json_object_object_get(want, "text");

	if (!ok(e != NULL, "%s is there", id))
		return;
	compare_attrs(e, id, want);
	if (text == NULL)
		return;
	is_str(type_name(e->text),
	    json_object_object_get_ex(text, "type", NULL) ? member(text, "type")
							  : "none",
	    "%s: type of text", id);
	is_int(e->text_required,
	    json_object_get_boolean(json_object_object_get(text, "required")),
	    "%s: text required", id);
}

/* Compare with a catalogue of the language, where there is one. */
static void
test_catalogue(void)
{
	const char *dir = getenv("BW_SPEC_DIR");
	char path[4096];
	json_object *all;

	if (dir == NULL) {
		tap_diag("BW_SPEC_DIR is not set: nothing to compare with");
		return;
	}
	snprintf(path, sizeof(path), "%s/bxml.json", dir);
	all = json_object_from_file(path);
	if (!ok(all != NULL, "%s is JSON", path))
		return;
	json_object_object_foreach(all, id, value)
	{
		if (id[0] != '$')
			compare_element(id, value);
	}
	json_object_object_foreach(
	    json_object_object_get(all, "$ssml"), name, ssml)
	{
		compare_element(name, ssml);
	}
	json_object_put(all);
}

int
main(void)
{
	test_rows();
	test_lookup();
	test_catalogue();
	return tap_done();
}
