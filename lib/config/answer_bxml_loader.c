/* Compiling a <Response> into a template. */
#include "bxml/check.h"
#include "config/rule_loader.h"

#include <bwcallback/limits.h>

#include "base/str.h"
#include "config/field_check.h"
#include "template/value_check.h"

struct writer {
	struct bwi_loader *loader;
	struct bwi_template_builder out;
	bool failed;
};

/*
 * How a value of each type is escaped, and whether it may be empty: a value may
 * be empty only if it is plain text or a part of a URL, since "" is not a
 * number.
 */
static struct bwi_slot
slot_of(enum bwi_bxml_type type)
{
	switch (type) {
	case BWI_BXML_NONE:
	case BWI_BXML_STRING:
	case BWI_BXML_DISPLAY:
	case BWI_BXML_KEYS:
	case BWI_BXML_CALL_IDS:
	case BWI_BXML_SSML:
		return (struct bwi_slot){BWI_SINK_XML, false, false};
	case BWI_BXML_URL:
	case BWI_BXML_WSURL:
		return (struct bwi_slot){BWI_SINK_URL, false, false};
	case BWI_BXML_SIP_URI:
		return (struct bwi_slot){BWI_SINK_SIP, true, false};
	case BWI_BXML_CALLEE:
		return (struct bwi_slot){BWI_SINK_CALLEE, true, false};
	default:
		return (struct bwi_slot){BWI_SINK_XML, true, false};
	}
}

static void
put(struct writer *w, const char *s)
{
	bwi_template_literal(&w->out, (struct bw_str){s, strlen(s)});
}

static void
put_value(struct writer *w, const xmlNode *node, struct bw_str source,
    enum bwi_bxml_type type)
{
	const xmlNode *element =
	    node->type == XML_ELEMENT_NODE ? node : node->parent;
	struct bw_error e = {0};
	size_t first = w->out.n;

	if (bwi_template_value(&w->out, source, slot_of(type), &e) == BW_OK) {
		bwi_field_check_values(w->loader, node, &w->out, first,
		    (const char *)element->name);
		return;
	}
	bwi_loader_report_error(w->loader, node, &e);
	w->failed = true;
}

/* Begin a part that is checked at each rendering, see close_part. */
static bool
open_part(struct writer *w, const struct bwi_bxml_element *row,
    const struct bwi_value_check *position, struct bwi_template_check *check)
{
	*check =
	    bwi_value_check_check(&w->loader->config->arena, row, position);
	if (check->fn == NULL)
		return false;
	if (check->arg == NULL) {
		bwi_loader_no_memory(w->loader);
		w->failed = true;
		return false;
	}
	bwi_template_begin(&w->out);
	return true;
}

/* End a part that began with that segment. */
static void
close_part(struct writer *w, const xmlNode *node, size_t first,
    const struct bwi_template_check *check)
{
	if (bwi_template_always_fails(&w->out, first, check))
		bwi_loader_fails(w->loader, node,
		    "%s: no event of this rule has these fields, so the answer "
		    "always fails",
		    check->why);
	bwi_template_end(&w->out, check);
}

static bool
has_attr(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (a->ns == NULL && strcmp((const char *)a->name, name) == 0)
			return true;
	}
	return false;
}

static size_t
count_elements(const xmlNode *node)
{
	size_t n = 0;

	for (const xmlNode *c = node->children; c != NULL; c = c->next)
		n += c->type == XML_ELEMENT_NODE;
	return n;
}

/* The rules for a value with placeholders, given the attributes beside it. */
static struct bwi_value_check
value_check_of(const struct writer *w, const xmlNode *node,
    const struct bwi_bxml_attr *attr)
{
	struct bwi_value_check p = {.kind = *attr};
	size_t prompts = count_elements(node);

	p.kind.required = false; /* the attribute is present */
	if (attr->https)
		p.https = w->loader->login != NULL ||
			  has_attr(node, "username") ||
			  has_attr(node, "password") ||
			  has_attr(node, "fallbackUsername") ||
			  has_attr(node, "fallbackPassword");
	if (strcmp(attr->name, "repeatCount") == 0 && prompts > 0)
		p.kind.max = (double)(BWI_BXML_MAX_PROMPTS / prompts);
	return p;
}

