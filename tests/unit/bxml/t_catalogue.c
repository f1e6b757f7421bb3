/*
 * Compares the table of the language with a catalogue in JSON, if BW_SPEC_DIR
 * names a folder with one.
 */
#include <stdio.h>
#include <stdlib.h>

#include <json.h>

#include "bxml/language.h"
#include "tests/tap/tap.h"

/* An element by its id; "Refer.SipUri" is one of two with that name. */
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
    {BWI_BXML_CHANGE, "enum-or-percent"},
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

/*
 * The attribute that belongs to a URL: the member named first or, for a
 * fallback URL, fallback.
 */
static const char *
partner_of(json_object *element, const char *url, const char *first,
    const char *second)
{
	json_object *list = json_object_object_get(element, "callbacks");
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n; i++) {
		json_object *c = json_object_array_get_idx(list, i);
		const char *primary = member(c, "urlAttribute");
		const char *fallback = member(c, "fallbackUrlAttribute");

		if (primary != NULL && strcmp(primary, url) == 0)
			return member(c, first);
		if (fallback != NULL && strcmp(fallback, url) == 0)
			return second != NULL ? member(c, second) : NULL;
	}
	return NULL;
}

static void
compare_number(json_object *value, const char *key, double got, const char *id,
    const char *name)
{
	json_object *o = json_object_object_get(value, key);

	is_int((long long)(got * 1000),
	    (long long)(json_object_get_double(o) * 1000), "%s %s: %s", id,
	    name, key);
}

static void
compare_range(const struct bwi_bxml_attr *a, const char *id, json_object *value)
{
	const char *default_value = member(value, "default");

	is_int(a->ranged, json_object_object_get(value, "max") != NULL,
	    "%s %s: range", id, a->name);
	compare_number(value, "min", a->min, id, a->name);
	compare_number(value, "max", a->max, id, a->name);
	compare_number(value, "maxLength", (double)a->length_max, id, a->name);
	is_str(a->unit, member(value, "unit"), "%s %s: unit", id, a->name);
	is_str(a->default_value,
	    default_value != NULL && strcmp(default_value, "\"\"") == 0
		? ""
		: default_value,
	    "%s %s: default", id, a->name);
	if (json_object_object_get(value, "status") != NULL)
		is_str(a->source == BWI_BXML_SDK      ? "sdk-only"
		       : a->source == BWI_BXML_RECENT ? "documented-2026"
						      : "documented",
		    member(value, "status"), "%s %s: status", id, a->name);
}

static void
compare_words(const struct bwi_bxml_attr *a, const char *id, json_object *value)
{
	json_object *list = json_object_object_get(value, "enum");
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	is_int(a->words != NULL ? (long long)a->words->n : 0, (long long)n,
	    "%s %s: number of words", id, a->name);
	for (size_t i = 0; i < n; i++) {
		const char *word =
		    json_object_get_string(json_object_array_get_idx(list, i));

		ok(bwi_bxml_word(
		       a->words, (struct bw_str){word, strlen(word)}) != NULL,
		    "%s %s: %s", id, a->name, word);
	}
}

static void
compare_url(const struct bwi_bxml_attr *a, const char *id, json_object *want)
{
	is_str(a->user,
	    partner_of(want, a->name, "usernameAttribute",
		"fallbackUsernameAttribute"),
	    "%s %s: user", id, a->name);
	is_str(a->method,
	    partner_of(
		want, a->name, "methodAttribute", "fallbackMethodAttribute"),
	    "%s %s: method", id, a->name);
	is_str(a->fallback,
	    partner_of(want, a->name, "fallbackUrlAttribute", NULL),
	    "%s %s: fallback", id, a->name);
}

static bool
has_callback(
    const struct bwi_bxml_element *e, const char *event, const char *url)
{
	for (size_t i = 0; i < e->ncallbacks; i++) {
		if (strcmp(e->callbacks[i].event, event) == 0 &&
		    strcmp(e->callbacks[i].url, url) == 0)
			return true;
	}
	return false;
}

/* Compare the callbacks of this element's own URLs. */
static void
compare_callbacks(
    const struct bwi_bxml_element *e, const char *id, json_object *want)
{
	json_object *list = json_object_object_get(want, "callbacks");
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	size_t own = 0;

	for (size_t i = 0; i < n; i++) {
		json_object *c = json_object_array_get_idx(list, i);
		const char *url = member(c, "urlAttribute");
		const char *event = member(c, "event");
		bool sync = strcmp(member(c, "mode"), "sync") == 0;

		if (url == NULL || bwi_bxml_attr(e, url) == NULL)
			continue;
		own++;
		if (event[0] == '(')
			event = "";
		ok(has_callback(e, event, url), "%s causes %s", id, event);
		is_int(bw_bxml_answers((struct bw_str){event, strlen(event)}),
		    sync, "%s is answered with BXML", event);
	}
	is_int((long long)e->ncallbacks, (long long)own,
	    "%s: number of callbacks", id);
}

static void
compare_children(
    const struct bwi_bxml_element *e, const char *id, json_object *want)
{
	json_object *list = json_object_object_get(want, "children");
	json_object *c =
	    list != NULL ? json_object_array_get_idx(list, 0) : NULL;

	if (c == NULL)
		return;
	compare_number(c, "min", (double)e->children_min, id, "children");
	compare_number(c, "max", (double)e->children_max, id, "children");
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
		compare_range(a, id, value);
		compare_words(a, id, value);
		if (a->type == BWI_BXML_URL)
			compare_url(a, id, want);
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
	compare_number(
	    text, "maxLength", (double)e->content.length_max, id, "text");
	compare_callbacks(e, id, want);
	compare_children(e, id, want);
	is_int(e->text_required,
	    json_object_get_boolean(json_object_object_get(text, "required")),
	    "%s: text required", id);
}

/* Is the verb in that list of a context? */
static bool
is_listed(json_object *context, const char *list, const char *verb)
{
	json_object *verbs = json_object_object_get(context, list);

	for (size_t i = 0; i < json_object_array_length(verbs); i++) {
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(verbs, i)),
			verb) == 0)
			return true;
	}
	return false;
}

static void
compare_contexts(json_object *contexts)
{
	json_object_object_foreach(contexts, event, want)
	{
		enum bwi_bxml_context context =
		    bwi_bxml_context((struct bw_str){event, strlen(event)});

		for (size_t i = 0; i < bwi_bxml_nelements; i++) {
			const struct bwi_bxml_element *e =
			    &bwi_bxml_elements[i];

			if (e->allowed == 0)
				continue;
			is_int(e->allowed >> context & 1,
			    is_listed(want, "allowed", e->name), "%s after %s",
			    e->name, event);
			is_int(e->unlisted >> context & 1,
			    is_listed(want, "unlisted", e->name),
			    "%s unlisted after %s", e->name, event);
		}
	}
}

static void
compare_all(const char *dir)
{
	char path[4096];
	json_object *all;

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
	compare_contexts(json_object_object_get(all, "$contexts"));
	json_object_put(all);
}

int
main(void)
{
	const char *dir = getenv("BW_SPEC_DIR");

	if (dir == NULL)
		return tap_skip_all("BW_SPEC_DIR is not set");
	compare_all(dir);
	return tap_done();
}