static void
put_attr_value(struct writer *w, const xmlNode *node, struct bw_str value,
    const struct bwi_bxml_element *row, const struct bwi_bxml_attr *attr)
{
	struct bwi_template_check check;
	struct bwi_value_check position;
	size_t first = w->out.n;
	bool looked_at = false;

	if (attr == NULL) {
		put_value(w, node, value, BWI_BXML_STRING);
		return;
	}
	if (bwi_str_has_placeholder(value)) {
		position = value_check_of(w, node, attr);
		looked_at = open_part(w, row, &position, &check);
	}
	put_value(w, node, value, attr->type);
	if (looked_at)
		close_part(w, node, first, &check);
}

static void
put_attr(struct writer *w, const xmlNode *node, const xmlAttr *a,
    const struct bwi_bxml_element *row)
{
	const struct bwi_bxml_attr *attr = NULL;
	const char *name = (const char *)a->name;
	struct bw_str value = {"", 0};

	if (a->ns != NULL && strcmp(name, "base") == 0)
		return; /* xml:base is of no use in the answer */
	if (row != NULL)
		attr = bwi_bxml_attr(row, name);
	if (a->children != NULL && a->children->content != NULL) {
		value.p = (const char *)a->children->content;
		value.n = strlen(value.p);
	}
	put(w, " ");
	if (a->ns != NULL && a->ns->prefix != NULL) { /* xml:lang */
		put(w, (const char *)a->ns->prefix);
		put(w, ":");
	}
	put(w, name);
	put(w, "=\"");
	put_attr_value(w, node, value, row, attr);
	put(w, "\"");
}

/*
 * Collapse white space, so that the configuration's indentation is not spoken.
 * Returns the new length. trim: also at both ends.
 */
static size_t
fold_lines(char *s, size_t n, bool trim)
{
	size_t out = 0;

	for (size_t i = 0; i < n;) {
		size_t start = i;
		bool line_end = false;

		while (i < n && bw_is_space(s[i]))
			line_end = s[i++] == '\n' || line_end;
		if (line_end || (trim && i > start)) {
			if (!trim || (out != 0 && i < n))
				s[out++] = ' ';
		} else if (i > start) {
			memmove(s + out, s + start, i - start);
			out += i - start;
		}
		if (i < n)
			s[out++] = s[i++];
	}
	return out;
}

static void
put_text(struct writer *w, const xmlNode *text, enum bwi_bxml_type type)
{
	struct bwi_arena *arena = &w->loader->config->arena;
	const char *content = (const char *)text->content;
	struct bw_str s;
	char *copy;

	if (content == NULL || type == BWI_BXML_NONE)
		return;
	s = (struct bw_str){content, strlen(content)};
	copy = bwi_arena_alloc(arena, s.n + 1);
	if (copy == NULL) {
		bwi_loader_no_memory(w->loader);
		w->failed = true;
		return;
	}
	memcpy(copy, s.p, s.n);
	s.n = fold_lines(copy, s.n, type != BWI_BXML_SSML);
	put_value(w, text, (struct bw_str){copy, s.n}, type);
}

static void
put_children(struct writer *, const xmlNode *, const struct bwi_bxml_element *);

/* Does its text, or that of its children, contain a placeholder? */
static bool
is_open(const xmlNode *node)
{
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		const char *s = (const char *)c->content;

		if (c->type == XML_ELEMENT_NODE && is_open(c))
			return true;
		if (c->type == XML_TEXT_NODE && s != NULL &&
		    bwi_str_has_placeholder((struct bw_str){s, strlen(s)}))
			return true;
	}
	return false;
}

static void
put_content(
    struct writer *w, const xmlNode *node, const struct bwi_bxml_element *row)
{
	struct bwi_value_check position = {.text = true};
	struct bwi_template_check check;
	size_t first = w->out.n;
	bool looked_at = false;

	if (row != NULL && row->text != BWI_BXML_NONE &&
	    (row->text != BWI_BXML_SSML || row->text_required) &&
	    is_open(node)) {
		position.kind = row->content;
		position.kind.required = row->text_required;
		looked_at = open_part(w, row, &position, &check);
	}
	put_children(w, node, row);
	if (looked_at)
		close_part(w, node, first, &check);
}

static void
put_element(struct writer *w, const xmlNode *node, const char *parent)
{
	const char *name = (const char *)node->name;
	const struct bwi_bxml_element *row = bwi_bxml_element(parent, name);

	put(w, "<");
	put(w, name);
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		put_attr(w, node, a, row);
	if (row != NULL)
		bwi_loader_inject(w->loader, node, row, &w->out);
	if (node->children == NULL) {
		put(w, "/>");
		return;
	}
	put(w, ">");
	put_content(w, node, row);
	put(w, "</");
	put(w, name);
	put(w, ">");
}

/* Skip comments, instructions and white space between verbs. */
static void
put_children(
    struct writer *w, const xmlNode *node, const struct bwi_bxml_element *row)
{
	enum bwi_bxml_type type = row != NULL ? row->text : BWI_BXML_SSML;

	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			put_element(w, c, (const char *)node->name);
		else if (c->type == XML_TEXT_NODE)
			put_text(w, c, type);
	}
}

/* Forward a finding of the checker, and count errors. */
static void
on_finding(void *arg, const struct bw_finding *f)
{
	struct bwi_loader *l = arg;

	if (f->severity == BW_SEVERITY_ERROR)
		bwi_loader_error_at(
		    l, BW_ERR_CONFIG, f->file, f->line, f->column, f->text);
	else if (l->reporter != NULL && l->reporter->fn != NULL)
		l->reporter->fn(l->reporter->arg, f);
}

static bool
check(struct bwi_loader *l, const xmlNode *node, unsigned contexts)
{
	const struct bwi_bxml_checking how = {
	    .file = bwi_loader_file(node),
	    .templates = true,
	    .contexts = contexts,
	};
	const struct bw_reporter to_us = {on_finding, l};
	struct bw_error e = {0};
	enum bw_err before = l->err, err;

	l->err = BW_OK;
	err = bwi_bxml_check_node(&how, node, &to_us, &e);
	if (err != BW_OK && l->err == BW_OK)
		bwi_loader_report_error(l, node, &e);
	if (before != BW_OK)
		l->err = before;
	return err == BW_OK;
}

unsigned
bwi_loader_fit(const xmlNode *response)
{
	unsigned fit = ~0U;

	for (const xmlNode *n = response->children; n != NULL; n = n->next) {
		const struct bwi_bxml_element *verb = NULL;

		if (n->type == XML_ELEMENT_NODE)
			verb =
			    bwi_bxml_element("Response", (const char *)n->name);
		if (verb != NULL)
			fit &= verb->allowed | verb->unlisted;
	}
	return fit;
}

const struct bwi_template *
bwi_loader_response(
    struct bwi_loader *l, const xmlNode *node, unsigned contexts, bool *values)
{
	struct bwi_tables tables = {l->config->tables, l->config->ntables};
	struct writer w = {.loader = l};
	const struct bwi_template *t = NULL;
	struct bw_error e = {0};

	if (!l->compiled && !check(l, node, contexts))
		return NULL;
	bwi_template_init(&w.out, &l->config->arena, &tables);
	put_element(&w, node, NULL);
	*values = bwi_template_has_values(&w.out);
	if (!w.failed && bwi_template_finish(&w.out, &t, &e) != BW_OK)
		bwi_loader_report_error(l, node, &e);
	bwi_template_free(&w.out);
	if (t != NULL && !*values && bwi_template_text(t).n > BW_MAX_BXML) {
		bwi_loader_error(l, node,
		    "<Response>: larger than the %d bytes that Bandwidth "
		    "accepts",
		    BW_MAX_BXML);
		return NULL;
	}
	return t;
}
